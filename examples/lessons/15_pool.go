// Pools: a pool is a number of places for greenlets. Who wants to spawn one more waits until a place is free, so that a
// thousand jobs do not mean a thousand open files.
package main

import (
	"errors"
	"slices"
	"time"

	"greenloop/gevent"
)

// lengths says how long each job takes.
var lengths = []time.Duration{3 * time.Second, time.Second, 2 * time.Second, time.Second}

func pools(s *stage) error {
	return s.run(func() error {
		pool := gevent.NewPool(2)
		s.say("Two places, four jobs of 3, 1, 2 and 1 seconds; job 2 fails:")
		if err := crew(s, pool); err != nil {
			return err
		}

		s.say("Map: results in the order of the jobs, when all are done:")
		began := s.now()
		work := func(d time.Duration) (time.Duration, error) { return d, gevent.Sleep(d) }
		results, err := gevent.Map(pool, slices.Values(lengths), work)
		if err != nil {
			return err
		}
		s.say("    after %v: %v", s.now()-began, results)

		s.say("IMapUnordered: each result as soon as it is there:")
		began = s.now()
		for result, err := range gevent.IMapUnordered(pool, slices.Values(lengths), work) {
			if err != nil {
				return err
			}
			s.say("    after %v: %v", s.now()-began, result)
		}

		s.say("Kill ends all that still work:")
		for range 2 {
			if _, err := pool.Spawn(func() error { return gevent.Sleep(time.Hour) }); err != nil {
				return err
			}
		}
		s.say("    before: %d at work, free places: %d", pool.Len(), pool.FreeCount())
		err = pool.Kill()
		s.say("    after:  %d at work, free places: %d", pool.Len(), pool.FreeCount())
		return err
	})
}

func crew(s *stage, pool *gevent.Pool) error {
	for i, length := range lengths {
		g, err := pool.Spawn(func() error { // parks while the pool is full
			s.say("    %v      job %d starts", s.now(), i+1)
			if err := gevent.Sleep(length); err != nil {
				return err
			}
			s.say("    %v      job %d ends", s.now(), i+1)
			if i == 1 {
				return errors.New("no more nails")
			}
			return nil
		})
		if err != nil {
			return err
		}
		g.LinkError(func(*gevent.Greenlet) { s.say("    %v      job %d has failed", s.now(), i+1) })
		s.say("    %v  main: has spawned job %d", s.now(), i+1)
	}
	err := pool.Join()
	s.say("    %v  main: all have ended", s.now())
	return err
}
