package gevent

import (
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

// splice sends what comes from another connection, no more than limit bytes: large pieces through a pipe in the kernel,
// others through a buffer, which is cheaper up to some 64 KiB and costs a fifth more at 1 MiB (BenchmarkProxy). done is
// false if the rest, or all, has to be copied.
func (c *streamConn) splice(from *streamConn, limit int64) (n int64, done bool, err error) {
	if !from.fd.hub.here() || from.hasPackets() {
		return 0, false, nil
	}
	large := false
	for n < limit {
		var some int64
		var end bool
		if large {
			some, end, err = c.spliceSome(from, limit-n)
		} else if err = from.waitQuiet(); err == nil {
			some, end, err = copySome(c, from, limit-n)
		}
		n += some
		switch {
		case err == errNoSplice:
			return n, false, nil
		case err != nil || end:
			return n, true, err
		}
		large = some >= copySize
	}
	return n, true, nil
}

// spliceSome waits until something comes, and sends it. It has a pipe only meanwhile, so that a proxy of connections at
// rest holds none.
func (c *streamConn) spliceSome(from *streamConn, limit int64) (n int64, end bool, err error) {
	src := &from.fd
	for {
		src.hub.sched.Spend()
		if err := src.check(&src.r); err != nil {
			return 0, false, from.readFailed(err)
		}
		if src.r.ready || src.hup {
			n, end, err := c.spliceNow(from, limit)
			if n > 0 || end || err != nil {
				return n, end, err
			}
			src.r.ready = false
		}
		if err := src.wait(&src.r, readable, toRead); err != nil {
			return 0, false, from.readFailed(err)
		}
	}
}

// spliceNow sends what has come; it returns nothing at all if nothing has.
func (c *streamConn) spliceNow(from *streamConn, limit int64) (n int64, end bool, err error) {
	h := c.fd.hub
	p, err := h.pipes.take()
	if err != nil {
		return 0, false, errNoSplice
	}
	defer h.pipes.give(p) // also if we are killed meanwhile
	got, errno := sysSplice(int(from.fd.sysfd), p.w, int(min(limit, pipeSize)))
	switch {
	case errno == syscall.EAGAIN:
		return 0, false, nil
	case errno == syscall.EINVAL || errno == syscall.ENOSYS:
		return 0, false, errNoSplice
	case errno != 0:
		return 0, false, from.readFailed(os.NewSyscallError("splice", errno))
	case got == 0:
		return 0, true, nil
	}
	p.left = got
	err = c.fd.writeBy("splice", func(sysfd int) (bool, syscall.Errno) {
		sent, errno := sysSplice(p.r, sysfd, p.left)
		p.left -= sent
		n += int64(sent)
		return p.left == 0, errno
	})
	return n, false, c.failed("write", err)
}

// errNoSplice says that these two sockets, or this kernel, need the bytes copied.
var errNoSplice = os.NewSyscallError("splice", syscall.EINVAL)

func sysSplice(from, to, count int) (int, syscall.Errno) {
	for {
		n, err := unix.Splice(from, nil, to, nil, count, unix.SPLICE_F_NONBLOCK|unix.SPLICE_F_MOVE)
		if err != unix.EINTR {
			return int(max(n, 0)), asErrno(err)
		}
	}
}

// A kernelPipe is what spliced bytes go through.
type kernelPipe struct {
	r, w int
	left int // bytes in it
}

// pipeSize is what is asked for. Without privileges a user may have 64 MiB of pipes, and gets small ones then.
const pipeSize = 256 << 10

// kernelPipes are those that are not in use now.
type kernelPipes struct{ spare []*kernelPipe }

func (ps *kernelPipes) take() (*kernelPipe, error) {
	if last := len(ps.spare) - 1; last >= 0 {
		p := ps.spare[last]
		ps.spare = ps.spare[:last]
		return p, nil
	}
	var ends [2]int
	if err := unix.Pipe2(ends[:], unix.O_CLOEXEC|unix.O_NONBLOCK); err != nil {
		return nil, os.NewSyscallError("pipe2", err)
	}
	_, _ = unix.FcntlInt(uintptr(ends[0]), unix.F_SETPIPE_SZ, pipeSize) // a smaller one does, too
	return &kernelPipe{r: ends[0], w: ends[1]}, nil
}

// give takes a pipe back. One that is not empty, since its writer has failed, is of no use to others.
func (ps *kernelPipes) give(p *kernelPipe) {
	if p.left > 0 || len(ps.spare) >= maxSparePipes {
		p.close()
		return
	}
	ps.spare = append(ps.spare, p)
}

// maxSparePipes are as many as are in use at once where writers seldom have to wait.
const maxSparePipes = 4

func (ps *kernelPipes) closeAll() {
	for _, p := range ps.spare {
		p.close()
	}
	ps.spare = nil
}

func (p *kernelPipe) close() {
	_ = closeFd(p.r)
	_ = closeFd(p.w)
}
