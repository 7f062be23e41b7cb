package gevent

import (
	"errors"
	"fmt"
	"runtime"
	"runtime/debug"
	"sync"
)

// RunHubs runs n hubs beside each other, each on a thread of its own: one for each processor that Go uses (GOMAXPROCS) if n
// is 0. It calls main in each, as Run does, with the hub's number from 0 on, and returns when all have ended.
//
// Greenlets stay on their hub, and share nothing with those of others but what is made for that: the Shared types,
// Hub.Post, and whatever is safe between goroutines and never blocks for long. For a server each hub listens for itself,
// on the same address, with ListenConfig.ReusePort.
//
// The first hub that fails ends the others: if main returns an error, panics or calls runtime.Goexit, or if it ends with a
// *DeadlockError, every other main is killed. The error joins those of all hubs that have failed themselves, each with its
// hub's number; a panic is in it as a *PanicError. RunHubs blocks its goroutine, so it must not be called in a greenlet.
func RunHubs(n int, main func(hub int) error) error {
	return RunHubsConfig(n, func(int) Config { return Config{} }, main)
}

// RunHubsConfig is RunHubs with a configuration for each hub.
func RunHubsConfig(n int, config func(hub int) Config, main func(hub int) error) error {
	switch {
	case n < 0:
		panic("gevent: RunHubs of a negative number; 0 is one for each processor")
	case config == nil || main == nil:
		panic("gevent: RunHubs of a nil function")
	case lookup() != nil:
		panic("gevent: RunHubs inside a hub, which would block it; call it outside Run")
	}
	if n == 0 {
		n = runtime.GOMAXPROCS(0)
	}
	f := fleet{mains: make(map[*Greenlet]struct{}), errs: make([]error, n)}
	var all sync.WaitGroup
	for i := range n {
		all.Go(func() { f.run(i, config, main) })
	}
	all.Wait()
	return errors.Join(f.errs...)
}

// A fleet is the hubs of one RunHubs.
type fleet struct {
	errs []error // of the hubs, by their numbers; each is written by its own goroutine

	mu     sync.Mutex // never held over a park
	mains  map[*Greenlet]struct{}
	failed bool
}

// errFleet is what a main is killed with because another hub has failed. Nobody else sees it.
var errFleet = fmt.Errorf("another hub has failed: %w", ErrExit)

// run runs hub i, on a goroutine of its own.
func (f *fleet) run(i int, config func(hub int) Config, main func(hub int) error) {
	err := errors.New("gevent: main called runtime.Goexit") // which leaves it so
	defer func() {
		if v := recover(); v != nil { // of config, or of RunConfig if that cannot be used
			err = &PanicError{Value: v, Stack: debug.Stack()}
		}
		if err != nil && !errors.Is(err, errFleet) {
			f.errs[i] = fmt.Errorf("hub %d: %w", i, err)
			f.fail()
		}
	}()
	err = RunConfig(config(i), func() error { return f.main(i, main) })
}

// main is the main of hub i.
func (f *fleet) main(i int, main func(hub int) error) (err error) {
	g := Current()
	if !f.enter(g) {
		return errFleet
	}
	defer f.leave(g)
	defer func() { // here, where the stack still tells who panicked
		if v := recover(); v != nil {
			err = &PanicError{Value: v, Stack: debug.Stack()}
		}
	}()
	return main(i)
}

// enter reports whether g may go on.
func (f *fleet) enter(g *Greenlet) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	if !f.failed {
		f.mains[g] = struct{}{}
	}
	return !f.failed
}

func (f *fleet) leave(g *Greenlet) {
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(f.mains, g)
}

// fail kills the mains that have not ended.
func (f *fleet) fail() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.failed = true
	for g := range f.mains {
		g.hub.Post(func() { g.KillWithAsync(errFleet) }) // it does nothing to one that has ended
	}
	clear(f.mains)
}
