package control

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
)

const listeningOn = "listening on "

// Client is the driver's side: a running server and the pipes to it.
type Client struct {
	Addr string // where the server listens

	process *exec.Cmd
	in      io.WriteCloser
	out     *bufio.Scanner
}

// Start runs a server's program and returns once it listens.
func Start(program string, args ...string) (*Client, error) {
	c := &Client{process: exec.Command(program, args...)}
	c.process.Stderr = os.Stderr
	in, err := c.process.StdinPipe()
	if err != nil {
		return nil, fmt.Errorf("control: %w", err)
	}
	out, err := c.process.StdoutPipe()
	if err != nil {
		return nil, fmt.Errorf("control: %w", err)
	}
	if err := c.process.Start(); err != nil {
		return nil, fmt.Errorf("control: %w", err)
	}
	c.in, c.out = in, bufio.NewScanner(out)
	line, err := c.line()
	if err != nil {
		return nil, errors.Join(err, c.Stop())
	}
	addr, found := strings.CutPrefix(line, listeningOn)
	if !found {
		return nil, errors.Join(fmt.Errorf("control: %s began with %q, not with its address", program, line), c.Stop())
	}
	c.Addr = addr
	return c, nil
}

// Pid is the server's process id.
func (c *Client) Pid() int { return c.process.Process.Pid }

// Report asks the server for its figures.
func (c *Client) Report() (Report, error) { return c.ask("report") }

// Free has the server give unused memory back, then report.
func (c *Client) Free() (Report, error) { return c.ask("free") }

// Profile has the server begin a CPU profile, or end the one it began.
func (c *Client) Profile() (Report, error) { return c.ask("profile") }

// Stop ends the server by ending its input, and waits for it.
func (c *Client) Stop() error {
	return errors.Join(c.in.Close(), c.process.Wait())
}

func (c *Client) ask(command string) (Report, error) {
	if _, err := fmt.Fprintln(c.in, command); err != nil {
		return Report{}, fmt.Errorf("control: %s: %w", command, err)
	}
	line, err := c.line()
	if err != nil {
		return Report{}, err
	}
	var report Report
	if err := json.Unmarshal([]byte(line), &report); err != nil {
		return Report{}, fmt.Errorf("control: answer to %s: %w", command, err)
	}
	return report, nil
}

func (c *Client) line() (string, error) {
	if c.out.Scan() {
		return c.out.Text(), nil
	}
	if err := c.out.Err(); err != nil {
		return "", fmt.Errorf("control: %w", err)
	}
	return "", errors.New("control: the server ended by itself; its standard error says why")
}
