// One process puts work into a queue, and some others take it out. Who puts wants to know when everything is done; who
// takes goes on for ever, and ends with the program.
package main

import (
	"errors"
	"time"

	"greenloop/gevent"
	mp "greenloop/gevent/multiprocessing"
)

var (
	names = []string{"Ann", "Bob", "Cid"} // of the consumers
	jobs  = 30
)

// A shift is what each consumer is given. The queues are the same for all of them.
type shift struct {
	Name    string
	Jobs    *mp.JoinableQueue[int]
	Results *mp.Queue[result]
}

type result struct {
	Job, Square int
	By          string
}

// consumer squares numbers. It has no end: it is a daemon.
var consumer = mp.Define("consumer", func(s shift) error {
	for {
		n, err := s.Jobs.Get() // parks while there is none
		if err != nil {
			return err
		}
		if err := gevent.Sleep(time.Millisecond); err != nil { // the work
			return err
		}
		if err := s.Results.Put(result{n, n * n, s.Name}); err != nil {
			return err
		}
		if err := s.Jobs.TaskDone(); err != nil { // not before everything about it is done
			return err
		}
	}
})

func queue(s stage) error {
	return gevent.Run(func() error {
		todo, err1 := mp.NewJoinableQueue[int](5) // Put parks while five are in it
		done, err2 := mp.NewQueue[result](0)      // any number
		if err := errors.Join(err1, err2); err != nil {
			return err
		}
		for _, name := range names {
			if _, err := consumer.StartDaemon(shift{name, todo, done}); err != nil {
				return err
			}
		}
		for n := range jobs {
			if err := todo.Put(n + 1); err != nil {
				return err
			}
		}
		s.say("%d jobs were put, %d of them are not done", jobs, todo.Unfinished())
		if err := todo.Join(); err != nil {
			return err
		}
		s.say("Join has returned: %d are not done", todo.Unfinished())
		err := report(s, done)
		s.say("%d consumers wait for more", len(mp.ActiveChildren()))
		return errors.Join(err, todo.Close(), done.Close())
	})
}

// report says what each consumer did.
func report(s stage, done *mp.Queue[result]) error {
	sum, by := 0, map[string]int{}
	for range jobs {
		r, err := done.Get()
		if err != nil {
			return err
		}
		sum += r.Square
		by[r.By]++
	}
	for _, name := range names {
		s.say("  %s did %d", name, by[name])
	}
	s.say("  the sum of the %d squares is %d", jobs, sum)
	return nil
}
