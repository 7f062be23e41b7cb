package main

import (
	"fmt"
	"io"

	"greenloop/examples/internal/teach"
)

// A stage is where the parent says what happens, in the reader's language. There may be several readers. A child says
// nothing: it tells its parent.
type stage []reader

type reader struct {
	out   io.Writer
	words teach.Words
}

// say prints one line, to each in the reader's language.
func (s stage) say(format string, args ...any) {
	for _, r := range s {
		fmt.Fprint(r.out, r.words.Line(format, args...))
	}
}
