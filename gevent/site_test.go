package gevent_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"greenloop/gevent"
	"greenloop/sched"
)

// From outside the package, whose own frames a report leaves out.
func TestSite(t *testing.T) {
	for _, sites := range []bool{false, true} {
		require.NoError(t, gevent.RunConfig(gevent.Config{Sites: sites}, func() error {
			nothing := func() error { return nil }
			want := "site_test.go:16"
			pool := gevent.NewPool(1)
			g, err := pool.Spawn(nothing)
			if sites {
				want = "spawned at "
				require.Contains(t, g.Site(), "site_test.go:19")
			}
			require.Contains(t, g.Site(), want)
			return err
		}))
	}
}

// Who wants to be told of each spawn sets a hook: it sees greenlets, links and posts.
func TestSpawnHook(t *testing.T) {
	var spawned []string
	hooks := &sched.Hooks{Spawned: func(task *sched.Task) {
		g, _ := task.Body().(*gevent.Greenlet)
		spawned = append(spawned, g.String())
		if g != nil && task.Name() == "child" {
			spawned = append(spawned, "by "+g.Parent().String())
		}
	}}
	require.NoError(t, gevent.RunConfig(gevent.Config{Hooks: hooks}, func() error {
		return gevent.SpawnNamed("child", func() error { return nil }).Get()
	}))
	require.Equal(t, []string{"main (task 1)", "child (task 2)", "by main (task 1)"}, spawned)
}
