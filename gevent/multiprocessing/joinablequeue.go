package multiprocessing

import (
	"time"

	"greenloop/gevent"
)

// A JoinableQueue is a Queue that counts the items which were put and are not done: whoever gets one calls TaskDone when
// it has dealt with it, and Join waits until all are done.
//
// An item that was got belongs to the process that has got it, until that calls TaskDone. If the process ends before, in
// whatever way, the item is lost: it counts as done, and Join says so with a LostError. As many as 1000 processes can
// have items at a time; the next one's Get waits for one of them.
type JoinableQueue[T any] struct {
	bounded[T]
	told int64 // lost items that Join has told of here
}

// NewJoinableQueue returns an empty queue, as NewQueue does. Hub thread only.
func NewJoinableQueue[T any](max int) (*JoinableQueue[T], error) {
	x, err := newExchange[T](joinableQueueKind, max)
	if err != nil {
		return nil, err
	}
	return &JoinableQueue[T]{bounded: bounded[T]{x}}, nil
}

// WithCodec is that of a Queue. Hub thread only.
func (q *JoinableQueue[T]) WithCodec(enc func(v T) ([]byte, error), dec func(b []byte) (T, error)) *JoinableQueue[T] {
	q.setCodec(enc, dec)
	return q
}

// GobDecode opens the queue that has come, for package gob.
func (q *JoinableQueue[T]) GobDecode(b []byte) error {
	err := q.receive(b, joinableQueueKind)
	if err == nil {
		q.told = ring{q.r}.state().lost()
	}
	return err
}

// TaskDone says that an item that a greenlet of this process has got is dealt with. If there is none the error is
// ErrNotTaken. An item that could not be decoded is done already; if its decoder has panicked so are those that were got
// with it, which are lost. Does not park. Hub thread only.
func (q *JoinableQueue[T]) TaskDone() error {
	r, err := q.open()
	if err != nil {
		return err
	}
	return ring{r}.done()
}

// done takes note that an item of this process is dealt with, also if the greenlet is killed meanwhile.
func (g ring) done() (err error) {
	g.r.surely(func() { err = g.doneWithin() })
	return err
}

func (g ring) doneWithin() error {
	l := g.ledger()
	st := g.seats().of(me())
	if st == nil || st.count.Load() == 0 {
		return ErrNotTaken
	}
	if l.unfinished == 1 || st.count.Load() == 1 && g.seats()[maxSeats-1].of.Load() != 0 { // somebody may wait for a seat
		g.r.ring()
	}
	s := g.state()
	d := s.draft()
	d.finish(1)
	g.account(d, st, -1)
	s.commit()
	g.ledger() // has the seat changed
	return nil
}

// Unfinished returns how many items are not done. It panics if the queue was closed. Hub thread only.
func (q *JoinableQueue[T]) Unfinished() int { return int(ring{q.use()}.look().unfinished) }

// Join waits until all items that were put are done; it returns at once if they are. All who wait return, even if
// another item is put before they run. If items were lost with a process, the error is a *LostError: once for each, for
// each handle of the queue, that is in each process to which it had travelled before. Else it is ErrClosed, or one that
// was thrown at the greenlet. Parks. Hub thread only.
func (q *JoinableQueue[T]) Join() error { return q.JoinTimeout(gevent.Never) }

// JoinTimeout is Join that waits no longer than d, and returns ErrTimeout then; with a d of zero or less it waits for
// nothing. Parks. Hub thread only.
func (q *JoinableQueue[T]) JoinTimeout(d time.Duration) error {
	r, err := q.open()
	if err != nil {
		return err
	}
	g := ring{r}
	if err := r.await(d, joining{g, g.look().rounds}); err != nil {
		return err
	}
	l := *g.ledger()
	r.leave()
	if l.lost == q.told {
		return nil
	}
	lost := &LostError{int(l.lost - q.told), l.fallen.pid()}
	q.told = l.lost
	return lost
}

// A joining is a wish that all items be done.
type joining struct {
	ring   ring
	rounds int64 // there were when it began
}

func (j joining) granted() bool {
	l := j.ring.ledger()
	return l.unfinished == 0 || l.rounds != j.rounds
}

func (j joining) holders(list []identity) []identity { return j.ring.hands(list) }

func (j joining) fallen(id identity) { j.ring.lose(id) }

func (j joining) withdrawn() {}
