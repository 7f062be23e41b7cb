package multiprocessing

import (
	"fmt"
	"math"
	"sync/atomic"
	"time"

	"greenloop/gevent"
)

// A Semaphore is a number of tokens that processes share: Acquire takes one, and waits while there is none. It travels
// in the arguments of a process and in values that a Sender sends, and is shared then. Which of several processes gets
// a token next is not said, but none waits for ever while others take them again and again; within a process it is the
// greenlet that has waited longest.
//
// A token belongs to the process that has acquired it, until somebody releases one: that process itself, or any other
// one. If it ends before, even by SIGKILL, its tokens come back as soon as somebody waits for one, and for each such
// death one of the next owners gets ErrHolderDied. So tokens that are acquired for good, as signals that something has
// happened, would come back, too: use an Event for that, or a queue. As many as 1000 processes can have tokens at a time;
// the next one waits for one of them.
type Semaphore struct{ shared }

// A BoundedSemaphore is a Semaphore that never has more tokens than it began with: a Release too many is ErrNotHeld.
type BoundedSemaphore struct{ Semaphore }

// A semaphoreState is what is shared of a semaphore, with the seats behind it: how many tokens each process has. How
// many are free is never written down, but computed.
type semaphoreState struct {
	total atomic.Int64
	next  precedence
}

// diedHere is the count of a seat whose process has died with tokens, until the next owner of one is told.
const diedHere = -1

// NewSemaphore returns a semaphore of n tokens. The error is about an n below zero, that of the system, such as EMFILE,
// or errors.ErrUnsupported. Hub thread only.
func NewSemaphore(n int) (*Semaphore, error) {
	r, err := newTokens(semaphoreKind, n)
	if err != nil {
		return nil, err
	}
	return &Semaphore{shared{r}}, nil
}

// NewBoundedSemaphore is NewSemaphore for a bounded one. Hub thread only.
func NewBoundedSemaphore(n int) (*BoundedSemaphore, error) {
	r, err := newTokens(boundedSemaphoreKind, n)
	if err != nil {
		return nil, err
	}
	return &BoundedSemaphore{Semaphore{shared{r}}}, nil
}

func newTokens(kind kind, n int) (*region, error) {
	if n < 0 {
		return nil, fmt.Errorf("mp: a semaphore of %d tokens: begin with zero or more", n)
	}
	r, err := newRegion(kind, sizeOf[semaphoreState]()+sizeOfSeats, 0)
	if err != nil {
		return nil, err
	}
	at[semaphoreState](r, 0).total.Store(int64(n))
	return r, nil
}

// GobDecode opens the semaphore that has come, for package gob.
func (s *Semaphore) GobDecode(b []byte) error { return s.arrive(b, semaphoreKind, 0) }

// GobDecode opens the semaphore that has come, for package gob.
func (s *BoundedSemaphore) GobDecode(b []byte) error { return s.arrive(b, boundedSemaphoreKind, 0) }

// Acquire waits for a token and takes it. With ErrHolderDied it has taken one, too. Any other error was thrown at the
// greenlet. Parks. Hub thread only.
func (s *Semaphore) Acquire() error { return s.AcquireTimeout(gevent.Never) }

// AcquireTimeout is Acquire that waits no longer than d, and returns ErrTimeout then; with a d of zero or less it waits
// for nothing. Parks. Hub thread only.
func (s *Semaphore) AcquireTimeout(d time.Duration) error {
	r, err := s.open()
	if err != nil {
		return err
	}
	t := tokensOf(r)
	now := tokenWish{applicant: applicant{&t.state.next, r, 0}, tokens: t}
	if !r.turn.Locked() && now.atOnce() {
		return now.err
	}
	w := now
	if err := r.awaitTurn(d, &w); err != nil {
		return err
	}
	r.leave()
	return w.err
}

// TryAcquire takes a token if one is free, and reports whether it did. The error may be ErrHolderDied, then it did.
// Does not park. Hub thread only.
func (s *Semaphore) TryAcquire() (bool, error) { return tried(s.AcquireTimeout(0)) }

// Release gives a token back: one of this process; else one that another process has; else, if none has any, a new
// one, unless the semaphore is bounded: then that is ErrNotHeld. Does not park. Hub thread only.
func (s *Semaphore) Release() error { return s.ReleaseN(1) }

