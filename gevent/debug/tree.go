package debug

import (
	"bytes"
	"fmt"
	"io"
)

func treePage(q *request) (*answer, error) {
	stacks, err := q.flag("stacks")
	if err != nil {
		return nil, err
	}
	v := q.view
	trees := &v.trees[0]
	if stacks {
		trees = &v.trees[1]
	}
	tree, err := trees.ask(q.Context(), v, q.handler.patience, func() io.WriterTo { return v.hub.TakeTree(stacks) })
	return &answer{kind: textKind, write: func() ([]byte, error) {
		var b bytes.Buffer
		fmt.Fprintf(&b, "hub %d\n", v.number)
		_, err := tree.WriteTo(&b)
		return b.Bytes(), err
	}}, err
}
