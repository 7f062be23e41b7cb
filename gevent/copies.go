package gevent

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"syscall"
	"time"

	"greenloop/sched"
)

// copies are the pipes between a command and its process, and the greenlets that copy through some of them.
type copies struct {
	input   *Stream    // nil: none
	outputs []*Stream  // from which we copy
	kept    []*Stream  // from which the user reads, and which the user closes
	theirs  []*os.File // the process's ends, which we close once it has them
	jobs    []copyJob
	feeder  *Greenlet // copies the input
	readers []*Greenlet
	running int // of feeder and readers
	wasCut  bool
	err     error // the first
}

// A copyJob is what one greenlet copies.
type copyJob struct {
	name string
	pipe *Stream
	in   io.Reader // to the pipe; nil: from it
	out  io.Writer
}

// StdinPipe returns a stream whose bytes are the program's standard input, which ends when it is closed. It is closed
// when the process has ended, too. Call it before Start. Hub thread only.
func (c *Cmd) StdinPipe() (*Stream, error) {
	h := c.at("Cmd.StdinPipe")
	if c.Stdin != nil || c.started {
		return nil, errors.New("gevent: StdinPipe after Start, or with Stdin set")
	}
	ours, theirs, err := c.pipe(h, "stdin", true)
	if err == nil {
		c.Stdin, c.copies.input = theirs, ours
	}
	return ours, err
}

// StdoutPipe returns a stream from which the program's standard output is read. Unlike that of os/exec it is not closed
// by Wait, so that nothing is cut off: it closes itself when Read has returned io.EOF. Who does not read that far
// closes it, as does the end of the hub. Call it before Start. Hub thread only.
func (c *Cmd) StdoutPipe() (*Stream, error) { return c.outPipe("stdout", &c.Stdout) }

// StderrPipe is StdoutPipe for the standard error. Hub thread only.
func (c *Cmd) StderrPipe() (*Stream, error) { return c.outPipe("stderr", &c.Stderr) }

func (c *Cmd) outPipe(name string, field *io.Writer) (*Stream, error) {
	h := c.at("Cmd.StdoutPipe or StderrPipe")
	if *field != nil || c.started {
		return nil, errors.New("gevent: pipe for " + name + " after Start, or with a writer set")
	}
	ours, theirs, err := c.pipe(h, name, false)
	if err == nil {
		*field, ours.closing = theirs, true
		c.copies.kept = append(c.copies.kept, ours)
	}
	return ours, err
}

// pipe makes a pipe to or from the process. Its end blocks, as programs expect, ours does not.
func (c *Cmd) pipe(h *Hub, name string, toIt bool) (*Stream, *os.File, error) {
	if err := h.canStream(name); err != nil {
		return nil, nil, err
	}
	mine, its, err := sysPipe()
	if err != nil {
		return nil, nil, err
	}
	if toIt {
		mine, its = its, mine
	}
	ours, err := h.newStream(mine, name+" of "+c.Path)
	if err != nil {
		_ = closeFd(its)
		return nil, nil, err
	}
	theirs := os.NewFile(uintptr(its), name)
	c.copies.theirs = append(c.copies.theirs, theirs)
	return ours, theirs, nil
}

// connect decides what the standard files of the process are. Without a poller package os/exec copies, on goroutines.
func (c *Cmd) connect(h *Hub) (err error) {
	in := c.inner
	if h.poll == nil {
		in.Stdin, in.Stdout, in.Stderr, in.WaitDelay = direct(c.Stdin), direct(c.Stdout), direct(c.Stderr), c.WaitDelay
		return nil
	}
	if in.Stdin, err = c.input(h); err != nil {
		return err
	}
	if in.Stdout, err = c.outputTo(h, "stdout", c.Stdout); err != nil {
		return err
	}
	if sameWriter(c.Stdout, c.Stderr) {
		in.Stderr = in.Stdout
		return nil
	}
	in.Stderr, err = c.outputTo(h, "stderr", c.Stderr)
	return err
}

// direct is the *os.File of a *File, and anything else as it is.
func direct[T any](v T) T {
	if f, ok := any(v).(*File); ok {
		return any(f.file).(T)
	}
	return v
}

func (c *Cmd) input(h *Hub) (io.Reader, error) {
	in := direct(c.Stdin)
	if _, ok := in.(*os.File); ok || in == nil {
		return in, nil
	}
	ours, theirs, err := c.pipe(h, "stdin", true)
	if err != nil {
		return nil, err
	}
	c.copies.input = ours
	c.copies.jobs = append(c.copies.jobs, copyJob{name: "stdin", pipe: ours, in: in})
	return theirs, nil
}

