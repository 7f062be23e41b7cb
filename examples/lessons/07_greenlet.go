// Greenlets: no scheduler decides who runs. Each Switch names the next one, and whoever makes it stops in the middle of its
// function, on a stack of its own, until somebody switches back.
package main

import "greenloop/greenlet"

func byHand(s *stage) error {
	return s.run(func() error {
		main := greenlet.Current()
		var waiter, cook *greenlet.Greenlet

		waiter = greenlet.New(func(args ...any) (any, error) {
			s.say("    waiter: starts; takes an order to the cook, for table %v", args[0])
			dish, err := cook.Switch(args[0])
			if err != nil {
				return nil, err
			}
			s.say("    waiter: goes on with dish %v; switches to main, not to the cook", dish)
			note, err := main.Switch("served")
			if err != nil {
				return nil, err
			}
			s.say("    waiter: goes on; main has sent %v; returns, which ends it", note)
			return "waiter done", nil
		})

		cook = greenlet.New(func(args ...any) (any, error) {
			dishes := 1 // a local variable of the cook's stack: it waits there, too
			s.say("        cook: starts; makes dish %d for table %v and switches back", dishes, args[0])
			table, err := waiter.Switch(dishes)
			if err != nil {
				return nil, err
			}
			dishes++
			s.say("        cook: goes on; makes dish %d for table %v; returns, which ends it", dishes, table)
			return "cook done", nil
		})

		s.name("main", main) // for -trace and -html; itself it has only a number
		s.name("waiter", waiter)
		s.name("cook", cook)
		s.say("main: has made both; nothing of them has run yet")
		got, err := waiter.Switch(4)
		if err != nil {
			return err
		}
		s.say("main: goes on, its Switch has returned %v", got)
		s.say("main: sends table 9 to the cook, past the waiter")
		if got, err = cook.Switch(9); err != nil {
			return err
		}
		s.say("main: goes on, its Switch has returned %v; the waiter still stands where it was", got)
		got, err = waiter.Switch("go home")
		s.say("main: goes on, its Switch has returned %v", got)
		return err
	})
}
