package sched_test

import (
	"errors"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"greenloop/sched"
	"greenloop/sched/schedtest"
)

func TestPostsRunInOrderAndMayWait(t *testing.T) {
	schedtest.Run(t, func(s *schedtest.Sim) {
		for i := range 3 {
			require.True(t, s.Post(func() {
				s.Tracef("%d", i)
				require.NoError(t, s.Sleep(time.Second))
				s.Tracef("%d", i)
				s.Post(func() { s.Tracef("nested") })
			}))
		}
		require.Empty(t, s.Trace(), "not before its turn")
		s.Advance(time.Second)
		require.Equal(t, "0 1 2 0 1 2 nested nested nested", s.TraceString())
		require.EqualValues(t, 6, s.Stats().Posts)
	})
}

func TestPostsFromManyGoroutinesAtOnce(t *testing.T) {
	const goroutines, posts = 8, 500
	schedtest.Run(t, func(s *schedtest.Sim) {
		main, left := s.Current(), goroutines*posts
		next := map[int]int{}
		for g := range goroutines {
			s.Outside(func() {
				for i := range posts {
					s.Post(func() {
						if next[g] != i {
							t.Errorf("goroutine %d: post %d came when %d was due", g, i, next[g])
						}
						next[g]++
						if left--; left == 0 {
							s.Ready(main)
						}
					})
					if i%7 == 0 {
						runtime.Gosched()
					}
				}
			})
		}
		require.NoError(t, s.Park(sched.Why("all posts")))
		require.LessOrEqual(t, s.Poller.Wakes(), goroutines*posts)
	})
}

// A gate is a poller whose waits only the test ends; Wake is counted.
type gate struct {
	asleep, open chan struct{}
	wakes        atomic.Int64
}

func newGate() *gate { return &gate{asleep: make(chan struct{}), open: make(chan struct{})} }

func (g *gate) Poll(timeout time.Duration) error {
	if timeout != 0 {
		g.asleep <- struct{}{}
		<-g.open
	}
	return nil
}
func (g *gate) Wake()        { g.wakes.Add(1) }
func (g *gate) Waiting() int { return 1 }

func TestPostsThatComeBeforeTheSleeperWakesWakeItOnce(t *testing.T) {
	const goroutines, posts = 8, 100
	g := newGate()
	wakeups := atomic.Int64{}
	s := sched.New(sched.Config{Poller: g, Wakeup: func() { wakeups.Add(1) }})
	var main *sched.Task
	ran, result := 0, make(chan error)
	go func() {
		result <- s.Run(func() {
			main = s.Current()
			require.NoError(t, s.Park(sched.Why("the last post")))
			s.Post(func() {}) // the loop is awake: no need
			s.Yield()
		})
	}()
	for round := 1; round <= 3; round++ {
		<-g.asleep
		var posters sync.WaitGroup
		for range goroutines {
			posters.Go(func() {
				for range posts {
					s.Post(func() { ran++ })
				}
			})
		}
		posters.Wait()
		require.EqualValues(t, round, g.wakes.Load())
		require.EqualValues(t, round, wakeups.Load())
		if round == 3 {
			s.Post(func() { s.Ready(main) })
		}
		g.open <- struct{}{}
	}
	require.NoError(t, <-result)
	require.Equal(t, 3*goroutines*posts, ran)
	require.EqualValues(t, 3, g.wakes.Load())
	require.NoError(t, s.Close())
}

// The loop says that it sleeps, and then looks once more: a post in between must not be lost. A ping-pong with a foreign
// goroutine, with the real waiting, meets that moment often; a lost wake-up hangs it.
func TestNoPostIsLostBetweenLookAndSleep(t *testing.T) {
	rounds := 20_000
	if testing.Short() || sched.RaceEnabled() {
		rounds = 2000
	}
	s := sched.New(sched.Config{})
	defer s.Close()
	ping := make(chan *sched.Task, 1)
	var foreign sync.WaitGroup
	foreign.Go(func() {
		for task := range ping {
			s.Post(func() { s.Ready(task) })
		}
	})
	require.NoError(t, s.Run(func() {
		defer s.Hold()()
		for range rounds {
			ping <- s.Current()
			require.NoError(t, s.Park(sched.Why("the echo")))
		}
		close(ping)
	}))
	foreign.Wait()
}

