package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"

	"greenloop/bench/internal/loadresult"
)

// load is a running load generator.
type load struct {
	process *exec.Cmd
	in      io.WriteCloser
	out     *bufio.Scanner
}

// startLoad returns once all connections are made.
func startLoad(program string, args ...string) (*load, error) {
	l := &load{process: exec.Command(program, args...)}
	l.process.Stderr = os.Stderr
	in, err := l.process.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := l.process.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := l.process.Start(); err != nil {
		return nil, err
	}
	l.in, l.out = in, bufio.NewScanner(out)
	if err := l.expect(loadresult.Connected); err != nil {
		return nil, errors.Join(err, l.stop())
	}
	return l, nil
}

// expect reads the next line, which begins with the given word.
func (l *load) expect(word string) error {
	line, err := l.line()
	if err == nil && !strings.HasPrefix(line, word) {
		err = fmt.Errorf("load generator: %q instead of %q", line, word)
	}
	return err
}

// result waits for the end of the run.
func (l *load) result() (loadresult.Result, error) {
	line, err := l.line()
	if err != nil {
		return loadresult.Result{}, err
	}
	var res loadresult.Result
	if err := json.Unmarshal([]byte(line), &res); err != nil {
		return loadresult.Result{}, fmt.Errorf("load generator's result: %w", err)
	}
	return res, nil
}

// stop ends one that holds its connections, and waits for any.
func (l *load) stop() error {
	return errors.Join(l.in.Close(), l.process.Wait())
}

func (l *load) line() (string, error) {
	if l.out.Scan() {
		return l.out.Text(), nil
	}
	return "", errors.Join(errors.New("the load generator ended early"), l.out.Err())
}
