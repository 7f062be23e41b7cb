package main

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
)

func main() {
	runs := flag.Int("runs", 11, "runs of each benchmark")
	flag.Parse()
	if err := run(*runs); err != nil {
		fmt.Fprintln(os.Stderr, "hooks:", err)
		os.Exit(1)
	}
}

func run(runs int) (err error) {
	dir, err := os.MkdirTemp("", "hooks")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	overlay, err := writeCopy(dir, "../sched", "hooks/bare")
	if err != nil {
		return err
	}
	cmd := exec.Command("go", "run", "./compare", "-runs", strconv.Itoa(runs), "-base", "SwitchWithout",
		"-build", "-tags=bare -vet=off -overlay="+overlay, "./hooks") // vet would enter the directory that is not there
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	return cmd.Run()
}

// writeCopy writes the package in the directory from, without hooks, to dir, and the overlay that shows it to the go command in
// the directory to. It returns the overlay's name.
func writeCopy(dir, from, to string) (string, error) {
	names, err := filepath.Glob(filepath.Join(from, "*.go"))
	if err != nil {
		return "", err
	}
	to, err = filepath.Abs(to)
	if err != nil {
		return "", err
	}
	replace := map[string]string{}
	cuts := 0
	for _, name := range names {
		text, n, err := cut(name)
		switch {
		case err != nil:
			return "", err
		case text == nil:
			continue // a test
		}
		cuts += n
		file := filepath.Join(dir, filepath.Base(name))
		if err := os.WriteFile(file, text, 0o600); err != nil {
			return "", err
		}
		replace[filepath.Join(to, filepath.Base(name))] = file
	}
	if cuts < 10 {
		return "", fmt.Errorf("only %d questions for hooks found in %s; has it another form now?", cuts, from)
	}
	text, err := json.Marshal(map[string]any{"Replace": replace})
	if err != nil {
		return "", err
	}
	overlay := filepath.Join(dir, "overlay.json")
	return overlay, os.WriteFile(overlay, text, 0o600)
}
