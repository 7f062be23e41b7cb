// One greenlet ticks each 10 ms. Beside it another one waits, or computes, for 200 ms, in six ways. Two of them stop the
// thread, and with it everybody; four let the ticker run.
package main

import (
	"time"

	"greenloop/gevent"
)

const (
	beat = 10 * time.Millisecond
	job  = 200 * time.Millisecond
)

func blocking(s *stage) error {
	return s.runReal(func() error {
		for _, way := range []struct {
			name string
			work func() error
		}{
			{"gevent.Sleep", func() error { return gevent.Sleep(job) }},
			{"time.Sleep", func() error { time.Sleep(job); return nil }},
			{"gevent.Offload(time.Sleep)", func() error {
				return offload(func() { time.Sleep(job) })
			}},
			{"loop", func() error { loop(job); return nil }},
			{"loop, gevent.Yield", func() error {
				for range 1000 {
					loop(job / 1000)
					gevent.Yield()
				}
				return nil
			}},
			{"gevent.Offload(loop)", func() error {
				return offload(func() { loop(job) })
			}},
		} {
			ticks, longest, err := beside(way.work)
			if err != nil {
				return err
			}
			s.say("%-27s %3d ticks; the longest silence was %4d ms", way.name, ticks, longest.Milliseconds())
		}
		return nil
	})
}

// beside returns how often the ticker ticked while work was done, and its longest silence.
func beside(work func() error) (ticks int, longest time.Duration, err error) {
	last := time.Now()
	tick := func() { longest, last = max(longest, time.Since(last)), time.Now() }
	ticker := gevent.Spawn(func() error {
		for {
			if err := gevent.Sleep(beat); err != nil {
				return err
			}
			tick()
			ticks++
		}
	})
	err = gevent.Spawn(work).Get()
	tick()
	_ = ticker.Kill()
	return ticks, longest, err
}

// loop computes, for so long.
func loop(d time.Duration) {
	for began := time.Now(); time.Since(began) < d; {
	}
}

// offload runs fn on a goroutine, on another thread, while the other greenlets run.
func offload(fn func()) error {
	_, err := gevent.Offload(func() (bool, error) { fn(); return true, nil })
	return err
}
