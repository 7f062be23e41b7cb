package main

import (
	"fmt"
	"io"
	"strings"
)

// A stage is where the parent says what happens, in the reader's language. There may be several readers. A child says
// nothing: it tells its parent.
type stage []reader

type reader struct {
	out   io.Writer
	words map[string]string // each format without the blanks before it, in the reader's language; nil: as it is
}

const margin = "    " // of what a program prints

// say prints one line. The blanks before the text stay; the rest is translated, if it is to be.
func (s stage) say(format string, args ...any) {
	text := strings.TrimLeft(format, " ")
	indent := format[:len(format)-len(text)]
	for _, r := range s {
		line := text
		if translated, ok := r.words[text]; ok {
			line = translated
		}
		fmt.Fprintf(r.out, margin+indent+line+"\n", args...)
	}
}
