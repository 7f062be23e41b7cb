//go:build unix

package netpoll

import "golang.org/x/sys/unix"

const fakeCapacity = 4096

// fakeEnd is one end of a stream of the fakeKernel, guarded by its mu.
type fakeEnd struct {
	kernel  *fakeKernel
	number  int
	peer    *fakeEnd
	pending []byte // written by the peer, not yet read
	eof     bool   // the peer will write no more
	shut    bool   // this end will write no more
	reset   bool
	closed  bool
}

func (k *fakeKernel) streams() (*fakeEnd, *fakeEnd) {
	k.mu.Lock()
	defer k.mu.Unlock()
	a, b := &fakeEnd{kernel: k}, &fakeEnd{kernel: k}
	a.peer, b.peer = b, a
	a.number, b.number = k.install(a), k.install(b)
	return a, b
}

func (e *fakeEnd) fd() int { return e.number }

func (e *fakeEnd) write(b []byte) (int, error) {
	e.kernel.mu.Lock()
	defer e.kernel.mu.Unlock()
	switch room := fakeCapacity - len(e.peer.pending); {
	case e.closed:
		return 0, unix.EBADF
	case e.peer.closed, e.shut, e.reset:
		return 0, unix.EPIPE
	case room == 0:
		return 0, unix.EAGAIN
	default:
		b = b[:min(len(b), room)]
	}
	e.peer.pending = append(e.peer.pending, b...)
	e.kernel.touch(e.peer.number, readFilter)
	return len(b), nil
}

func (e *fakeEnd) read(b []byte) (int, error) {
	e.kernel.mu.Lock()
	defer e.kernel.mu.Unlock()
	switch {
	case e.closed:
		return 0, unix.EBADF
	case e.reset:
		return 0, unix.ECONNRESET
	case len(e.pending) == 0 && e.eof:
		return 0, nil
	case len(e.pending) == 0:
		return 0, unix.EAGAIN
	}
	n := copy(b, e.pending)
	e.pending = e.pending[n:]
	if !e.peer.closed {
		e.kernel.touch(e.peer.number, writeFilter)
	}
	return n, nil
}

func (e *fakeEnd) closeWrite() error {
	e.kernel.mu.Lock()
	defer e.kernel.mu.Unlock()
	e.shut, e.peer.eof = true, true
	e.kernel.touch(e.number, writeFilter)
	e.kernel.touch(e.peer.number, readFilter)
	return nil
}

func (e *fakeEnd) abort() error {
	e.kernel.mu.Lock()
	defer e.kernel.mu.Unlock()
	e.peer.reset = true
	return e.kernel.closeLocked(e.number)
}

func (e *fakeEnd) close() error { return e.kernel.closeFD(e.number) }

// fakePipe is a wakePipe in the fakeKernel.
type fakePipe struct{ r, w *fakeEnd }

func (p *fakePipe) fd() int { return p.r.fd() }

func (p *fakePipe) signal() error {
	if _, err := p.w.write([]byte{1}); err != unix.EAGAIN {
		return err
	}
	return nil
}

func (p *fakePipe) drain() error {
	for {
		if _, err := p.r.read(make([]byte, 64)); err == unix.EAGAIN {
			return nil
		} else if err != nil {
			return err
		}
	}
}

func (p *fakePipe) close() error {
	_ = p.w.close()
	return p.r.close()
}
