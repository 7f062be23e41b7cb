// The same account, with a switch between the read and the write: each deposit asks another bank first, which takes a
// second. An update is lost, with one thread. Two cures: a lock, or no switch between the read and the write.
package main

import (
	"time"

	"greenloop/gevent"
)

// An account is not protected by anything but the order in which greenlets run.
type account struct {
	s       *stage
	balance int
}

// deposit adds amount, if only one greenlet at a time is in it.
func (a *account) deposit(who string, amount int) error {
	read := a.balance
	a.s.say("    %v %s reads %d and asks the other bank", a.s.now(), who, read)
	if err := gevent.Sleep(time.Second); err != nil { // parks: the other one runs
		return err
	}
	a.balance = read + amount
	a.s.say("    %v %s writes %d", a.s.now(), who, a.balance)
	return nil
}

// askFirst does the same in another order: it waits first, and then there is no switch between the read and the write.
func (a *account) askFirst(who string, amount int) error {
	a.s.say("    %v %s asks the other bank", a.s.now(), who)
	if err := gevent.Sleep(time.Second); err != nil {
		return err
	}
	a.balance += amount
	a.s.say("    %v %s reads and writes %d", a.s.now(), who, a.balance)
	return nil
}

func lostUpdate(s *stage) error {
	s.say("1. A switch between the read and the write:")
	if err := both(s, func(a *account) step { return a.deposit }); err != nil {
		return err
	}
	s.say("2. The same, one at a time, behind a lock:")
	if err := both(s, func(a *account) step {
		var lock gevent.Lock
		return func(who string, amount int) error {
			return lock.With(func() error { return a.deposit(who, amount) })
		}
	}); err != nil {
		return err
	}
	s.say("3. No lock, and no switch between the read and the write:")
	return both(s, func(a *account) step { return a.askFirst })
}

// A step is one deposit.
type step func(who string, amount int) error

// both lets Ann deposit 50 and Bob 30, at the same time.
func both(s *stage, with func(*account) step) error {
	return s.run(func() error {
		a := &account{s: s, balance: 100}
		deposit := with(a)
		ann := gevent.Spawn(func() error { return deposit("Ann", 50) })
		bob := gevent.Spawn(func() error { return deposit("Bob", 30) })
		err := gevent.JoinAll(ann, bob)
		s.say("    100 + 50 + 30 = %d, after %v", a.balance, s.now())
		return err
	})
}
