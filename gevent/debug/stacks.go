package debug

import (
	"runtime"
	"sync"
	"time"

	"greenloop/gevent"
)

// stacksPage asks no hub, so that it answers while one is blocked.
func stacksPage(*request) (*answer, error) {
	write := func() ([]byte, error) { return dumps.take(dumps.board(nil)).text, nil }
	return &answer{kind: textKind, alone: true, write: write}, nil
}

// dumps is for all handlers: what it takes is of the process.
var dumps dumper

// A dumper takes the stacks of all goroutines, once for all who ask for the same until it begins, and seldom enough: the
// process stands still meanwhile.
type dumper struct {
	mu     sync.Mutex            // guards next
	next   map[*gevent.Hub]*dump // have not begun; somebody waits for each
	taking sync.Mutex            // guards what follows
	rested time.Time             // when the next one may begin
}

// A dump is of one hub, or of the process.
type dump struct {
	hub     *gevent.Hub // nil: of the process
	once    sync.Once
	text    []byte          // the stacks of the process
	blocked *gevent.Blocked // what has the thread of the hub
}

// rest is how long the process goes on between two dumps, as a multiple of what the former took.
const rest = 4

func (d *dumper) board(hub *gevent.Hub) *dump {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.next == nil {
		d.next = make(map[*gevent.Hub]*dump)
	}
	if d.next[hub] == nil {
		d.next[hub] = &dump{hub: hub}
	}
	return d.next[hub]
}

// take returns mine when it is there. It blocks, so it is not for a hub's thread.
func (d *dumper) take(mine *dump) *dump {
	mine.once.Do(func() {
		d.taking.Lock()
		defer d.taking.Unlock()
		time.Sleep(time.Until(d.rested))
		d.mu.Lock()
		delete(d.next, mine.hub)
		d.mu.Unlock()
		began := time.Now()
		if mine.hub == nil {
			mine.text = allStacks()
		} else {
			mine.blocked = mine.hub.Blocked()
		}
		d.rested = time.Now().Add(rest * time.Since(began))
	})
	return mine
}

// A stack is some 1 KiB; a dump is cut at maxDump.
const (
	stackSize = 2 << 10
	maxDump   = 256 << 20
)

func allStacks() []byte {
	for size := 64<<10 + runtime.NumGoroutine()*stackSize; ; size *= 2 {
		text := make([]byte, size)
		if n := runtime.Stack(text, true); n < size || size >= maxDump {
			return text[:n]
		}
	}
}
