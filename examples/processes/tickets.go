// Ten tickets, and many processes that want one each. Who buys looks how many are left, pays, which takes a moment, and
// takes one. Each of these steps is whole; the three together are not, unless a lock keeps the others out.
package main

import (
	"errors"
	"time"

	"greenloop/gevent"
	mp "greenloop/gevent/multiprocessing"
)

var (
	seats  = 10                    // there are tickets for
	buyers = 100                   // processes
	paying = 20 * time.Millisecond // how long it takes
)

// A sale is what each buyer is given. Value, Counter, Barrier and Lock are the same for all of them.
type sale struct {
	Left  *mp.Value[int] // tickets
	Sold  *mp.Counter    // tickets: who has paid counts here
	Doors *mp.Barrier    // nobody starts before all are here
	Lock  *mp.Lock       // around the purchase; nil: there is none
}

var buyer = mp.Define("buyer", func(s sale) error {
	if _, err := s.Doors.Wait(); err != nil {
		return err
	}
	if s.Lock == nil {
		return s.buy()
	}
	return s.Lock.With(s.buy)
})

func (s sale) buy() error {
	left, err := s.Left.Load()
	if err != nil || left == 0 {
		return err // sold out
	}
	if err := gevent.Sleep(paying); err != nil {
		return err
	}
	s.Sold.Add(1)
	return s.Left.Store(left - 1)
}

func tickets(s stage) error {
	return gevent.Run(func() error {
		s.say("%d tickets, and %d processes that want one each", seats, buyers)
		sold, left, err := sell(nil)
		if err != nil {
			return err
		}
		s.say("without a lock: %3d sold, and %d left", sold, left)
		lock, err := mp.NewLock()
		if err != nil {
			return err
		}
		sold, left, err = sell(lock)
		s.say("with a lock:    %3d sold, and %d left", sold, left)
		return errors.Join(err, lock.Close())
	})
}

// sell starts the buyers and waits for them. It returns how many tickets were sold, and how many are said to be left.
func sell(lock *mp.Lock) (sold, left int, err error) {
	number, err1 := mp.NewValue(seats)
	count, err2 := mp.NewCounter(0)
	doors, err3 := mp.NewBarrier(buyers)
	if err := errors.Join(err1, err2, err3); err != nil {
		return 0, 0, err
	}
	all := make([]*mp.Process, buyers)
	for i := range all {
		if all[i], err = buyer.Start(sale{number, count, doors, lock}); err != nil {
			return 0, 0, err
		}
	}
	if err := mp.JoinAll(all...); err != nil {
		return 0, 0, err
	}
	sold = int(count.Load())
	left, err = number.Load()
	return sold, left, errors.Join(err, number.Close(), count.Close(), doors.Close())
}
