package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"time"
)

// patience is how long one process may take. All but those on very slow machines take about a second.
const patience = 2 * time.Minute

// process is what does the work once. What it starts in turn must not keep us waiting when it is killed, hence WaitDelay.
func (l *lab) process(ctx context.Context, w *workload, c contender, size int) *exec.Cmd {
	cmd := exec.CommandContext(ctx, l.program, "-child", w.name, c.name, strconv.Itoa(size))
	if c.python {
		script := filepath.Join(l.dir, "python", w.name+".py")
		cmd = exec.CommandContext(ctx, l.python, "-B", script, c.name, strconv.Itoa(size))
	}
	if c.procs != "" {
		cmd.Env = append(os.Environ(), "GOMAXPROCS="+c.procs)
	}
	cmd.WaitDelay = time.Second
	return cmd
}

// sample does the work once, in a process of its own, and checks what came out.
func (l *lab) sample(ctx context.Context, w *workload, c contender, size int) (s sample, err error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	cmd := l.process(ctx, w, c, size)
	var errs bytes.Buffer
	cmd.Stderr = &errs
	out, err := cmd.Output()
	switch {
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		return s, fmt.Errorf("not done after %v", patience)
	case ctx.Err() != nil:
		return s, errors.New("interrupted")
	case err != nil:
		return s, fmt.Errorf("%w: %s", err, shortened(errs.String()))
	}
	if err := json.Unmarshal(out, &s); err != nil {
		return s, fmt.Errorf("%w in %q", err, out)
	}
	if want := w.answer(size); s.Answer != want {
		return s, fmt.Errorf("the answer is %d, not %d", s.Answer, want)
	}
	if w.cpuTime {
		s.Seconds = s.CPU
	}
	return s, nil
}
