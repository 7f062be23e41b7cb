//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd

package multiprocessing

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"greenloop/gevent"
)

const ringPatience = 30 * time.Second

// nobody is a process that has ended: there is none of that number.
var nobody = newIdentity(1<<30, 1)

// ringOf returns a joinable ring that has room for so many bytes.
func ringOf(t require.TestingT, items int, limit uint64) ring {
	g, err := newRing(joinableQueueKind, items)
	require.NoError(t, err)
	g.state().limit = limit
	return g
}

func (g ring) takeNow(max, buffer int) ([][]byte, error) {
	t := taking{ring: g, max: max, joins: true, b: make([]byte, 0, buffer)}
	if err := t.take(0); err != nil {
		return nil, err
	}
	var items [][]byte
	for b := t.b; len(b) > 0; {
		n := int(b[0]) | int(b[1])<<8 | int(b[2])<<16
		items = append(items, b[word:][:n])
		b = b[roomOf(n):]
	}
	return items, nil
}

// The ring against a slice: put, get, going on at the beginning, growing; and between the calls what is left of
// processes that were killed at some step.
func TestRingModel(t *testing.T) {
	inHub(t, func() {
		rapid.Check(t, func(t *rapid.T) {
			const limit = 256 << 10
			most := rapid.IntRange(0, 40).Draw(t, "most")
			g := ringOf(t, most, limit)
			defer g.r.close()
			s := g.state()
			var model [][]byte
			used, hands, n := uint64(0), 0, byte(0)
			t.Repeat(map[string]func(*rapid.T){
				"put": func(t *rapid.T) {
					n++
					item := bytes.Repeat([]byte{n}, rapid.OneOf(rapid.IntRange(0, 40), rapid.IntRange(0, 60_000)).Draw(t, "size"))
					err := g.put(item, 0)
					if most > 0 && len(model) >= most || used+roomOf(len(item)) > limit {
						require.Equal(t, gevent.ErrTimeout, err)
						return
					}
					require.NoError(t, err)
					model = append(model, item)
					used += roomOf(len(item))
				},
				"take": func(t *rapid.T) {
					items, err := g.takeNow(rapid.IntRange(1, 5).Draw(t, "max"), rapid.IntRange(0, 20_000).Draw(t, "buffer"))
					if len(model) == 0 {
						require.Equal(t, gevent.ErrTimeout, err)
						return
					}
					require.NoError(t, err)
					require.NotEmpty(t, items)
					for _, item := range items {
						require.True(t, bytes.Equal(model[0], item))
						used -= roomOf(len(item))
						hands++
						model = model[1:]
					}
				},
				"done": func(t *rapid.T) {
					if hands == 0 {
						require.Equal(t, ErrNotTaken, g.done())
						return
					}
					require.NoError(t, g.done())
					hands--
				},
				"killed with a draft": func(t *rapid.T) {
					*s.draft() = ledger{head: 1 << 40, capacity: 3, items: -1, seat: 1, count: 77}
				},
				"killed before the seat was changed": func(t *rapid.T) {
					if st := g.seats().of(me()); st != nil && s.ledgers[s.valid.Load()].seat != 0 {
						st.count.Add(3)
					}
				},
				"killed while it copied": func(t *rapid.T) {
					if rapid.Bool().Draw(t, "to the ring") {
						s.writer.Store(uint64(nobody))
					}
					if rapid.Bool().Draw(t, "from the ring") {
						s.reader.Store(uint64(nobody))
					}
				},
				"killed within the latch": func(t *rapid.T) { g.r.header().latch.Store(uint64(nobody)) },
				"": func(t *rapid.T) {
					l := g.look()
					require.Equal(t, len(model), int(l.items))
					require.Equal(t, used, l.tail-l.head)
					require.Equal(t, len(model)+hands, int(l.unfinished))
					require.Equal(t, hands, int(g.seats().sum()))
				},
			})
		})
	})
}

// What has no room waits until there is some, what never can have is an error.
func TestRingWithoutMemory(t *testing.T) {
	inHub(t, func() {
		g := ringOf(t, 0, 2*firstCapacity)
		item := make([]byte, firstCapacity/8-word)
		require.NoError(t, g.put(item, 0))
		_, err := g.takeNow(1, maxWithin)
		require.NoError(t, err)
		for range 16 {
			require.NoError(t, g.put(item, 0))
		}
		require.Equal(t, gevent.ErrTimeout, g.put(nil, time.Millisecond))
		putter := gevent.Spawn(func() error { return g.put(item, ringPatience) })
		gevent.Yield()
		_, err = g.takeNow(1, maxWithin)
		require.NoError(t, err)
		require.NoError(t, putter.Get())
		require.ErrorIs(t, g.put(make([]byte, 2*firstCapacity), 0), ErrTooLarge)
		g.r.close()
	})
}

