// Conditions: an event says "it has happened"; a condition says "something has changed, look again". Each who waits looks
// for what it needs, and waits on if that is not there yet.
package main

import (
	"time"

	"greenloop/gevent"
)

// A store has some stock, and a condition that tells of each change of it.
type store struct {
	changed *gevent.Condition // and the lock around stock
	stock   int
}

func conditions(s *stage) error {
	return s.run(func() error {
		s.say("Each delivery is announced to all who wait:")
		if err := market(s, (*gevent.Condition).NotifyAll); err != nil {
			return err
		}
		s.say("Each delivery is announced to one, who has waited longest:")
		return market(s, func(c *gevent.Condition) { c.Notify(1) })
	})
}

// market has customers who want 3, 1 and 2, and a delivery of 2 in each of two hours.
func market(s *stage, announce func(*gevent.Condition)) error {
	shop := &store{changed: gevent.NewCondition(new(gevent.Lock))}
	var customers gevent.Group
	for i, want := range []int{3, 1, 2} {
		customers.Spawn(func() error { return shop.buy(s, string(rune('A'+i)), want) })
	}
	for range 2 {
		if err := gevent.Sleep(time.Hour); err != nil {
			return err
		}
		if err := shop.deliver(s, announce); err != nil {
			return err
		}
	}
	_ = customers.JoinTimeout(time.Hour) // not all are served
	s.say("    closing time: %d still wait, %d in stock", customers.Len(), shop.stock)
	return customers.Kill()
}

func (shop *store) buy(s *stage, name string, want int) error {
	return shop.changed.With(func() error {
		for shop.stock < want { // a loop, not an if: another one may have been here first
			s.say("        %s wants %d, sees %d, waits", name, want, shop.stock)
			if err := shop.changed.Wait(); err != nil { // releases the lock, waits, takes the lock again
				return err
			}
		}
		shop.stock -= want
		s.say("        %s takes %d", name, want)
		return nil
	})
}

func (shop *store) deliver(s *stage, announce func(*gevent.Condition)) error {
	return shop.changed.With(func() error {
		shop.stock += 2
		s.say("    delivery of 2, %d in stock", shop.stock)
		announce(shop.changed)
		return nil
	})
}