func TestPostBeforeRunAndAfterClose(t *testing.T) {
	s := sched.New(sched.Config{})
	ran := ""
	require.True(t, s.Post(func() { ran += "before " }))
	require.NoError(t, s.Run(func() {
		s.Yield()
		ran += "main "
	}))
	require.True(t, s.Post(func() { // of a scheduler that rests: runs in the next Run, or in Close
		defer func() { ran += "end" }()
		ran += "between "
		_ = s.Sleep(time.Hour)
		ran += "not this "
	}))
	require.Equal(t, "before main ", ran)
	require.NoError(t, s.Close())
	require.Equal(t, "before main between end", ran)
	require.False(t, s.Post(func() { ran += "after" }))
	require.NoError(t, s.Close())
	require.Equal(t, "before main between end", ran)
}

func TestWhatIsAcceptedRuns(t *testing.T) {
	for range 50 {
		s := sched.New(sched.Config{})
		ran := 0
		var accepted atomic.Int64
		var foreign sync.WaitGroup
		for range 4 {
			foreign.Go(func() {
				for range 1000 {
					if !s.Post(func() { ran++ }) {
						return
					}
					accepted.Add(1)
				}
			})
		}
		_ = s.Run(func() {
			for ran < 20 {
				s.Yield()
				runtime.Gosched()
			}
		})
		require.NoError(t, s.Close())
		foreign.Wait()
		require.EqualValues(t, accepted.Load(), ran)
	}
}

func TestRunEndsWhileSomebodyKeepsPosting(t *testing.T) {
	s := sched.New(sched.Config{})
	var again func()
	posted, cleaned := 0, false
	again = func() {
		posted++
		s.Post(again)
	}
	require.NoError(t, s.Run(func() {
		s.Spawn("", func() {
			defer func() {
				for posted < 100 { // it gets what it waits for
					s.Yield()
					_ = s.Sleep(time.Nanosecond)
				}
				cleaned = true
			}()
			_ = s.Park(sched.Why("nothing"))
		})
		s.Yield()
		s.Post(again)
	}))
	require.True(t, cleaned)
	require.Less(t, posted, 200)
	require.NoError(t, s.Close()) // the one that is left runs here
}

func TestRunEndsInAFloodOfPosts(t *testing.T) {
	s := sched.New(sched.Config{})
	posted := 0
	var again func()
	again = func() {
		if posted++; posted < 100_000 {
			s.Post(again)
		}
	}
	require.NoError(t, s.Run(func() {
		for range 200 { // more than the steps between two looks at the posts: never is none of them ready
			s.Post(again)
		}
		for posted < 1000 {
			s.Yield()
		}
	}))
	require.Less(t, posted, 2000)
	posted = 100_000
	require.NoError(t, s.Close())
}

func TestAPostThatWasTakenRunsThoughMainEndsFirst(t *testing.T) {
	s := sched.New(sched.Config{})
	ran := ""
	require.NoError(t, s.Run(func() {
		s.Post(func() {
			ran += "ran"
			s.Yield()
			ran += " not this"
		})
		for s.Stats().Posts == 0 {
			s.Yield()
		}
		require.Empty(t, ran, "its task is ready, behind main")
	}))
	require.Equal(t, "ran", ran)
	require.NoError(t, s.Close())
}

// A latePoster posts in the moment between the loop's look at the posts and its sleep.
type latePoster struct {
	gate
	post func()
}

func (p *latePoster) Waiting() int {
	if post := p.post; post != nil {
		p.post = nil
		post()
	}
	return 1
}

func (p *latePoster) Poll(timeout time.Duration) error {
	if timeout < 0 {
		return errors.New("sleeps although there is a post")
	}
	return nil
}

func TestAPostBetweenLookAndSleep(t *testing.T) {
	p := new(latePoster)
	s := sched.New(sched.Config{Poller: p})
	require.NoError(t, s.Run(func() {
		main := s.Current()
		s.Yield()
		p.post = func() { s.Post(func() { s.Ready(main) }) }
		require.NoError(t, s.Park(sched.Why("the post")))
	}))
	require.Zero(t, p.wakes.Load())
	require.NoError(t, s.Close())
}

func TestPostOfNil(t *testing.T) {
	s := sched.New(sched.Config{})
	require.PanicsWithValue(t, "sched: Post of a nil function", func() { s.Post(nil) })
	require.NoError(t, s.Close())
}

func TestAPanicOfAPost(t *testing.T) {
	told := ""
	onPanic := func(task *sched.Task, p *sched.PanicError) { told = fmt.Sprint(task, ": ", p.Value) }
	schedtest.RunConfig(t, schedtest.Config{OnPanic: onPanic}, func(s *schedtest.Sim) {
		s.Post(func() { panic("oops") })
		s.Settle()
		require.Equal(t, "post (task 2): oops", told)
	})
}
