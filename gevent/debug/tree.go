package debug

import (
	"bytes"
	"fmt"
	"runtime/pprof"
)

func treePage(q *request) (*answer, error) {
	stacks, err := q.flag("stacks")
	if err != nil {
		return nil, err
	}
	v := q.view
	text, err := ask(q.Context(), v, q.handler.patience, func() []byte {
		var b bytes.Buffer
		fmt.Fprintf(&b, "hub %d\n", v.number)
		if stacks {
			_ = v.hub.DumpStacks(&b) // a Buffer takes everything
		} else {
			_ = v.hub.DumpTree(&b)
		}
		return b.Bytes()
	})
	return &answer{kind: textKind, write: func() ([]byte, error) { return text, nil }}, err
}

// stacksPage asks no hub, so that it answers while one is blocked.
func stacksPage(*request) (*answer, error) {
	return &answer{kind: textKind, write: func() ([]byte, error) {
		var b bytes.Buffer
		err := pprof.Lookup("goroutine").WriteTo(&b, 2)
		return b.Bytes(), err
	}}, nil
}
