//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd

package multiprocessing_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	mp "greenloop/gevent/multiprocessing"
)

func startManager(t testing.TB) *mp.Manager {
	t.Helper()
	return got[*mp.Manager](t)(mp.StartManager(mp.ManagerConfig{}))
}

func TestManagerDict(t *testing.T) {
	run(t, func() error {
		m := startManager(t)
		d := got[*mp.DictProxy[string, int]](t)(mp.DictOf[string, int](m))
		require.NoError(t, d.Set("a", 1))
		require.Equal(t, 1, got[int](t)(d.Get("a")))
		_, err := d.Get("b")
		require.Equal(t, mp.ErrKey, err)
		require.Equal(t, 5, got[int](t)(mp.Add(d, "a", 4)))
		require.NoError(t, m.Shutdown())
		_, err = d.Get("a")
		require.ErrorIs(t, err, mp.ErrNoManager)
		t.Log(err)
		return nil
	})
}
func BenchmarkManagerDict(b *testing.B) {
	bench(b, func() error {
		m := startManager(b)
		d := got[*mp.DictProxy[string, int]](b)(mp.DictOf[string, int](m))
		for b.Loop() {
			_ = d.Set("a", 1)
			_, _ = d.Get("a")
		}
		return m.Shutdown()
	})
}
