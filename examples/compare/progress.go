package main

import (
	"fmt"
	"io"
	"os"
)

// progress tells who waits how far it is: on a terminal in one line that is written over and over, elsewhere with a line for
// each workload.
type progress struct {
	out      io.Writer
	terminal bool
	done     int
	doing    string
}

func newProgress(out io.Writer) *progress {
	p := &progress{out: out}
	if f, ok := out.(*os.File); ok {
		info, err := f.Stat()
		p.terminal = err == nil && info.Mode()&os.ModeCharDevice != 0
	}
	return p
}

// clearLine goes back to the start of the terminal's line and empties it.
const clearLine = "\r\x1b[K"

// Between these a terminal does not wrap: in a narrow one a second line would stay, as clearLine empties only the last.
const noWrap, wrapAgain = "\x1b[?7l", "\x1b[?7h"

// begin says that the next of so many workloads begins.
func (p *progress) begin(of int, name string) {
	p.done++
	p.doing = fmt.Sprintf("%d/%d %s", p.done, of, name)
	if !p.terminal {
		fmt.Fprintln(p.out, p.doing)
	}
}

func (p *progress) say(format string, args ...any) {
	if p.terminal {
		fmt.Fprint(p.out, clearLine, noWrap, p.doing, ": ", fmt.Sprintf(format, args...), wrapAgain)
	}
}

// end leaves an empty line to those who write next.
func (p *progress) end() {
	if p.terminal {
		fmt.Fprint(p.out, clearLine)
	}
}
