package multiprocessing

import (
	"sync/atomic"
	"unsafe"

	"greenloop/gevent"
)

// Rounds are those of a Barrier. How many have come in a round is what is written at the seats of their processes, with
// the number of the round, so that a seat is out of date by itself when the next one begins. They are used within the
// latch only, except word.
type rounds struct {
	region *region
	state  *roundState
	seats  seats
}

type roundState struct {
	parties atomic.Uint64
	now     atomic.Uint64           // a roundWord
	cut     [cutsKept]atomic.Uint64 // the numbers of the rounds that were ended by the last resets
}

// cutsKept is after how many resets meanwhile somebody who waits takes his round for broken in any case.
const cutsKept = 64

const sizeOfRounds = int(unsafe.Sizeof(roundState{})) + sizeOfSeats

func roundsOf(r *region) rounds {
	return rounds{r, at[roundState](r, 0), seatsAt(r, sizeOf[roundState]())}
}

// A roundWord is what there is to know of the barrier: the number of the round, how many resets there were, and whether
// it is broken. In one word, so that each change is one store.
type roundWord uint64

const (
	roundShift = 24
	resetsMask = 1<<(roundShift-1) - 1
	partyBits  = 20
)

func newRoundWord(number, resets uint64) roundWord {
	return roundWord(number<<roundShift | resets&resetsMask<<1)
}

func (w roundWord) number() uint64 { return uint64(w) >> roundShift }
func (w roundWord) resets() uint64 { return uint64(w) >> 1 & resetsMask }
func (w roundWord) broken() bool   { return w&1 == 1 }

func (s rounds) word() roundWord { return roundWord(s.state.now.Load()) }

// become is the store that makes a change true.
func (s rounds) become(w roundWord) {
	s.region.ring()
	s.state.now.Store(uint64(w))
}

// next begins the next round, as this one is complete.
func (s rounds) next() { s.become(newRoundWord(s.word().number()+1, s.word().resets())) }

// fail breaks a round, if it goes on.
func (s rounds) fail(number uint64) {
	if w := s.word(); w.number() == number && !w.broken() {
		s.become(w | 1)
	}
}

// reset begins the next round though this one is not complete.
func (s rounds) reset() {
	w := s.word()
	s.state.cut[w.resets()%cutsKept].Store(w.number()) // counts with the store that counts the reset
	s.become(newRoundWord(w.number()+1, w.resets()+1))
}

// over reports whether a round is over, in which the word was that, and how it has ended.
func (s rounds) over(then roundWord) (over bool, err error) {
	w := s.word()
	if w.number() == then.number() {
		if w.broken() {
			return true, gevent.ErrBrokenBarrier
		}
		return false, nil
	}
	resets := (w.resets() - then.resets()) & resetsMask
	if resets >= cutsKept {
		return true, gevent.ErrBrokenBarrier
	}
	for i := range resets {
		if s.state.cut[(then.resets()+i)&resetsMask%cutsKept].Load() == then.number() {
			return true, gevent.ErrBrokenBarrier
		}
	}
	return true, nil
}

// passed reports whether the round of one who takes part is complete. Not within the latch.
func (w *partyWish) passed() bool {
	w.region.enter()
	defer w.region.leave()
	over, err := w.over(w.began)
	return w.seat != nil && over && err == nil
}

// at returns how many have come in a round through the process of a seat.
func (s *seat) at(number uint64) uint64 {
	count := uint64(s.count.Load())
	if count>>partyBits != number {
		return 0
	}
	return count & (1<<partyBits - 1)
}

// arrived returns how many have come in a round.
func (s rounds) arrived(number uint64) (n uint64) {
	for i := range s.seats {
		st := &s.seats[i]
		if st.of.Load() == 0 {
			break
		}
		n += st.at(number)
	}
	return n
}

// sit returns this process's seat, and whether it had none before; nil if there is none left.
func (s rounds) sit(number uint64) (mine *seat, fresh bool) {
	if st := s.seats.of(me()); st != nil && st.count.Load() != 0 {
		return st, false
	}
	var old *seat
	for i := range s.seats {
		switch st := &s.seats[i]; {
		case st.count.Load() == 0:
			st.of.Store(uint64(me()))
			return st, true
		case old == nil && st.at(number) == 0:
			old = st
		}
	}
	if old != nil {
		old.of.Store(uint64(me()))
	}
	return old, true
}

// A partyWish is that a round is over, in which the caller takes part as soon as it can.
type partyWish struct {
	rounds
	seat  *seat     // since it takes part
	began roundWord // when it did
	index int
	last  bool // the round is complete with it
	err   error
}

func (w *partyWish) granted() (granted bool) {
	if w.seat != nil {
		granted, w.err = w.over(w.began)
		return granted
	}
	w.began = w.word()
	if w.began.broken() {
		w.err = gevent.ErrBrokenBarrier
		return true
	}
	number := w.began.number()
	arrived, parties := w.arrived(number), w.state.parties.Load()
	if arrived == parties { // the last one is still busy
		return false
	}
	seat, fresh := w.sit(number)
	if seat == nil {
		w.err = errParties
		return true
	}
	if fresh {
		w.region.ring() // for those who wait to watch this process, too
	}
	seat.count.Store(int64(number<<partyBits | seat.at(number) + 1))
	w.seat, w.index, w.last = seat, int(arrived), arrived+1 == parties
	return w.last
}

// holders are the processes that take part or did: most rounds have the same.
func (w *partyWish) holders(list []identity) []identity {
	for i := range w.seats {
		st := &w.seats[i]
		if st.of.Load() == 0 {
			break
		}
		if st.count.Load() != 0 {
			list = append(list, identity(st.of.Load()))
		}
	}
	return list
}

func (w *partyWish) fallen(id identity) {
	st := w.seats.of(id)
	if st == nil {
		return
	}
	if number := w.word().number(); st.at(number) > 0 {
		w.fail(number)
	}
	st.count.Store(0)
}

func (w *partyWish) withdrawn() {
	if w.seat != nil {
		w.fail(w.began.number())
	}
}

// unseen returns a process that takes part and has died without anybody to notice it; 0 if there is none. Those that
// wait watch one another: so it is enough that one of them is alive.
func (w *partyWish) unseen() identity {
	for i := range w.seats {
		st := &w.seats[i]
		if id := identity(st.of.Load()); id == 0 {
			break
		} else if id != me() && st.at(w.began.number()) > 0 {
			if id.alive() {
				return 0
			}
			return id
		}
	}
	return 0
}
