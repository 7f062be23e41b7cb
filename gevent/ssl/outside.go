package ssl

import (
	"net"

	"greenloop/gevent"
)

// This file is how goroutines that are not the hub's use a connection: the hub makes the call in a task of its own, which may wait,
// and they wait for its end. So nothing of the connection is ever touched on two threads.

// onHub calls fn on the hub's thread, and returns when it has ended, in whatever way. It reports false, and has not called fn, if the
// hub has ended.
func onHub(h *gevent.Hub, fn func()) bool {
	if gevent.GetHub() == h {
		fn()
		return true
	}
	ended := make(chan struct{})
	if !h.Post(func() {
		defer close(ended) // also if the hub ends meanwhile, which kills fn
		fn()
	}) {
		return false
	}
	<-ended
	return true
}

func (c *Conn) onHub(fn func()) bool { return onHub(c.hub, fn) }

func (c *Conn) here() bool { return gevent.GetHub() == c.hub }

// do calls op on the hub's thread. The error is net.ErrClosed if the hub has ended, or ends before op has.
func (c *Conn) do(op func() error) error {
	if c.here() {
		return op()
	}
	var err error
	ended := false
	c.onHub(func() { err = op(); ended = true })
	if !ended {
		return c.fail("use", net.ErrClosed)
	}
	return err
}

// transfer calls op, a read or a write, on the hub's thread. When it returns nothing touches b any more.
func (c *Conn) transfer(b []byte, op func([]byte) (int, error)) (int, error) {
	n := 0
	err := c.do(func() (err error) {
		n, err = op(b)
		return err
	})
	return n, err
}
