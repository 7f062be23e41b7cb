// Timeouts and kill: both end what another one waits for. A timeout is an error, which comes back from the wait; a kill ends
// the greenlet, whatever that does with errors.
package main

import (
	"errors"
	"time"

	"greenloop/gevent"
)

func timeouts(s *stage) error {
	return s.run(func() error {
		s.say("A time limit for a call that waits:")
		err := gevent.WithTimeout(time.Second, func() error { return gevent.Sleep(time.Hour) })
		s.say("    %v  timed out: %t", s.now(), errors.Is(err, gevent.ErrTimeout))

		s.say("A time limit for code that ignores errors:")
		waits := 0
		_ = gevent.WithTimeout(time.Second, func() error {
			for ; waits < 3; waits++ {
				_ = gevent.Sleep(time.Hour)
			}
			return nil
		})
		s.say("    %v  it has tried to wait %d times", s.now(), waits)

		s.say("To wait no longer is not to end what one waits for:")
		worker := gevent.Spawn(func() error { return stubborn(s) })
		err = worker.JoinTimeout(3 * time.Second)
		s.say("    %v  main: waits no longer, timed out: %t, the worker has ended: %t", s.now(),
			errors.Is(err, gevent.ErrTimeout), worker.Ready())

		s.say("A kill ends it, and waits until it has cleaned up:")
		if err := worker.Kill(); err != nil {
			return err
		}
		s.say("    %v  main: the worker has ended: %t, killed: %t", s.now(), worker.Ready(),
			errors.Is(worker.Err(), gevent.ErrExit))

		s.say("What must not be interrupted has a shield:")
		err = gevent.WithTimeout(time.Second, func() error {
			err := gevent.Shield(func() error { return save(s) })
			if err != nil {
				return err
			}
			return gevent.Sleep(time.Hour)
		})
		s.say("    %v  timed out: %t", s.now(), errors.Is(err, gevent.ErrTimeout))
		return nil
	})
}

// stubborn ignores every error and would go on for ever; nothing but a kill ends it.
func stubborn(s *stage) error {
	defer func() {
		s.say("    %v      worker: cleans up, which takes 2 seconds", s.now())
		_ = gevent.Sleep(2 * time.Second)
		s.say("    %v      worker: is gone", s.now())
	}()
	for {
		s.say("    %v      worker: works", s.now())
		_ = gevent.Sleep(2 * time.Second)
	}
}

func save(s *stage) error {
	s.say("    %v      saves, which takes 5 seconds", s.now())
	err := gevent.Sleep(5 * time.Second)
	s.say("    %v      saved: %t", s.now(), err == nil)
	return err
}
