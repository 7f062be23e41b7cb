package gevent

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

// storeModels are the stores, and what each does to a slice: where an item goes in, and which one goes out next.
var storeModels = map[string]struct {
	store func() store[fuzzItem]
	place func(items []fuzzItem, v fuzzItem) int
	next  func(items []fuzzItem) int
	use   func(s store[fuzzItem]) (slots, used int)
}{
	"ring": {
		func() store[fuzzItem] { return new(ring[fuzzItem]) },
		func(items []fuzzItem, _ fuzzItem) int { return len(items) },
		func([]fuzzItem) int { return 0 },
		func(s store[fuzzItem]) (int, int) { return slotsUsed(s.(*ring[fuzzItem]).slots) },
	},
	"stack": {
		func() store[fuzzItem] { return new(pile[fuzzItem]) },
		func(items []fuzzItem, _ fuzzItem) int { return len(items) },
		func(items []fuzzItem) int { return len(items) - 1 },
		func(s store[fuzzItem]) (int, int) { return slotsUsed(s.(*pile[fuzzItem]).slots) },
	},
	"heap": {
		func() store[fuzzItem] {
			return &heap[fuzzItem]{less: func(a, b fuzzItem) bool { return a.rank < b.rank }}
		},
		func(items []fuzzItem, v fuzzItem) int {
			i, _ := slices.BinarySearchFunc(items, int(v.rank)+1, func(o fuzzItem, rank int) int { return int(o.rank) - rank })
			return i // behind those that are equal
		},
		func([]fuzzItem) int { return 0 },
		func(s store[fuzzItem]) (int, int) { return slotsUsed(s.(*heap[fuzzItem]).items.slots) },
	},
}

// A fuzzItem is no two times the same, and its number is not zero.
type fuzzItem struct {
	rank   byte
	number int
}

// slotsUsed counts the slots, and those that refer to something.
func slotsUsed[E comparable](slots []E) (n, used int) {
	for _, v := range slots {
		if v != *new(E) {
			used++
		}
	}
	return len(slots), used
}

// FuzzQueueStores compares the stores with a slice. Each byte is an operation, for as often as its lower half says.
func FuzzQueueStores(f *testing.F) {
	f.Add([]byte{0x0f, 0x1f, 0x03, 0x23, 0x12})
	f.Add([]byte{0x3f, 0x3f, 0x3f, 0x2f, 0x4f, 0x4f, 0x4f, 0x14})
	f.Add([]byte{0x05, 0x11, 0x22, 0x50, 0x01, 0x10})
	f.Fuzz(func(t *testing.T, program []byte) {
		for name, m := range storeModels {
			s := m.store()
			var items []fuzzItem
			number := 0
			push := func() fuzzItem {
				number++
				v := fuzzItem{byte(number*7) ^ program[number%len(program)], number}
				items = slices.Insert(items, m.place(items, v), v)
				return v
			}
			take := func() fuzzItem {
				i := m.next(items)
				v := items[i]
				items = slices.Delete(items, i, i+1)
				return v
			}
			check := func(want, got fuzzItem) {
				if got != want {
					t.Fatalf("%s: got %v, want %v", name, got, want)
				}
			}
			for _, b := range program[:min(len(program), 64)] {
				for range b & 15 {
					switch op := b >> 4; {
					case op == 0:
						s.push(push())
					case op == 1 && len(items) > 0:
						check(take(), s.pop())
					case op == 2 && len(items) > 0:
						want := take()
						check(want, s.replace(push()))
					case op == 3: // many
						for range 100 {
							s.push(push())
						}
					case op == 4:
						for range min(len(items), 150) {
							check(take(), s.pop())
						}
					case op == 5:
						s.clear()
						items = nil
					}
				}
				if len(items) > 0 {
					check(items[m.next(items)], s.next())
				}
				slots, used := m.use(s)
				require.Equal(t, len(items), used, "%s: only what is in it is kept", name)
				require.LessOrEqual(t, slots, max(ringFloor, 4*len(items)), "%s: it shrinks", name)
			}
		}
	})
}

func TestQueueStoresShrink(t *testing.T) {
	for name, m := range storeModels {
		s := m.store()
		for i := range 1 << 16 {
			s.push(fuzzItem{byte(i), i + 1})
		}
		for range 1<<16 - 10 {
			s.pop()
		}
		slots, used := m.use(s)
		require.Equal(t, []int{ringFloor, 10}, []int{slots, used}, name)
	}
}
