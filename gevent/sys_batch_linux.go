package gevent

import (
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// A batch is the scratch of recvmmsg and sendmmsg: of one system call, between two waits.
type batch struct {
	headers []batchHeader
	vectors []unix.Iovec
	names   []sysName
}

// A batchHeader is the kernel's mmsghdr.
type batchHeader struct {
	unix.Msghdr
	n uint32
}

// mostAtOnce is how many messages the kernel takes in one call.
const mostAtOnce = 1024

// prepare makes b say what ms do.
func (b *batch) prepare(ms []Message) {
	n := len(ms)
	if cap(b.headers) < n {
		b.headers, b.names = make([]batchHeader, n), make([]sysName, n)
	}
	b.headers, b.names = b.headers[:n], b.names[:n]
	vectors := 0
	for i := range ms {
		vectors += len(ms[i].Buffers)
	}
	if cap(b.vectors) < vectors {
		b.vectors = make([]unix.Iovec, 0, vectors)
	}
	b.vectors = b.vectors[:0]
	for i := range ms {
		m, h := &ms[i], &b.headers[i]
		*h = batchHeader{}
		if first := len(b.vectors); len(m.Buffers) > 0 {
			for _, buffer := range m.Buffers {
				v := unix.Iovec{Base: unsafe.SliceData(buffer)}
				v.SetLen(len(buffer))
				b.vectors = append(b.vectors, v)
			}
			h.Iov = &b.vectors[first]
			h.SetIovlen(len(m.Buffers))
		}
		if len(m.OOB) > 0 {
			h.Control = &m.OOB[0]
			h.SetControllen(len(m.OOB))
		}
	}
}

// name says that header i has the address that is in names.
func (b *batch) name(i int, length uint32) {
	b.headers[i].Name = (*byte)(unsafe.Pointer(&b.names[i].raw))
	b.headers[i].Namelen = length
}

// call makes the system call, and returns how many messages it has carried.
func (b *batch) call(number uintptr, fd int) (int, syscall.Errno) {
	n, _, errno := syscall.Syscall6(number, uintptr(fd), uintptr(unsafe.Pointer(&b.headers[0])), uintptr(len(b.headers)),
		unix.MSG_DONTWAIT, 0, 0)
	if errno != 0 {
		return 0, errno
	}
	return int(n), 0
}

// forget drops the caller's buffers.
func (b *batch) forget() {
	clear(b.headers)
	clear(b.vectors)
}

func (c *UDPConn) scratch() *batch {
	if c.batch == nil {
		c.batch = new(batch)
	}
	return c.batch
}

func (c *UDPConn) readBatch(ms []Message) (n int, err error) {
	ms = ms[:min(len(ms), mostAtOnce)]
	b := c.scratch()
	err = c.fd.receive("recvmmsg", func(sysfd int) (errno syscall.Errno) {
		b.prepare(ms)
		for i := range ms {
			b.names[i].raw.Family = unix.AF_UNSPEC
			b.name(i, unix.SizeofSockaddrInet6)
		}
		n, errno = b.call(unix.SYS_RECVMMSG, sysfd)
		for i := range n {
			m, h := &ms[i], &b.headers[i]
			m.N, m.NN, m.Flags = int(h.n), int(h.Controllen), int(h.Flags)
			m.Addr = c.sender(&b.names[i])
		}
		b.forget()
		return errno
	})
	return n, c.failed("read", err)
}

// writeBatch sends as many of ms as the system takes at once.
func (c *UDPConn) writeBatch(ms []Message) (n int, err error) {
	ms = ms[:min(len(ms), mostAtOnce)]
	scopes := make([]uint32, 0, 64) // on the stack
	for i := range ms {
		scope, err := c.aim(&ms[i])
		if err != nil && i == 0 {
			return 0, c.failBatch(ms, err)
		}
		if err != nil { // those before it go first
			ms = ms[:i]
			break
		}
		scopes = append(scopes, scope)
	}
	b := c.scratch()
	err = c.fd.send("sendmmsg", func(sysfd int) (errno syscall.Errno) {
		b.prepare(ms)
		for i := range ms {
			if c.remote == nil {
				b.names[i].set(ms[i].Addr, c.six, scopes[i])
				b.name(i, b.names[i].len)
			}
		}
		n, errno = b.call(unix.SYS_SENDMMSG, sysfd)
		for i := range n {
			ms[i].N, ms[i].NN = int(b.headers[i].n), len(ms[i].OOB)
		}
		b.forget()
		return errno
	})
	if err != nil {
		return 0, c.failBatch(ms, err)
	}
	return n, nil
}
