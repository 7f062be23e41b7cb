//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd

package multiprocessing_test

import (
	"encoding/binary"
	"math/rand/v2"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"greenloop/gevent"
	mp "greenloop/gevent/multiprocessing"
)

type queueVictimArgs struct {
	Queue *mp.Queue[[]byte]
	Join  *mp.JoinableQueue[int]
	Told  *mp.Sender[queueNote]
	Who   int64
}

// A queueNote says of an item that it was put, or got.
type queueNote struct{ From, N int64 }

// queueItem is an item of which length and content follow from its number: some are large.
func queueItem(from, n int64) []byte {
	size := 16 + n%50
	if n%40 == 0 {
		size += 100_000
	}
	b := make([]byte, size)
	binary.BigEndian.PutUint64(b, uint64(from))
	binary.BigEndian.PutUint64(b[8:], uint64(n))
	for i := 16; i < len(b); i++ {
		b[i] = byte(n)
	}
	return b
}

func queueNoteOf(b []byte) queueNote {
	note := queueNote{int64(binary.BigEndian.Uint64(b)), int64(binary.BigEndian.Uint64(b[8:]))}
	if string(b) != string(queueItem(note.From, note.N)) {
		panic("a damaged item")
	}
	return note
}

var (
	victimPuts = mp.Define("queue torture: puts", func(a queueVictimArgs) error {
		for n := int64(0); ; n++ {
			if err := a.Queue.Put(queueItem(a.Who, n)); err != nil {
				return err
			}
			if err := a.Told.Send(queueNote{a.Who, n}); err != nil {
				return err
			}
		}
	})
	victimGets = mp.Define("queue torture: gets", func(a queueVictimArgs) error {
		for {
			b, err := a.Queue.Get()
			if err != nil {
				return err
			}
			if err := a.Told.Send(queueNoteOf(b)); err != nil {
				return err
			}
		}
	})
	victimDoes = mp.Define("queue torture: does", func(a queueVictimArgs) error {
		for {
			n, err := a.Join.Get()
			if err != nil {
				return err
			}
			if err := a.Told.Send(queueNote{a.Who, int64(n)}); err != nil {
				return err
			}
			if err := a.Join.TaskDone(); err != nil {
				return err
			}
		}
	})
)

// queueKills is how many processes are killed.
func queueKills() int {
	if os.Getenv("GREENLOOP_TORTURE") != "" {
		return 1000
	}
	if raceEnabled { // a process takes long to start then
		return 4
	}
	return 8
}

// A queueVictim is a process that will be killed, and what it has told.
type queueVictim struct {
	who     int64
	process *mp.Process
	notes   []queueNote
	listens *gevent.Greenlet
}

func startVictim(t *testing.T, target *mp.Target[queueVictimArgs], a queueVictimArgs) *queueVictim {
	r, s := pipe[queueNote](t)
	a.Told = s
	p := &queueVictim{who: a.Who, process: begin(t, target, a)}
	p.listens = gevent.Spawn(func() error {
		for note, err := range r.All() {
			if err != nil { // a note that was cut off
				break
			}
			p.notes = append(p.notes, note)
		}
		return r.Close()
	})
	return p
}

// kill ends it at no particular moment, and waits until all that it has told was heard.
func (p *queueVictim) kill(t *testing.T) {
	require.NoError(t, gevent.Sleep(rand.N(3*time.Millisecond)))
	require.NoError(t, p.process.Kill())
	require.NoError(t, p.process.JoinTimeout(patience))
	require.NoError(t, p.listens.JoinTimeout(patience))
}

// toldBy is how much they have told.
func toldBy(of []*queueVictim) (n int) {
	for _, p := range of {
		n += len(p.notes)
	}
	return n
}

// Those who put and those who get are killed, while items large and small go through: none is lost or doubled, except
// what was in the hands of one that was killed.
func TestQueueTorture(t *testing.T) {
	run(t, func() error {
		q := queueOf[[]byte](t, 30)
		var putters, getters, allPutters, allGetters []*queueVictim
		for round := range queueKills() {
			for len(putters) < 2 {
				p := startVictim(t, victimPuts, queueVictimArgs{Queue: q, Who: int64(len(allPutters))})
				putters, allPutters = append(putters, p), append(allPutters, p)
			}
			for len(getters) < 2 {
				p := startVictim(t, victimGets, queueVictimArgs{Queue: q})
				getters, allGetters = append(getters, p), append(allGetters, p)
			}
			put, taken := toldBy(putters), toldBy(getters)
			eventually(t, func() bool { return toldBy(putters) > put+20 && toldBy(getters) > taken+20 })
			if round%2 == 0 {
				putters[0].kill(t)
				putters = putters[1:]
			} else {
				getters[0].kill(t)
				getters = getters[1:]
			}
		}
		for _, p := range append(putters, getters...) {
			p.kill(t)
		}
		left := &queueVictim{}
		for b, err := q.TryGet(); err != gevent.ErrEmpty; b, err = q.TryGet() {
			require.NoError(t, err)
			left.notes = append(left.notes, queueNoteOf(b))
		}
		checkQueueVictims(t, allPutters, append(allGetters, left))
		return q.Close()
	})
}

func checkQueueVictims(t *testing.T, putters, getters []*queueVictim) {
	taken := make([]map[int64]bool, len(putters))
	for who := range taken {
		taken[who] = map[int64]bool{}
	}
	for _, p := range getters {
		last := map[int64]int64{}
		for _, note := range p.notes {
			require.False(t, taken[note.From][note.N], "doubled")
			taken[note.From][note.N] = true
			before, ok := last[note.From]
			require.True(t, !ok || note.N > before, "the order of each who puts is kept")
			last[note.From] = note.N
		}
	}
	lost := 0
	for _, p := range putters {
		for _, note := range p.notes {
			if !taken[p.who][note.N] {
				lost++
			}
			delete(taken[p.who], note.N)
		}
		require.LessOrEqual(t, len(taken[p.who]), 1, "put and not told of")
	}
	require.LessOrEqual(t, lost, len(getters)-1, "each had one item in its hands")
}

// Those who deal with items are killed: Join returns each time, and knows how many were lost.
func TestJoinableQueueTorture(t *testing.T) {
	run(t, func() error {
		q := joinableOf[int](t, 50)
		var workers []*queueVictim
		for range queueKills() {
			for len(workers) < 2 {
				workers = append(workers, startVictim(t, victimDoes, queueVictimArgs{Join: q}))
			}
			putter := gevent.Spawn(func() error {
				for n := range 200 {
					if err := q.PutTimeout(n, patience); err != nil {
						return err
					}
				}
				return q.JoinTimeout(patience)
			})
			before := toldBy(workers)
			eventually(t, func() bool { return toldBy(workers) > before+10 })
			workers[0].kill(t)
			workers = workers[1:]
			var lost *mp.LostError
			if err := putter.Get(); err != nil {
				require.ErrorAs(t, err, &lost)
				require.Equal(t, 1, lost.Items)
			}
			require.Zero(t, q.Unfinished())
			require.True(t, q.Empty())
		}
		for _, p := range workers {
			p.kill(t)
		}
		return q.Close()
	})
}
