package gevent

import (
	"net"
	"syscall"
)

// WriteBuffers writes all that the buffers contain, on Linux many with one system call, as net.Buffers.WriteTo does on
// connections of package net: for others that writes one buffer after the other. What has been written is taken out of v.
// Like a Write it is not mixed with others, and ends early as one does. Parks. Safe from any goroutine.
func (c *streamConn) WriteBuffers(v *net.Buffers) (int64, error) {
	if !c.fd.hub.here() {
		o, err := c.outside("write")
		if err != nil {
			return 0, err
		}
		return v.WriteTo(o)
	}
	var written int64
	err := c.fd.writeBy("writev", func(sysfd int) (bool, syscall.Errno) {
		some := (*v)[:min(len(*v), maxBuffers)]
		if len(some) == 0 {
			return true, 0
		}
		n, errno := sysWritev(sysfd, some)
		if errno != 0 {
			return false, errno
		}
		written += int64(n)
		consume(v, n)
		return len(*v) == 0, 0
	})
	return written, c.failed("write", err)
}

// maxBuffers is how many one system call takes: IOV_MAX of all these systems.
const maxBuffers = 1024

// consume takes n bytes out of v, and the empty buffers after them.
func consume(v *net.Buffers, n int) {
	for len(*v) > 0 {
		first := &(*v)[0]
		if n < len(*first) {
			*first = (*first)[n:]
			return
		}
		n -= len(*first)
		*first = nil // not kept alive by what is left
		*v = (*v)[1:]
	}
}