// While a large item is copied the others go on as far as they can, and do not come in its way.
func TestRingCopiesOutsideLatch(t *testing.T) {
	inHub(t, func() {
		g := ringOf(t, 0, 1<<20)
		within := func(granted func() bool) {
			g.r.enter()
			require.True(t, granted())
			g.r.leave()
		}
		small, large := []byte("small"), bytes.Repeat([]byte("x"), firstCapacity/2)
		require.NoError(t, g.put(small, 0))
		p := putting{applicant: applicant{&g.state().putters, g.r, 0}, ring: g, item: large}
		within(p.granted)
		require.True(t, p.marked)
		items, err := g.takeNow(1, 100)
		require.NoError(t, err, "what is before it")
		require.Equal(t, [][]byte{small}, items)
		require.Equal(t, gevent.ErrTimeout, g.put(small, 0), "behind it")
		require.NoError(t, p.finish())

		k := taking{ring: g, max: 1, joins: true}
		within(k.granted)
		require.NotZero(t, k.room)
		require.NoError(t, g.put(small, 0))
		_, err = g.takeNow(1, 100)
		require.Equal(t, gevent.ErrTimeout, err, "what is behind it")
		require.Equal(t, gevent.ErrTimeout, g.put(large, 0), "the ring would have to grow")
		putter := gevent.Spawn(func() error { return g.put(large, ringPatience) })
		gevent.Yield()
		require.True(t, k.finish())
		require.Equal(t, large, k.b[word:])
		require.NoError(t, putter.Get())
		for _, want := range [][]byte{small, large} {
			items, err = g.takeNow(1, 100)
			require.NoError(t, err)
			require.Equal(t, [][]byte{want}, items)
		}
		g.r.close()
	})
}

// An empty ring gives back memory, and can be used while it does.
func TestRingShrinks(t *testing.T) {
	inHub(t, func() {
		x, err := newExchange[string](queueKind, 0)
		require.NoError(t, err)
		g := ring{x.r}
		item := strings.Repeat("x", 1<<20)
		for range 2 {
			for range 40 {
				require.NoError(t, x.put(item, ringPatience))
			}
			require.Greater(t, g.look().length, uint64(keptMemory))
			for range 40 {
				v, err := x.Get()
				require.NoError(t, err)
				require.Equal(t, item, v)
			}
			require.NoError(t, x.put("y", ringPatience))
			gevent.Yield()
			_, err = x.Get()
			require.NoError(t, err)
			for g.look().length > keptMemory {
				gevent.Yield()
			}
			info, err := g.r.file.Stat()
			require.NoError(t, err)
			require.EqualValues(t, headerSize+ringBytes+keptMemory, info.Size())
		}
		require.NoError(t, x.put(item, ringPatience))
		_, err = x.Get()
		require.NoError(t, err)
		require.NoError(t, x.Close())
	})
}

// As it is where no bell is heard: those who wait look again and again.
func TestRingWithoutBells(t *testing.T) {
	inHub(t, func() {
		hub := gevent.GetHub()
		towers.Lock()
		towers.of[hub] = &bells{hub: hub, regions: map[int32]*region{}, deaths: map[int32]*death{}}
		towers.Unlock()
		defer func() {
			towers.Lock()
			delete(towers.of, hub)
			towers.Unlock()
		}()
		g := ringOf(t, 3, 1<<20)
		const n = 100
		getter := gevent.Spawn(func() error {
			for i := range n {
				b := taking{ring: g, max: 1, joins: true}
				if err := b.take(ringPatience); err != nil {
					return err
				}
				require.Equal(t, byte(i), b.b[word])
				if err := g.done(); err != nil {
					return err
				}
			}
			return nil
		})
		for i := range n {
			require.NoError(t, g.put([]byte{byte(i)}, ringPatience))
		}
		require.NoError(t, getter.Get())
		q := &JoinableQueue[int]{bounded: bounded[int]{exchange[int]{shared: shared(g), codec: codecOf[int]()}}}
		require.NoError(t, q.Join())
		require.NoError(t, q.Put(1))
		_, err := q.Get()
		require.NoError(t, err)
		g.seats().of(me()).of.Store(uint64(nobody)) // as if it were another process that has ended
		require.ErrorIs(t, q.JoinTimeout(ringPatience), ErrLost)
		require.NoError(t, q.Close())
	})
}

// When all seats are taken one waits for another process to be done, or to end.
func TestRingWithoutSeats(t *testing.T) {
	inHub(t, func() {
		g := ringOf(t, 0, 1<<20)
		all := g.seats()
		for i := range all {
			all[i].of.Store(uint64(newIdentity(1<<30+i, 1)))
			all[i].count.Store(1)
		}
		s := g.state()
		s.ledgers[0].unfinished = maxSeats
		require.NoError(t, g.put(nil, 0))
		_, err := g.takeNow(1, 100)
		require.NoError(t, err, "those who have ended were noticed")
		require.EqualValues(t, maxSeats, g.look().lost)
		require.EqualValues(t, 1, g.look().unfinished)
		require.NoError(t, g.done())
		g.r.close()
	})
}
