package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"

	"greenloop/bench/internal/loadresult"
)

// generator is a running load generator. It ends by itself, after its result or with an error.
type generator struct {
	process *exec.Cmd
	out     *bufio.Scanner
}

func startGenerator(program string, args ...string) (*generator, error) {
	g := &generator{process: exec.Command(program, args...)}
	g.process.Stderr = os.Stderr
	out, err := g.process.StdoutPipe()
	if err != nil {
		return nil, err
	}
	g.out = bufio.NewScanner(out)
	return g, g.process.Start()
}

// measuring waits until all connections are made and the warm-up is over.
func (g *generator) measuring() error {
	for {
		line, err := g.line()
		if err != nil || line == loadresult.Measuring {
			return err
		}
	}
}

// result waits for the end of the run.
func (g *generator) result() (loadresult.Result, error) {
	line, err := g.line()
	if err != nil {
		return loadresult.Result{}, err
	}
	var res loadresult.Result
	if err := json.Unmarshal([]byte(line), &res); err != nil {
		return loadresult.Result{}, fmt.Errorf("load generator's result: %w", err)
	}
	return res, nil
}

func (g *generator) line() (string, error) {
	if g.out.Scan() {
		return g.out.Text(), nil
	}
	return "", errors.Join(errors.New("the load generator ended early"), g.out.Err())
}

// wait waits for its end. Its error output has said what was wrong, if anything.
func (g *generator) wait() error {
	if err := g.process.Wait(); err != nil {
		return fmt.Errorf("load generator: %w", err)
	}
	return nil
}
