// Locks: what a greenlet does between two waits, nobody can disturb. What has a wait in the middle, others can disturb,
// unless a lock keeps them out until it is finished.
package main

import (
	"time"

	"greenloop/gevent"
)

func locks(s *stage) error {
	return s.run(func() error {
		s.say("One printer, two reports, no lock:")
		if err := office(s, func(job func() error) error { return job() }); err != nil {
			return err
		}
		s.say("The same, with a lock around each report:")
		var printer gevent.Lock
		if err := office(s, printer.With); err != nil {
			return err
		}
		s.say("A asks three times in a row, B and C once:")
		if err := askers(s); err != nil {
			return err
		}
		s.say("A function that holds a lock calls another one that takes it, too:")
		s.say("    Lock:  the inner call gets it: %t", nested(new(gevent.Lock)))
		s.say("    RLock: the inner call gets it: %t", nested(new(gevent.RLock)))
		return nil
	})
}

// office has two greenlets print a report each; with is what they put around it.
func office(s *stage, with func(job func() error) error) error {
	report := func(name string) *gevent.Greenlet {
		return gevent.SpawnNamed("report "+name, func() error {
			return with(func() error {
				for page := 1; page <= 2; page++ {
					s.say("    report %s, page %d", name, page)
					if err := gevent.Sleep(time.Second); err != nil { // while the printer prints, others run
						return err
					}
				}
				return nil
			})
		})
	}
	return gevent.JoinAll(report("A"), report("B"))
}

// askers shows who gets a lock that A wants again as soon as it has released it.
func askers(s *stage) error {
	var lock gevent.Lock
	use := func(name string, times int) *gevent.Greenlet {
		return gevent.SpawnNamed(name, func() error {
			for range times {
				if err := lock.Acquire(); err != nil { // parks while somebody holds it
					return err
				}
				s.say("    %s has the lock", name)
				gevent.Yield() // B and C come and ask
				lock.Release() // hands it to who has waited longest
			}
			return nil
		})
	}
	return gevent.JoinAll(use("A", 3), use("B", 1), use("C", 1))
}

func nested(l gevent.Locker) (got bool) {
	_ = l.With(func() error {
		if err := l.AcquireTimeout(time.Minute); err != nil {
			return err // ErrTimeout: who should have released it, if not the one that waits?
		}
		defer l.Release()
		got = true
		return nil
	})
	return got
}
