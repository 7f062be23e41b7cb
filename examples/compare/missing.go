package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os/exec"
	"strings"
	"time"
)

// answering is how long a program may take to say whether it is there. gevent's import from a cold disk takes seconds.
const answering = 30 * time.Second

// missing says why a runtime cannot be measured here, "" if it can. It tries the script that does nothing, since "import
// gevent" alone succeeds in any directory that has one of that name, as the root of this repository has.
func (l *lab) missing(ctx context.Context, c contender) string {
	if !c.python {
		return ""
	}
	if _, err := exec.LookPath(l.python); err != nil {
		return "there is no " + l.python
	}
	ctx, cancel := context.WithTimeout(ctx, answering)
	defer cancel()
	cmd := l.process(ctx, &idle, c, 0)
	var errs bytes.Buffer
	cmd.Stderr = &errs
	err := cmd.Run()
	switch {
	case err == nil:
		return ""
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		return fmt.Sprintf("%s did not answer in %v", l.python, answering)
	}
	lines := strings.Split(strings.TrimSpace(errs.String()), "\n") // of which Python's last one says what is wrong
	return fmt.Sprintf("%s: %v: %s", l.python, err, lines[len(lines)-1])
}

// shortened is what a process has said when it failed, without the middle of a dump of a thousand goroutines.
func shortened(text string) string {
	const first, last = 12, 6
	lines := strings.Split(strings.TrimSpace(text), "\n")
	if n := len(lines); n > first+last+1 {
		cut := fmt.Sprintf("… %d lines …", n-first-last)
		lines = append(append(lines[:first:first], cut), lines[n-last:]...)
	}
	return strings.Join(lines, "\n")
}