func (c *Cmd) outputTo(h *Hub, name string, w io.Writer) (io.Writer, error) {
	w = direct(w)
	if _, ok := w.(*os.File); ok || w == nil {
		return w, nil
	}
	ours, theirs, err := c.pipe(h, name, false)
	if err != nil {
		return nil, err
	}
	c.copies.outputs = append(c.copies.outputs, ours)
	c.copies.jobs = append(c.copies.jobs, copyJob{name: name, pipe: ours, out: w})
	return theirs, nil
}

// sameWriter reports whether two writers are one; those that cannot be compared are not.
func sameWriter(a, b io.Writer) bool {
	defer func() { _ = recover() }()
	return a != nil && a == b
}

// begin starts the greenlets; the conductor is made ready when the last has ended.
func (p *copies) begin(h *Hub, conductor *sched.Task) {
	for _, j := range p.jobs {
		g := new(Greenlet)
		g.start(h, fmt.Sprintf("%s of %s", j.name, conductor.Name()), func() error {
			if j.in != nil {
				return j.feed()
			}
			return j.collect(p)
		})
		p.running++
		g.task.OnDone(func() {
			_ = j.pipe.Close()
			if err := g.Err(); p.err == nil && !p.wasCut && !errors.Is(err, ErrExit) {
				p.err = err
			}
			if p.running--; p.running == 0 {
				h.sched.Ready(conductor)
			}
		})
		if j.in != nil {
			p.feeder = g
		} else {
			p.readers = append(p.readers, g)
		}
	}
	p.jobs = nil
}

// feed copies to the process. That it does not want to read any more is no error.
func (j copyJob) feed() error {
	_, err := io.Copy(j.pipe, j.in)
	if errors.Is(err, syscall.EPIPE) || errors.Is(err, fs.ErrClosed) {
		return nil
	}
	return err
}

// collect copies from the process, until the end or the cut.
func (j copyJob) collect(p *copies) error {
	buf := make([]byte, 32<<10)
	for left := maxDrain; left > 0; {
		n, err := j.pipe.Read(buf)
		if p.wasCut && errors.Is(err, os.ErrDeadlineExceeded) {
			n, err = j.pipe.readNow(buf)
			left -= n
		}
		if n > 0 {
			if _, err := j.out.Write(buf[:n]); err != nil {
				return err
			}
		}
		switch {
		case err == io.EOF:
			return nil
		case err != nil:
			return err
		}
	}
	return nil
}

// maxDrain is how much is read after the cut: what a pipe can hold at the most, without privileges.
const maxDrain = 1 << 20

// readNow reads what is there, io.EOF if nothing is, past any deadline.
func (s *Stream) readNow(b []byte) (int, error) {
	n, _ := sysRead(int(s.fd.sysfd), s.fd.socket, b)
	if n <= 0 {
		return 0, io.EOF
	}
	return n, nil
}

// cut ends the copying, by the conductor: what is in the pipes is still read, what needs a wait for that is not. Writers
// have a moment to take it.
func (p *copies) cut(h *Hub) {
	p.wasCut = true
	for _, s := range p.outputs {
		_ = s.SetReadDeadline(time.Unix(1, 0)) // one that is closed needs none
	}
	for until := h.sched.After(lastWords); p.running > 0 && h.sched.Now() < until; {
		_ = h.sched.ParkUntil(toCopy, until)
	}
	for _, g := range p.readers {
		g.KillAsync()
	}
}

const lastWords = 100 * time.Millisecond

const toCopy = sched.Why("output of a process")

// stopFeeding ends the input: the one who would read it has ended.
func (p *copies) stopFeeding() {
	if p.feeder != nil {
		p.feeder.KillAsync()
	}
	if p.input != nil {
		_ = p.input.Close() // the user may have closed it
	}
}

// closeTheirs closes the process's ends, which it has got, or never will.
func (p *copies) closeTheirs() {
	for _, f := range p.theirs {
		_ = f.Close()
	}
	p.theirs = nil
}

// closeOurs closes our ends, with those that are the user's if all is given up. Some are closed already.
func (p *copies) closeOurs(all bool) {
	if p.input != nil {
		_ = p.input.Close()
	}
	for _, s := range p.outputs {
		_ = s.Close()
	}
	if all {
		for _, s := range p.kept {
			_ = s.Close()
		}
	}
}
