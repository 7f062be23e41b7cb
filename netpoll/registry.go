package netpoll

import (
	"errors"
	"fmt"
	"io/fs"
	"math"
)

// token is what the kernel keeps with a registration and hands back with its events: index | generation<<32.
type token uint64

// wakeToken marks the wake-up; no watcher has generation 0.
const wakeToken token = 0

// kqueue on a 32-bit machine gives a token one word of 32 bits: there an index has 20 of them and a generation wraps after 12.
const (
	wide           = ^uint(0) >> 63 // 1 on a 64-bit machine, else 0
	indexBits      = 20 + 12*wide
	maxEntries     = 1<<indexBits - 1
	generationMask = 1<<(12+20*wide) - 1
)

func makeToken(index, generation uint32) token { return token(index) | token(generation)<<32 }
func (t token) index() uint32                  { return uint32(t) }
func (t token) generation() uint32             { return uint32(t >> 32) }

// registry maps tokens to watchers and collects the events of a batch. An entry's generation grows each time a watcher leaves it,
// so that an event with an older token finds nobody: neither the watcher that left nor the one that came after.
// Polling goroutine only.
type registry struct {
	entries []entry
	free    uint32   // first entry of the free list, as index+1; 0: none
	byFD    []uint32 // fd to index+1 of its entry; 0: not registered
	live    int      // registered watchers

	batch []Event // of the running or latest Wait; its capacity is the room that the caller gave
	woke  bool    // this batch holds a wake-up
}

type entry struct {
	watcher    *Watcher // nil while free
	generation uint32   // of this registration or, while free, of the next; never 0
	nextFree   uint32   // valid while free: the next free entry, as index+1
}

// enter registers w for fd and returns its token.
func (r *registry) enter(fd int, w *Watcher) (token, error) {
	switch {
	case fd < 0 || fd > math.MaxInt32:
		return 0, fmt.Errorf("not a file descriptor: %w", fs.ErrInvalid)
	case w.generation != 0:
		return 0, fmt.Errorf("the watcher is registered already, for fd %d: %w", w.fd, fs.ErrExist)
	case fd < len(r.byFD) && r.byFD[fd] != 0:
		return 0, fmt.Errorf("the fd has a watcher already (was that one removed before its fd was closed?): %w", fs.ErrExist)
	}
	index, ok := r.takeEntry()
	if !ok {
		return 0, errors.New("too many watchers")
	}
	for fd >= len(r.byFD) {
		r.byFD = append(r.byFD, 0)
	}
	e := &r.entries[index]
	e.watcher = w
	w.fd, w.index, w.generation = int32(fd), index, e.generation
	r.byFD[fd] = index + 1
	r.live++
	return makeToken(index, e.generation), nil
}

func (r *registry) takeEntry() (uint32, bool) {
	if r.free != 0 {
		index := r.free - 1
		r.free = r.entries[index].nextFree
		return index, true
	}
	if uint64(len(r.entries)) >= maxEntries {
		return 0, false
	}
	r.entries = append(r.entries, entry{generation: 1})
	return uint32(len(r.entries) - 1), true
}

// has reports whether w is registered here, and not in another poller.
func (r *registry) has(w *Watcher) bool {
	return w.generation != 0 && int(w.index) < len(r.entries) && r.entries[w.index].watcher == w
}

// leave unregisters w and takes back an event for it that was fetched but perhaps not yet looked at.
func (r *registry) leave(w *Watcher) {
	if int(w.slot) < len(r.batch) && r.batch[w.slot].Watcher == w {
		r.batch[w.slot] = Event{}
	}
	e := &r.entries[w.index]
	e.watcher = nil
	e.generation = (e.generation + 1) & generationMask
	if e.generation == 0 {
		e.generation = 1
	}
	e.nextFree, r.free = r.free, w.index+1
	r.byFD[w.fd] = 0
	w.fd, w.index, w.generation = 0, 0, 0
	r.live--
}

// begin starts a batch that is collected into events.
func (r *registry) begin(events []Event) {
	r.batch, r.woke = events[:0:len(events)], false
}

// room is how many kernel events a backend may fetch for this batch at most.
func (r *registry) room() int { return cap(r.batch) }

// report adds an event to the batch, or drops it if its watcher has left. Two events for one watcher become one.
func (r *registry) report(t token, m Mode) {
	if t == wakeToken {
		r.woke = true
		return
	}
	if int(t.index()) >= len(r.entries) {
		return
	}
	e := &r.entries[t.index()]
	w := e.watcher
	if w == nil || e.generation != t.generation() {
		return
	}
	if int(w.slot) < len(r.batch) && r.batch[w.slot].Watcher == w {
		r.batch[w.slot].Ready |= m
		return
	}
	w.slot = uint32(len(r.batch))
	r.batch = append(r.batch, Event{Watcher: w, Ready: m})
}
