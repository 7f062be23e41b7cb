// Queues: a queue stands between those who make something and those who use it. Neither knows the other, each works at its
// own pace, and whoever is too far ahead waits.
package main

import (
	"slices"
	"time"

	"greenloop/gevent"
)

func queues(s *stage) error {
	return s.run(func() error {
		s.say("A shelf with room for 2 loaves, between a fast baker and a slow customer:")
		if err := bakery(s); err != nil {
			return err
		}
		s.say("Three kinds of queue; 3, 1 and 2 are put into each:")
		fifo, lifo, least := gevent.NewQueue(0, 3, 1, 2), gevent.NewLifoQueue(0, 3, 1, 2), gevent.NewPriorityQueue(0, 3, 1, 2)
		fifo.Shutdown(false) // what is in can still be taken, and then All ends
		lifo.Shutdown(false)
		least.Shutdown(false)
		s.say("    first in, first out: %v", slices.Collect(fifo.All()))
		s.say("    last in, first out:  %v", slices.Collect(lifo.All()))
		s.say("    smallest first:      %v", slices.Collect(least.All()))
		s.say("Two workers, four jobs; main waits until the last one is done:")
		return workshop(s)
	})
}

func bakery(s *stage) error {
	shelf := gevent.NewQueue[int](2)
	baker := gevent.Spawn(func() error {
		defer shelf.Shutdown(false) // no more loaves: the customer's loop ends when the shelf is empty
		for loaf := 1; loaf <= 5; loaf++ {
			if err := shelf.Put(loaf); err != nil { // parks while the shelf is full
				return err
			}
			s.say("    %v  baker: has put loaf %d", s.now(), loaf)
		}
		return nil
	})
	for loaf := range shelf.All() { // each step is a Get: it parks while the shelf is empty
		s.say("    %v      customer: eats loaf %d, %d on the shelf", s.now(), loaf, shelf.Len())
		if err := gevent.Sleep(time.Second); err != nil {
			return err
		}
	}
	return baker.Join()
}

func workshop(s *stage) error {
	var todo gevent.JoinableQueue[time.Duration]
	for worker := 1; worker <= 2; worker++ {
		gevent.Spawn(func() error {
			for length := range todo.All() {
				if err := gevent.Sleep(length); err != nil {
					return err
				}
				todo.TaskDone() // the job is done, not merely taken
				s.say("    %v  worker %d: has done a job of %v; not done: %d", s.now(), worker, length, todo.Unfinished())
			}
			return nil
		})
	}
	for _, length := range []time.Duration{3 * time.Second, time.Second, time.Second, 2 * time.Second} {
		if err := todo.Put(length); err != nil {
			return err
		}
	}
	defer todo.Shutdown(false) // ends the workers' loops
	err := todo.Join()         // parks until there was a TaskDone for each Put
	s.say("    %v  main: all jobs are done, items in the queue: %d", s.now(), todo.Len())
	return err
}
