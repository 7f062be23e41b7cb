package multiprocessing

import (
	"bytes"
	"encoding/binary"
	"encoding/gob"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"syscall"
	"time"

	"greenloop/gevent"
)

// A launch is a Start and what follows from it: its greenlet, the keeper, starts the process and sees to its end, since
// it cannot be killed without its deferred function running once it has begun.
type launch struct {
	process  *Process
	with     transfer
	order    []byte // what the child is told
	over     gevent.Event
	launched bool
	err      error
	forsaken bool // whoever called Start is gone
}

// An order is what a child is told on its lifeline, after its length in eight bytes.
type order struct {
	Target   string
	Args     []byte
	Handles  int
	Identity string
	Name     string
	Daemon   bool
	Parent   parentInfo
}

type parentInfo struct {
	PID  int
	Name string
}

// marker is the environment variable that tells a program that it is a child.
const marker = "GREENLOOP_MULTIPROCESSING"

// lifelineFd is the lifeline's descriptor in a child; those of the handles follow.
const lifelineFd = 3

// prepare does what can be done before there is a process.
func (l *launch) prepare() error {
	p := l.process
	args, err := p.encode(&l.with)
	if err != nil {
		return err
	}
	var b bytes.Buffer
	b.Write(make([]byte, 8))
	err = gob.NewEncoder(&b).Encode(order{
		p.target, args, len(l.with.handles), p.identity, p.name, p.daemon, parentInfo{os.Getpid(), self.name},
	})
	if err != nil {
		return err
	}
	l.order = b.Bytes()
	binary.BigEndian.PutUint64(l.order, uint64(b.Len()-8))
	return l.with.open()
}

// keep is the keeper.
func (l *launch) keep() error {
	if l.forsaken {
		return nil
	}
	p := l.process
	l.err = l.start()
	l.launched = l.err == nil
	l.over.Set()
	if !l.launched {
		return nil
	}
	defer p.bury()
	for !p.exit.over {
		if err := p.exit.wait(gevent.Never); err != nil {
			return err
		}
	}
	return nil
}

func (l *launch) start() error {
	p := l.process
	program, err := os.Executable()
	if err != nil {
		return err
	}
	ours, theirs, err := newLifeline()
	if err != nil {
		return err
	}
	lifeline := os.NewFile(uintptr(ours), "lifeline")
	defer theirs.Close()
	cmd := &exec.Cmd{
		Path: program, Args: os.Args, Env: append(os.Environ(), marker+"=1"), Stdout: os.Stdout, Stderr: os.Stderr,
		ExtraFiles: append([]*os.File{theirs}, l.with.out...),
	}
	if err := cmd.Start(); err != nil {
		lifeline.Close()
		return fmt.Errorf("mp: start of %s: %w", p.name, err)
	}
	p.lifeline, p.hub, p.state = lifeline, gevent.GetHub(), started
	p.exit.begin(cmd)
	l.with.settle(true)
	family.add(p)
	l.brief(ours)
	return nil
}

// brief sends the order. What there is no room for is sent by a goroutine, since it must arrive even if this hub ends;
// its error would be that of a child that has ended.
func (l *launch) brief(sysfd int) {
	n, err := sysSend(sysfd, l.order, nil, nil)
	if err != nil && err != syscall.EAGAIN && err != syscall.EINTR {
		return
	}
	if rest, lifeline := l.order[max(n, 0):], l.process.lifeline; len(rest) > 0 {
		go func() { _, _ = lifeline.Write(rest) }()
	}
}

// grace is how long a daemonic process has, once it was told to end, until it is killed.
const grace = 2 * time.Second

// patient is how long the end of a hub waits in silence for a process that is not daemonic.
const patient = 5 * time.Second

// bury is the end of the keeper: if the process is alive then the hub ends. Daemonic processes are told to end, others
// waited for.
func (p *Process) bury() {
	defer p.finish()
	until := time.Duration(gevent.Never)
	switch {
	case p.exit.over:
	case p.daemon:
		_ = terminate(p.exit.cmd.Process)
		until = grace
	default:
		who := p.String()
		warning := time.AfterFunc(patient, func() {
			slog.Warn("mp: the main function has returned, and the hub waits for a process that is not daemonic", "process", who,
				"advice", "close the ends of pipes that it reads from, or kill it, before main returns")
		})
		defer warning.Stop()
	}
	for !p.exit.over {
		if err := p.exit.linger(until); errors.Is(err, gevent.ErrTimeout) {
			_ = p.exit.cmd.Process.Kill()
			until = gevent.Never
		}
	}
}

// finish lets all know that the process has ended.
func (p *Process) finish() {
	p.exit.end()
	p.noticed()
}

// look asks the system whether the process has ended.
func (p *Process) look() {
	if p.state == started && !p.ended.IsSet() && p.exit.look() {
		p.noticed()
	}
}

func (p *Process) noticed() {
	if p.exit.over && !p.ended.IsSet() {
		p.lifeline.Close()
		family.remove(p)
		sweepMemory() // what it has left, if it was killed
		p.ended.Set()
	}
}
