//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd

package gevent

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// A process that was started lives on after the hub, and is reaped; one inside Run does not live on.
func TestHubEndsBeforeTheProcess(t *testing.T) {
	before := openFds()
	var started, inRun, unbegun *Cmd
	require.NoError(t, Run(func() error {
		started = Command("cat")
		_, err := started.StdinPipe() // its end ends cat
		require.NoError(t, err)
		require.NoError(t, started.Start())
		inRun = Command("sleep", "1000")
		parked(t, Spawn(inRun.Run))
		unbegun = Command("true")
		return unbegun.Start()
	}))
	noGoroutines(t)
	for _, c := range []*Cmd{started, inRun, unbegun} {
		gonePid(t, c.Pid())
	}
	noZombies(t)
	noDescriptors(t, before)
}

func TestRunWhileTheHubEnds(t *testing.T) {
	var c *Cmd
	require.NoError(t, Run(func() error {
		Spawn(func() error {
			defer func() {
				c = Command("sleep", "1000")
				require.Equal(t, ErrExit, c.Run())
			}()
			return Sleep(time.Hour)
		})
		Yield()
		return nil
	}))
	noGoroutines(t)
	gonePid(t, c.Pid())
}

// followed is a context that counts who wants to be told of its end.
type followed struct {
	context.Context
	followers int
}

func (*followed) Done() <-chan struct{} { return make(chan struct{}) }

func (c *followed) AfterFunc(func()) (stop func() bool) {
	c.followers++
	return func() bool { c.followers--; return true }
}

// A command that outlives neither its hub nor its Run leaves nothing with its context.
func TestCommandLeavesItsContext(t *testing.T) {
	ctx := &followed{Context: context.Background()}
	require.NoError(t, Run(func() error {
		Spawn(func() error {
			defer func() { require.Equal(t, ErrExit, CommandContext(ctx, "sleep", "1000").Run()) }()
			return Sleep(time.Hour)
		})
		Yield()
		return CommandContext(ctx, "true").Run()
	}))
	noGoroutines(t)
	require.Zero(t, ctx.followers)
}
