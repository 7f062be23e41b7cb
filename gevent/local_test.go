package gevent

import (
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"greenloop/greenlet"
)

func TestLocalIsPerGreenlet(t *testing.T) {
	virtual(t, func() error {
		var local Local[string]
		var l log
		require.Empty(t, local.Get())
		local.Set("main")
		user := func(name string) *Greenlet {
			return Spawn(func() error {
				_, ok := local.Lookup()
				require.False(t, ok, "nothing is inherited")
				local.Set(name)
				Yield()
				l.add(local.Get())
				return nil
			})
		}
		a, b := user("a"), user("b")
		Yield()
		v, ok := local.Of(a)
		require.True(t, ok)
		require.Equal(t, "a", v)
		require.NoError(t, JoinAll(a, b))
		require.Equal(t, "a b", l.String())
		require.Equal(t, "main", local.Get())
		local.Delete()
		_, ok = local.Lookup()
		require.False(t, ok)
		return nil
	})
}

func TestLocalInit(t *testing.T) {
	virtual(t, func() error {
		made := 0
		local := Local[[]int]{Init: func() []int { made++; return []int{made} }}
		use := func() error {
			own := local.Get()
			require.Equal(t, []int{made}, own)
			require.Equal(t, own, local.Get(), "once for each greenlet")
			return nil
		}
		require.NoError(t, JoinAll(Spawn(use), Spawn(use)))
		require.NoError(t, use())
		require.Equal(t, 3, made)
		return nil
	})
}

func TestLocalInPostAndRawGreenlet(t *testing.T) {
	virtual(t, func() error {
		var local Local[int]
		local.Set(1)
		_, err := greenlet.New(func(...any) (any, error) {
			require.Equal(t, 1, local.Get(), "a raw greenlet is a part of the one it runs in")
			local.Set(2)
			return nil, nil
		}).Switch()
		require.Equal(t, 2, local.Get())
		GetHub().Post(func() {
			require.Zero(t, local.Get())
			local.Set(3)
			Yield()
			require.Equal(t, 3, local.Get())
		})
		require.NoError(t, Sleep(1))
		require.Len(t, local.values, 1, "that of the post went with it")
		return err
	})
}

// A value goes when its greenlet ends, in whatever way, even if the greenlet is still referred to.
func TestLocalGoesWithTheGreenlet(t *testing.T) {
	virtual(t, func() error {
		var local Local[*[64]byte]
		freed := make(chan struct{})
		g := Spawn(func() error {
			v := new([64]byte) // a smaller one would share its memory with others, and live as long as they
			runtime.AddCleanup(v, func(struct{}) { close(freed) }, struct{}{})
			local.Set(v)
			return Sleep(time.Hour)
		})
		parked(t, g)
		require.Len(t, local.values, 1)
		require.NoError(t, g.Kill())
		require.Empty(t, local.values)
		awaitFreed(t, freed)
		runtime.KeepAlive(g)
		return nil
	})
}

// All values go with the Local, though the greenlets run on.
func TestLocalGoesItself(t *testing.T) {
	virtual(t, func() error {
		freed := make(chan struct{})
		g := Spawn(func() error {
			for i := range 5 {
				local := new(Local[*[64]byte])
				v := new([64]byte)
				if i == 0 {
					runtime.AddCleanup(v, func(struct{}) { close(freed) }, struct{}{})
				}
				local.Set(v)
				local.Delete()
				local.Set(v)
			}
			return Sleep(time.Hour)
		})
		parked(t, g)
		awaitFreed(t, freed)
		return g.Kill()
	})
}

func awaitFreed(t *testing.T, freed <-chan struct{}) {
	t.Helper()
	for end := time.Now().Add(time.Minute); time.Now().Before(end); {
		runtime.GC()
		select {
		case <-freed:
			return
		case <-time.After(10 * time.Millisecond): // the runtime calls cleanups when it gets to it
		}
	}
	t.Error("it is still there")
}

var globalLocal Local[int]

// A Local in a global variable serves several hubs at a time.
func TestLocalOfSeveralHubs(t *testing.T) {
	done := make(chan error)
	for range 4 {
		go func() {
			done <- Run(func() error {
				for i := range 100 {
					g := Spawn(func() error {
						globalLocal.Set(i)
						Yield()
						require.Equal(t, i, globalLocal.Get())
						return nil
					})
					if err := g.Get(); err != nil {
						return err
					}
				}
				return nil
			})
		}()
	}
	for range 4 {
		require.NoError(t, <-done)
	}
	require.Empty(t, globalLocal.values)
}

// Whoever uses none of this pays nothing: no extra, and no more than two allocations a spawn.
func TestSpawnCostsNoExtra(t *testing.T) {
	virtual(t, func() error {
		g := Spawn(func() error { return nil })
		require.NoError(t, g.Join())
		require.Nil(t, lookExtra(&g.task))
		nothing := func() error { return nil }
		allocs := testing.AllocsPerRun(500, func() {
			Spawn(nothing)
			Yield()
		})
		require.LessOrEqual(t, allocs, 2.0)
		return nil
	})
}
