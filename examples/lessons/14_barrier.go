// Barriers: a barrier is a meeting point. Nobody goes on before all have come; then it is ready for the next round.
package main

import (
	"errors"
	"time"

	"greenloop/gevent"
)

func barriers(s *stage) error {
	return s.run(func() error {
		s.say("Three hikers, two stages; nobody starts the second before all have finished the first:")
		if err := hike(s); err != nil {
			return err
		}
		s.say("Hiker 2 waits no longer than an hour, and hiker 3 comes after two:")
		return impatient(s)
	})
}

func hike(s *stage) error {
	meals := 0
	rest := gevent.NewBarrier(3, func() error { // called once a round, by the one who comes last
		meals++
		s.say("    %vh  all are there: meal %d", s.now().Hours(), meals)
		return nil
	})
	var hikers gevent.Group
	for hiker := 1; hiker <= 3; hiker++ {
		hikers.Spawn(func() error {
			for part := 1; part <= 2; part++ {
				pace := (hiker + part) % 3 // not always the same one is slow
				if err := gevent.Sleep(time.Duration(1+pace) * time.Hour); err != nil {
					return err
				}
				s.say("    %vh      hiker %d has finished stage %d", s.now().Hours(), hiker, part)
				place, err := rest.Wait() // parks until all three have come
				if err != nil {
					return err
				}
				s.say("    %vh          hiker %d goes on, came as number %d", s.now().Hours(), hiker, place+1)
			}
			return nil
		})
	}
	return hikers.Get()
}

func impatient(s *stage) error {
	rest := gevent.NewBarrier(3, nil)
	var hikers gevent.Group
	hiker := func(number int, arrival, patience time.Duration) {
		hikers.Spawn(func() error {
			if err := gevent.Sleep(arrival); err != nil {
				return err
			}
			_, err := rest.WaitTimeout(patience)
			s.say("    %vh  hiker %d: timed out: %t, barrier broken: %t", s.now().Hours(), number,
				errors.Is(err, gevent.ErrTimeout), errors.Is(err, gevent.ErrBrokenBarrier))
			return nil
		})
	}
	hiker(1, 0, 5*time.Hour)
	hiker(2, 0, time.Hour)
	hiker(3, 2*time.Hour, 5*time.Hour)
	return hikers.Join()
}
