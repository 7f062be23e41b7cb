//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd

package multiprocessing_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	mp "greenloop/gevent/multiprocessing"
)

func TestArrayHere(t *testing.T) {
	run(t, func() error {
		a := got[*mp.Array[int16]](t)(mp.NewArrayOf([]int16{5, 6, 7, 8}))
		require.Equal(t, 4, a.Len())
		require.Equal(t, int16(8), got[int16](t)(a.Get(3)))
		require.NoError(t, a.Set(0, -1))
		require.NoError(t, a.SetSlice(1, []int16{1, 2}))
		cut := got[[]int16](t)(a.Slice(1, 4))
		require.Equal(t, []int16{1, 2, 8}, cut)
		cut[0] = 9
		require.Equal(t, []int16{-1, 1, 2, 8}, a.Raw())
		require.PanicsWithError(t, "runtime error: index out of range [4] with length 4", func() { _ = a.Set(4, 0) })
		require.Panics(t, func() { _, _ = a.Get(-1) })
		require.Panics(t, func() { _, _ = a.Slice(2, 5) })
		require.Panics(t, func() { _ = a.SetSlice(2, make([]int16, 3)) })
		require.False(t, a.Lock().Locked())
		require.NoError(t, a.Close())
		require.Equal(t, mp.ErrClosed, a.Set(0, 0))
		require.Equal(t, mp.ErrClosed, a.Close())
		require.Panics(t, func() { a.Len() })
		return nil
	})
}

var arrayEnds = mp.Define("array: sets the last", func(a *mp.Array[int64]) error {
	return a.Set(a.Len()-1, 7)
})

// A large one costs what is used of it.
func TestArrayOf100MiB(t *testing.T) {
	run(t, func() error {
		a := array[int64](t, 100<<20/8)
		ends(t, begin(t, arrayEnds, a), 0)
		require.EqualValues(t, 7, got[int64](t)(a.Get(a.Len()-1)))
		return a.Close()
	})
}

// A valueAstray is taken for something else where it arrives.
type valueAstray struct {
	*mp.Value[int64]
	As string
}

func (a valueAstray) GobEncode() ([]byte, error) {
	b, err := a.Value.GobEncode()
	return append([]byte(a.As), b...), err
}

func (a *valueAstray) GobDecode(b []byte) error {
	switch as, b := b[0], b[1:]; as {
	case 'v':
		return new(mp.Value[float64]).GobDecode(b)
	case 'a':
		return new(mp.Array[int64]).GobDecode(b)
	case 'c':
		return new(mp.Counter).GobDecode(b)
	}
	a.Value = new(mp.Value[int64])
	return a.Value.GobDecode(b[1:])
}

// What is of another type where it arrives does not, and nothing is left of it.
func TestValueOfAnotherType(t *testing.T) {
	run(t, func() error {
		v := value(t, int64(1))
		r, s := pipe[valueAstray](t)
		for _, as := range []string{"v", "a", "c"} {
			require.NoError(t, s.Send(valueAstray{v, as}))
			_, err := r.Recv()
			require.ErrorContains(t, err, "another kind")
		}
		require.NoError(t, s.Send(valueAstray{v, "x"}))
		same := got[valueAstray](t)(r.Recv())
		require.NoError(t, same.Store(2))
		require.EqualValues(t, 2, got[int64](t)(v.Load()))
		closeAll(t, same.Value, v, r, s)
		require.Equal(t, mp.ErrClosed, s.Send(valueAstray{v, "x"}))
		return nil
	})
}
