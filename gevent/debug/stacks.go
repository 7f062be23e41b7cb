package debug

import (
	"runtime"
	"sync"
	"time"
)

// stacksPage asks no hub, so that it answers while one is blocked.
func stacksPage(*request) (*answer, error) {
	return &answer{kind: textKind, alone: true, write: func() ([]byte, error) { return dumps.take(dumps.board()), nil }}, nil
}

// dumps is for all handlers: what it takes is of the process.
var dumps dumper

// A dumper takes the stacks of all goroutines, once for all who ask until it begins, and seldom enough: the process stands
// still meanwhile.
type dumper struct {
	mu     sync.Mutex // guards next
	next   *dump      // has not begun; nil if nobody waits for one
	taking sync.Mutex // guards what follows
	rested time.Time  // when the next one may begin
}

type dump struct {
	once sync.Once
	text []byte
}

// rest is how long the process goes on between two dumps, as a multiple of what the former took.
const rest = 4

func (d *dumper) board() *dump {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.next == nil {
		d.next = new(dump)
	}
	return d.next
}

// take returns the stacks of mine. It blocks, so it is not for a hub's thread.
func (d *dumper) take(mine *dump) []byte {
	mine.once.Do(func() {
		d.taking.Lock()
		defer d.taking.Unlock()
		time.Sleep(time.Until(d.rested))
		d.mu.Lock()
		d.next = nil
		d.mu.Unlock()
		began := time.Now()
		mine.text = allStacks()
		d.rested = time.Now().Add(rest * time.Since(began))
	})
	return mine.text
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