// ReleaseN is n times Release, of all or none; an n below one is an error, and one with which there would be more tokens
// than an int64 counts. Does not park. Hub thread only.
func (s *Semaphore) ReleaseN(n int) error {
	r, err := s.open()
	switch {
	case err != nil:
		return err
	case n < 1:
		return fmt.Errorf("mp: a release of %d tokens: release one or more", n)
	}
	t := tokensOf(r)
	r.surely(func() {
		if r.kind == boundedSemaphoreKind && t.taken() < int64(n) {
			err = ErrNotHeld
			return
		}
		if room := math.MaxInt64 - t.state.total.Load(); room < int64(n) && room < int64(n)-t.taken() {
			err = errTokens
			return
		}
		r.ring()
		t.giveBack(int64(n))
	})
	return err
}

// giveBack makes n tokens free.
func (t tokens) giveBack(n int64) {
	if mine := t.seats.of(me()); mine != nil {
		n -= mine.giveBack(n)
	}
	for i := 0; n > 0 && i < len(t.seats) && t.seats[i].of.Load() != 0; i++ {
		n -= t.seats[i].giveBack(n)
	}
	if n > 0 {
		t.state.total.Add(n)
	}
}

// giveBack takes up to n tokens off a seat, and returns how many those are.
func (s *seat) giveBack(n int64) int64 {
	n = min(n, s.count.Load())
	if n <= 0 {
		return 0
	}
	s.count.Add(-n)
	return n
}

// Value returns how many tokens are free. Those of processes that have died are not as long as nobody has waited. Hub
// thread only.
func (s *Semaphore) Value() int {
	r := s.use(semaphoreKind)
	r.enter()
	defer r.leave()
	return int(tokensOf(r).free())
}

// With calls fn while it has a token, and returns its error. If none could be acquired, fn is not called; if a former
// owner has died it is not called either, the token is released, and the error is ErrHolderDied. Parks. Hub thread only.
func (s *Semaphore) With(fn func() error) error { return with(s, fn) }

// tokens are those of a semaphore. They are used within the latch only.
type tokens struct {
	state *semaphoreState
	seats seats
}

func tokensOf(r *region) tokens {
	return tokens{at[semaphoreState](r, 0), seatsAt(r, sizeOf[semaphoreState]())}
}

// taken returns how many tokens the processes have.
func (t tokens) taken() (n int64) {
	for i := range t.seats {
		st := &t.seats[i]
		if st.of.Load() == 0 {
			break
		}
		n += max(st.count.Load(), 0)
	}
	return n
}

func (t tokens) free() int64 { return t.state.total.Load() - t.taken() }

// untold returns the seat of a process that has died with tokens of which nobody has been told, nil if there is none.
func (t tokens) untold() *seat {
	for i := range t.seats {
		st := &t.seats[i]
		if st.of.Load() == 0 {
			break
		}
		if st.count.Load() == diedHere {
			return st
		}
	}
	return nil
}

// sit returns this process's seat, be it one from which it will be told of a death; nil if all others have tokens.
func (t tokens) sit(untold *seat) *seat {
	mine := t.seats.mine()
	if mine == nil && untold != nil {
		untold.of.Store(uint64(me()))
		return untold
	}
	return mine
}

// A tokenWish is to have a token.
type tokenWish struct {
	applicant
	tokens
	err error
}

// atOnce reports whether the wish is granted. Without an interface it need not be allocated.
func (w *tokenWish) atOnce() bool {
	w.region.enter()
	granted := w.granted()
	w.region.leave()
	return granted
}

func (w *tokenWish) granted() bool {
	free := w.free()
	if free <= 0 || !w.mayPass() {
		w.refused()
		return false
	}
	untold := w.untold()
	mine := w.sit(untold)
	if mine == nil { // without precedence, which would keep off those who have a seat
		w.withdrawn()
		return false
	}
	if mine.count.Load() == diedHere { // taken over before: another death than the first one there is
		untold = mine
	}
	if free > 1 && w.precedence.of.Load() != 0 {
		w.region.ring() // there is something for those who have let us pass
	}
	mine.count.Store(max(mine.count.Load(), 0) + 1)
	w.served()
	if untold != nil {
		w.err = ErrHolderDied
		if untold != mine {
			untold.count.Store(0)
		}
	}
	return true
}

func (w *tokenWish) holders(list []identity) []identity {
	if w.free() > 0 && w.sit(w.untold()) != nil {
		return w.applicant.holders(list)
	}
	for i := range w.seats {
		st := &w.seats[i]
		if st.of.Load() == 0 {
			break
		}
		if st.count.Load() > 0 {
			list = append(list, identity(st.of.Load()))
		}
	}
	return w.applicant.holders(list)
}

func (w *tokenWish) fallen(id identity) {
	if st := w.seats.of(id); st != nil && st.count.Load() > 0 {
		st.count.Store(diedHere)
	}
	w.applicant.fallen(id)
}
