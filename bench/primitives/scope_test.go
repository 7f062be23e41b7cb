package primitives

import (
	"context"
	"testing"
	"time"

	"greenloop/gevent"
)

var (
	// One op is one call made elsewhere, there and back: on another thread for a greenlet, on another goroutine for a
	// goroutine.
	offload = compare("Offload", 1,
		greenlets("greenloop", offloadGreen),
		greenlets("greenloop=Await", awaitGreen),
		goroutines("go", offloadGo))

	// One op is one call with a time limit, which is not reached.
	withTimeout = compare("WithTimeout", 1,
		greenlets("greenloop", withTimeoutGreen),
		goroutines("go", withTimeoutGo))

	// One op is the greenlet's own value looked up. Go has none.
	local = compare("Local", 1,
		greenlets("greenloop", localGreen),
		greenlets("greenloop=Tree", treeLocalGreen))
)

func BenchmarkOffload(b *testing.B)     { offload.bench(b) }
func BenchmarkWithTimeout(b *testing.B) { withTimeout.bench(b) }
func BenchmarkLocal(b *testing.B)       { local.bench(b) }

func one() (int, error) { return 1, nil }

func offloadGreen(j job) (done int) {
	j.begin()
	for range j.rounds {
		v, err := gevent.Offload(one)
		must(err)
		done += v
	}
	return done
}

func awaitGreen(j job) (done int) {
	fn := func(context.Context) (int, error) { return one() }
	j.begin()
	for range j.rounds {
		v, err := gevent.Await(fn)
		must(err)
		done += v
	}
	return done
}

func offloadGo(j job) (done int) {
	type outcome struct {
		value int
		err   error
	}
	j.begin()
	for range j.rounds {
		c := make(chan outcome, 1)
		go func() {
			v, err := one()
			c <- outcome{v, err}
		}()
		o := <-c
		must(o.err)
		done += o.value
	}
	return done
}

func withTimeoutGreen(j job) (done int) {
	fn := func() error {
		done++
		return nil
	}
	j.begin()
	for range j.rounds {
		must(gevent.WithTimeout(time.Hour, fn))
	}
	return done
}

func withTimeoutGo(j job) (done int) {
	fn := func(context.Context) error {
		done++
		return nil
	}
	call := func() error {
		ctx, cancel := context.WithTimeout(context.Background(), time.Hour)
		defer cancel()
		return fn(ctx)
	}
	j.begin()
	for range j.rounds {
		must(call())
	}
	return done
}

func localGreen(j job) (done int) {
	var l gevent.Local[int]
	l.Set(1)
	j.begin()
	for range j.rounds {
		done += l.Get()
	}
	return done
}

func treeLocalGreen(j job) (done int) {
	var l gevent.TreeLocal[int]
	l.Set(1)
	j.begin()
	for range j.rounds {
		done += l.Get()
	}
	return done
}
