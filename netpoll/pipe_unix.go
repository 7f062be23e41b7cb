//go:build unix

package netpoll

import (
	"errors"
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

// wakePipe carries wake-ups to a backend whose kernel has no lighter thing for them.
type wakePipe struct {
	r, w    int
	drained [64]byte
}

var wakeByte = []byte{1}

func openWakePipe() (waker, error) {
	var ends [2]int
	// pipe2 is not on every Unix; the lock keeps a fork elsewhere from inheriting an end before it is marked.
	syscall.ForkLock.RLock()
	err := unix.Pipe(ends[:])
	if err == nil {
		unix.CloseOnExec(ends[0])
		unix.CloseOnExec(ends[1])
	}
	syscall.ForkLock.RUnlock()
	if err != nil {
		return nil, os.NewSyscallError("pipe", err)
	}
	p := &wakePipe{r: ends[0], w: ends[1]}
	if err := errors.Join(unix.SetNonblock(p.r, true), unix.SetNonblock(p.w, true)); err != nil {
		return nil, errors.Join(os.NewSyscallError("fcntl", err), p.close())
	}
	return p, nil
}

func (p *wakePipe) fd() int { return p.r }

func (p *wakePipe) signal() error {
	for {
		switch _, err := unix.Write(p.w, wakeByte); err {
		case nil, unix.EAGAIN: // full: there is a byte that nobody has read yet
			return nil
		case unix.EINTR:
		default:
			return os.NewSyscallError("write", err)
		}
	}
}

func (p *wakePipe) drain() error {
	for {
		n, err := unix.Read(p.r, p.drained[:])
		switch {
		case err == unix.EINTR, err == nil && n == len(p.drained):
		case err == nil, err == unix.EAGAIN:
			return nil
		default:
			return os.NewSyscallError("read", err)
		}
	}
}

func (p *wakePipe) close() error {
	return errors.Join(os.NewSyscallError("close", unix.Close(p.r)), os.NewSyscallError("close", unix.Close(p.w)))
}
