package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"time"
)

// ofProcesses starts n processes, one after another, and exchanges bytes with each.
func ofProcesses(n, rounds int) (c cost, err error) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	for range n {
		one, err := ofProcess(rounds / n)
		if err != nil {
			return c, err
		}
		c.start, c.change, c.memory = c.start+one.start/n, c.change+one.change/n, one.memory
	}
	return c, nil
}

// ofProcess measures a cat, which sends back what it gets.
func ofProcess(rounds int) (c cost, err error) {
	l, err := newLine()
	if err != nil {
		return c, err
	}
	defer l.back.Close()
	cat := exec.Command("cat")
	cat.Stdin, cat.Stdout = l.theirIn, l.theirOut
	began := time.Now()
	err = cat.Start()
	l.theirIn.Close() // cat has them
	l.theirOut.Close()
	if err != nil {
		l.there.Close()
		return c, err
	}
	err = l.echo(1) // when the byte is back, it runs
	c.start, began = each(began, 1), time.Now()
	if err == nil {
		err = l.echo(rounds)
		c.change = each(began, 2*rounds)
	}
	memory, e := resident(cat.Process.Pid)
	c.memory = memory
	l.there.Close() // for cat, the end
	return c, errors.Join(err, e, cat.Wait())
}

// resident returns how much of a process is in memory, what it shares with others included.
func resident(pid int) (int, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/statm", pid))
	if fields := strings.Fields(string(text)); err == nil && len(fields) > 1 {
		pages, err := strconv.Atoi(fields[1])
		return pages * os.Getpagesize(), err
	}
	text, err = exec.Command("ps", "-o", "rss=", "-p", strconv.Itoa(pid)).Output()
	if err != nil {
		return 0, err
	}
	kilobytes, err := strconv.Atoi(strings.TrimSpace(string(text)))
	return kilobytes << 10, err
}
