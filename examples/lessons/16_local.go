// Greenlet-local values: a global variable is shared by all greenlets; what one sets, another one finds. A Local has a value
// for each greenlet, and a TreeLocal hands its value down to the greenlets that are spawned.
package main

import (
	"time"

	"greenloop/gevent"
)

// Where a request's number is kept, in three ways. The functions below it need not be given it.
var (
	global    int
	local     gevent.Local[int]
	inherited gevent.TreeLocal[int]
)

func locals(s *stage) error {
	return s.run(func() error {
		s.say("Two requests at a time, each looks its number up again after a wait:")
		first, second := gevent.Spawn(func() error { return handle(s, 1) }), gevent.Spawn(func() error { return handle(s, 2) })
		if err := gevent.JoinAll(first, second); err != nil {
			return err
		}

		s.say("A value ends with its greenlet; main has set none:")
		_, found := local.Of(first)
		_, own := local.Lookup()
		s.say("    the first request has one: %t, main has one: %t", found, own)

		s.say("A value that is made when it is first asked for:")
		made := 0
		buffer := gevent.Local[int]{Init: func() int { made++; return made }}
		for range 2 {
			g := gevent.Spawn(func() error {
				s.say("    buffer %d, and again buffer %d", buffer.Get(), buffer.Get())
				return nil
			})
			if err := g.Join(); err != nil {
				return err
			}
		}
		return nil
	})
}

// handle is a request: it sets its number, and waits for something.
func handle(s *stage, number int) error {
	global = number
	local.Set(number)
	inherited.Set(number)
	if err := gevent.Sleep(time.Second); err != nil { // the other request runs
		return err
	}
	look(s, number)
	helper := gevent.Spawn(func() error {
		s.say("    request %d, in a greenlet that it has spawned:", number)
		look(s, number)
		return nil
	})
	return helper.Join()
}

// look stands for code deep below, which asks whom it works for.
func look(s *stage, number int) {
	s.say("    request %d: global %d, Local %d, TreeLocal %d", number, global, local.Get(), inherited.Get())
}
