// Semaphores: a lock lets one in; a semaphore lets a number in. It is a counter of permits: each Acquire takes one, each
// Release gives one back.
package main

import (
	"time"

	"greenloop/gevent"
)

func semaphores(s *stage) error {
	return s.run(func() error {
		s.say("A café with 2 chairs and 5 guests; each stays for one hour or two:")
		if err := cafe(s); err != nil {
			return err
		}
		s.say("A semaphore that begins with 0 counts what has come:")
		if err := mailbox(s); err != nil {
			return err
		}
		s.say("A chair is given back that nobody has taken:")
		chairs, bounded := gevent.NewSemaphore(2), gevent.NewBoundedSemaphore(2)
		chairs.Release()
		s.say("    Semaphore: now there are %d", chairs.Value())
		defer func() {
			s.say("    BoundedSemaphore: panics: %t; there are still %d", recover() != nil, bounded.Value())
		}()
		bounded.Release()
		return nil
	})
}

func cafe(s *stage) error {
	chairs := gevent.NewSemaphore(2)
	var guests gevent.Group
	for guest := 1; guest <= 5; guest++ {
		guests.Spawn(func() error {
			if err := chairs.Acquire(); err != nil { // parks while no chair is free
				return err
			}
			defer chairs.Release() // however the visit ends
			s.say("    %vh  guest %d sits down, free chairs: %d", s.now().Hours(), guest, chairs.Value())
			return gevent.Sleep(time.Duration(1+guest%2) * time.Hour)
		})
	}
	err := guests.Join()
	s.say("    %vh  all have left, free chairs: %d", s.now().Hours(), chairs.Value())
	return err
}

// mailbox has one greenlet release what another one acquires: nothing is protected here, something is counted.
func mailbox(s *stage) error {
	letters := gevent.NewSemaphore(0)
	reader := gevent.Spawn(func() error {
		for letter := 1; letter <= 3; letter++ {
			if err := letters.Acquire(); err != nil { // parks until a letter is there
				return err
			}
			s.say("        reader: takes letter %d, leaves %d", letter, letters.Value())
		}
		return nil
	})
	for _, n := range []int{1, 2} {
		if err := gevent.Sleep(time.Hour); err != nil {
			return err
		}
		s.say("    postman: brings %d", n)
		letters.ReleaseN(n)
	}
	return reader.Join()
}
