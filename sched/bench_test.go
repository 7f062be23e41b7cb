package sched_test

import (
	"math/rand/v2"
	"testing"
	"time"

	"greenloop/sched"
	"greenloop/sched/schedtest"
)

// in runs fn in a scheduler's main task.
func in(b *testing.B, c sched.Config, fn func(s *sched.Scheduler)) {
	b.ReportAllocs()
	s := sched.New(c)
	if err := s.Run(func() { fn(s) }); err != nil {
		b.Fatal(err)
	}
	if err := s.Close(); err != nil {
		b.Fatal(err)
	}
}

// One operation is one switch: both tasks count.
func BenchmarkYield(b *testing.B) {
	in(b, sched.Config{}, func(s *sched.Scheduler) {
		left := b.N
		spin := func() {
			for left > 0 {
				left--
				s.Yield()
			}
		}
		other := s.Spawn("", spin)
		s.Yield()
		b.ResetTimer()
		spin()
		_ = other.Join()
	})
}

// One operation is one step of one of a thousand tasks: what cache misses add.
func BenchmarkYieldOfAThousand(b *testing.B) {
	in(b, sched.Config{}, func(s *sched.Scheduler) {
		left := b.N
		for range 1000 {
			s.Spawn("", func() {
				s.Yield()
				for left > 0 {
					left--
					s.Yield()
				}
			})
		}
		s.Yield()
		s.Yield()
		b.ResetTimer()
		for left > 0 {
			left--
			s.Yield()
		}
	})
}

// One operation is one wake-up and the switch to the woken task.
func BenchmarkParkReady(b *testing.B) {
	in(b, sched.Config{}, func(s *sched.Scheduler) {
		left := b.N
		main := s.Current()
		other := s.Spawn("", func() {
			for {
				_ = s.Park(sched.Why("ping"))
				left--
				s.Ready(main)
			}
		})
		s.Yield()
		b.ResetTimer()
		for left > 0 {
			left--
			s.Ready(other)
			_ = s.Park(sched.Why("pong"))
		}
	})
}

// One operation is one item from one task to another through a wait queue.
func BenchmarkWaitQueue(b *testing.B) {
	in(b, sched.Config{}, func(s *sched.Scheduler) {
		var q sched.WaitQueue
		got := 0
		s.Spawn("", func() {
			for {
				_ = q.Wait(s, sched.Why("an item"))
				got++
			}
		})
		s.Yield()
		for b.Loop() {
			q.Wake()
			s.Yield()
		}
	})
}

func BenchmarkSpawnJoin(b *testing.B) {
	in(b, sched.Config{}, func(s *sched.Scheduler) {
		for b.Loop() {
			_ = s.Spawn("", func() {}).Join()
		}
	})
}

func BenchmarkSpawnInBatches(b *testing.B) {
	in(b, sched.Config{}, func(s *sched.Scheduler) {
		for i := 1; b.Loop(); i++ {
			s.Spawn("", func() {})
			if i%1000 == 0 {
				s.Yield()
			}
		}
	})
}

// A task that waits once, as most do: then it needs a stack of its own.
func BenchmarkSpawnThatWaits(b *testing.B) {
	in(b, sched.Config{}, func(s *sched.Scheduler) {
		for i := 1; b.Loop(); i++ {
			s.Spawn("", s.Yield)
			if i%1000 == 0 {
				s.Yield()
				s.Yield()
			}
		}
	})
}

func BenchmarkSpawnKillJoin(b *testing.B) {
	in(b, sched.Config{}, func(s *sched.Scheduler) {
		for b.Loop() {
			task := s.Spawn("", func() { _ = s.Park(sched.Why("nothing")) })
			s.Yield()
			s.Kill(task)
			_ = task.Join()
		}
	})
}

func BenchmarkSleep(b *testing.B) {
	clock := new(schedtest.Clock)
	in(b, sched.Config{Clock: clock, Poller: schedtest.NewPoller(clock)}, func(s *sched.Scheduler) {
		for b.Loop() {
			_ = s.Sleep(time.Second)
		}
	})
}

// A deadline that is set and not reached, as that of nearly every read.
func BenchmarkTimeoutNotReached(b *testing.B) {
	in(b, sched.Config{}, func(s *sched.Scheduler) {
		var q sched.WaitQueue
		s.Spawn("", func() {
			for {
				_ = q.WaitUntil(s, sched.Why("an item"), s.After(time.Hour))
			}
		})
		s.Yield()
		for b.Loop() {
			q.Wake()
			s.Yield()
		}
	})
}

func BenchmarkTimerStartStop(b *testing.B) {
	in(b, sched.Config{}, func(s *sched.Scheduler) {
		timer := sched.NewTimer(func() {})
		for b.Loop() {
			s.StartTimer(timer, time.Hour)
			s.StopTimer(timer)
		}
	})
}

// Among a million other timers, at random times: one operation is one timer.
func BenchmarkMillionTimers(b *testing.B) {
	const million = 1_000_000
	clock := new(schedtest.Clock)
	fill := func(s *sched.Scheduler, timers []sched.Timer) {
		random := rand.New(rand.NewPCG(1, 2))
		for i := range timers {
			s.StartTimer(&timers[i], clock.Now()+1+time.Duration(random.IntN(million)))
		}
	}
	for _, what := range []string{"add", "stop", "fire"} {
		b.Run(what, func(b *testing.B) {
			in(b, sched.Config{Clock: clock, Poller: schedtest.NewPoller(clock)}, func(s *sched.Scheduler) {
				timers := make([]sched.Timer, million)
				for i := range timers {
					timers[i].Init(func() {})
				}
				for range b.N {
					b.StopTimer()
					if what != "add" {
						fill(s, timers)
					}
					b.StartTimer()
					switch what {
					case "add":
						fill(s, timers)
						b.StopTimer()
					case "fire":
						_ = s.Sleep(million + 1)
					}
					for i := range timers {
						s.StopTimer(&timers[i])
					}
				}
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/million, "ns/timer")
				b.ReportMetric(0, "ns/op")
			})
		})
	}
}

// From a foreign goroutine, to a scheduler that is busy: one operation is one post and its task.
func BenchmarkPost(b *testing.B) {
	in(b, sched.Config{}, func(s *sched.Scheduler) {
		defer s.Hold()()
		main, left := s.Current(), b.N
		go func() {
			for range b.N {
				s.Post(func() {
					if left--; left == 0 {
						s.Ready(main)
					}
				})
			}
		}()
		_ = s.Park(sched.Why("the last post"))
	})
}

// There and back again, each time from a sleeping scheduler: the price of a wake-up.
func BenchmarkPostAndSleep(b *testing.B) {
	in(b, sched.Config{}, func(s *sched.Scheduler) {
		defer s.Hold()()
		ping := make(chan *sched.Task)
		defer close(ping)
		go func() {
			for task := range ping {
				s.Post(func() { s.Ready(task) })
			}
		}()
		for b.Loop() {
			ping <- s.Current()
			_ = s.Park(sched.Why("the echo"))
		}
	})
}
