//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd

package multiprocessing_test

import (
	"errors"
	"fmt"
	"time"

	"greenloop/gevent"
	mp "greenloop/gevent/multiprocessing"
)

// guarded is what a process gets that takes a lock, and keeps it.
type guarded struct {
	Lock *mp.Lock
	Held *mp.Event
}

var keeps = mp.Define("example: keeps a lock", func(g guarded) error {
	return errors.Join(g.Lock.Acquire(), g.Held.Set(), gevent.Sleep(time.Hour))
})

// The holder of a lock is killed: the next owner is told, and mends what the lock protects.
func ExampleLock() {
	err := gevent.Run(func() error {
		lock, err := mp.NewLock()
		if err != nil {
			return err
		}
		held, err := mp.NewEvent()
		if err != nil {
			return err
		}
		p, err := keeps.Start(guarded{lock, held})
		if err != nil {
			return err
		}
		if err := held.Wait(); err != nil {
			return err
		}
		fmt.Println(lock.AcquireTimeout(time.Millisecond) == gevent.ErrTimeout)
		if err := p.Kill(); err != nil {
			return err
		}
		fmt.Println(lock.Acquire() == mp.ErrHolderDied, lock.Locked())
		return errors.Join(lock.Release(), lock.Close(), held.Close())
	})
	fmt.Println(err)
	// Output:
	// true
	// true true
	// <nil>
}

type shelf struct {
	Filled *mp.Condition
	Books  *mp.Receiver[string]
}

var reader = mp.Define("example: reads", func(s shelf) error {
	return s.Filled.With(func() error {
		return s.Filled.WaitFor(func() bool {
			there, _ := s.Books.Poll(0)
			return there
		})
	})
})

func ExampleCondition() {
	err := gevent.Run(func() error {
		filled, err := mp.NewCondition(nil) // on an RLock of its own
		if err != nil {
			return err
		}
		in, out, err := mp.Pipe[string]()
		if err != nil {
			return err
		}
		p, err := reader.Start(shelf{filled, in})
		if err != nil {
			return err
		}
		err = filled.With(func() error {
			return errors.Join(out.Send("a book"), filled.NotifyAll())
		})
		return errors.Join(err, p.Join(), p.Err(), filled.Close(), out.Close())
	})
	fmt.Println(err)
	// Output: <nil>
}

var crosses = mp.Define("example: crosses", func(b *mp.Barrier) error {
	_, err := b.Wait()
	return err
})

func ExampleBarrier() {
	err := gevent.Run(func() error {
		b, err := mp.NewBarrier(2)
		if err != nil {
			return err
		}
		p, err := crosses.Start(b)
		if err != nil {
			return err
		}
		_, err = b.Wait() // until the process has come
		return errors.Join(err, p.Join(), p.Err(), b.Close())
	})
	fmt.Println(err)
	// Output: <nil>
}

func ExampleSemaphore() {
	err := gevent.Run(func() error {
		s, err := mp.NewSemaphore(2)
		if err != nil {
			return err
		}
		fmt.Println(s.Acquire(), s.Value())
		fmt.Println(s.With(func() error { return gevent.Sleep(time.Millisecond) }))
		fmt.Println(s.ReleaseN(2), s.Value()) // one was acquired, one is new
		return s.Close()
	})
	fmt.Println(err)
	// Output:
	// <nil> 1
	// <nil>
	// <nil> 3
	// <nil>
}
