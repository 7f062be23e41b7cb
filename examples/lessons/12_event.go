// Events: an event is a flag that says "it has happened". Any number of greenlets wait for it, one call of Set lets all of
// them go on, and it stays set for those who come later.
package main

import (
	"errors"
	"time"

	"greenloop/gevent"
)

func events(s *stage) error {
	return s.run(func() error {
		var open gevent.Event
		var visitors gevent.Group
		visit := func(name string, arrival time.Duration) {
			visitors.Spawn(func() error {
				if err := gevent.Sleep(arrival); err != nil {
					return err
				}
				s.say("    %vh  %s is at the door, open: %t", s.now().Hours(), name, open.IsSet())
				if err := open.Wait(); err != nil { // parks until it is set
					return err
				}
				s.say("    %vh      %s walks in", s.now().Hours(), name)
				return nil
			})
		}
		s.say("A museum that opens after two hours:")
		visit("A", 1*time.Hour)
		visit("B", 1*time.Hour)
		visit("C", 3*time.Hour)
		if err := gevent.Sleep(2 * time.Hour); err != nil {
			return err
		}
		s.say("    %vh  doorman: opens", s.now().Hours())
		open.Set() // makes A and B ready; they run once the doorman waits
		s.say("    %vh  doorman: goes for a coffee", s.now().Hours())
		if err := visitors.Join(); err != nil {
			return err
		}

		s.say("Open and close at once, before anybody could run:")
		open.Clear()
		visit("D", 0)
		if err := gevent.Sleep(time.Hour); err != nil {
			return err
		}
		open.Set()
		open.Clear()
		if err := visitors.Join(); err != nil {
			return err
		}

		s.say("E waits for half an hour, and no longer:")
		err := open.WaitTimeout(30 * time.Minute)
		s.say("    %vh  E gives up, timed out: %t", s.now().Hours(), errors.Is(err, gevent.ErrTimeout))
		return nil
	})
}
