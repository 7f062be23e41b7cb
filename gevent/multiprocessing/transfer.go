package multiprocessing

import (
	"io"
	"os"
	"sync"
	"sync/atomic"

	"greenloop/gevent"
)

// A transfer is what a value takes along to another process beside its bytes: handles. In the bytes each is its number.
type transfer struct {
	handles []lending  // on the way out
	out     []*os.File // of handles, once they are open
	files   []int      // on the way in; -1 for one that somebody has taken
	made    map[int]*Connection
	regions map[byte]*region
	opened  []io.Closer // of files
}

// A lending is a handle that is to be moved.
type lending struct {
	key  any
	dup  func() (*os.File, error)
	gone func() // it is moved: nothing of it is ours any more
}

// transfers has the transfer for which a value is being encoded or decoded, since package gob cannot tell the values
// about it. Nothing parks while the lock is held.
var transfers struct {
	sync.Mutex
	current *transfer
	hub     atomic.Pointer[gevent.Hub] // that has the lock
}

const textParked = "mp: a value is encoded or decoded while another one is: a GobEncode or GobDecode of this program has " +
	"parked, or has sent or received something itself: let it do so before or after"

// gobOut appends v to b.
func (t *transfer) gobOut(g *gobber, b []byte, v any) ([]byte, error) {
	defer t.begin()()
	return g.encode(b, v)
}

// gobIn decodes b into what v points to. If that fails, nobody gets the handles of which something has been made: they
// are closed.
func (t *transfer) gobIn(g *gobber, b []byte, v any) (err error) {
	defer t.begin()()
	done := false
	defer func() { // also if a GobDecode panics
		if done || t == nil {
			return
		}
		for _, c := range t.opened {
			c.Close()
		}
	}()
	err = g.decode(b, v)
	done = err == nil
	return err
}

// begin makes t, nil if there are no handles, the current transfer, until end.
func (t *transfer) begin() (end func()) {
	hub := gevent.GetHub()
	if hub != nil && transfers.hub.Load() == hub {
		panic(textParked) // else we would wait for our own thread, for ever
	}
	transfers.Lock()
	transfers.hub.Store(hub)
	transfers.current = t
	return endTransfer
}

func endTransfer() {
	transfers.current = nil
	transfers.hub.Store(nil)
	transfers.Unlock()
}

// lend makes a handle part of the transfer, and returns its number. key tells whether it is there already.
func (t *transfer) lend(key any, dup func() (*os.File, error), gone func()) (int, error) {
	for i, h := range t.handles {
		if h.key == key {
			return i, nil
		}
	}
	if len(t.handles) == maxHandles {
		return 0, errTooMany
	}
	t.handles = append(t.handles, lending{key, dup, gone})
	return len(t.handles) - 1, nil
}

// open opens descriptors for the handles. From the encoding on nobody else may use a connection, whose state is in the
// bytes: nothing that parks comes in between, and settle ends it.
func (t *transfer) open() error {
	for _, h := range t.handles {
		f, err := h.dup()
		if err != nil {
			t.settle(false)
			return err
		}
		t.out = append(t.out, f)
		h.leaves(true)
	}
	return nil
}

// settle is what follows after open: the handles are elsewhere, or ours as before. A second one does nothing.
func (t *transfer) settle(moved bool) {
	closeAll(t.out)
	for _, h := range t.handles {
		h.leaves(false)
		if moved {
			h.gone()
		}
	}
	t.out, t.handles = nil, nil
}

func (h *lending) leaves(on bool) {
	if c, ok := h.key.(*Connection); ok {
		c.leaving = on
	}
}

func closeAll(files []*os.File) {
	for _, f := range files {
		f.Close()
	}
}

// outgoing returns the transfer of the value that is being encoded.
func outgoing() (*transfer, error) {
	if transfers.current == nil {
		return nil, errAlone
	}
	return transfers.current, nil
}

// arrived returns the descriptor of that number, once.
func arrived(number int) (sysfd int, t *transfer, err error) {
	t = transfers.current
	if t == nil {
		return -1, nil, errAlone
	}
	if number < 0 || number >= len(t.files) || t.files[number] < 0 {
		return -1, nil, errWrongKind
	}
	sysfd, t.files[number] = t.files[number], -1
	return sysfd, t, nil
}

// dropRest closes what nobody has taken.
func (t *transfer) dropRest() { closeFiles(t.files) }
