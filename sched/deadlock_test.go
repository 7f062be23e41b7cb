package sched_test

import (
	"os"
	"os/exec"
	"regexp"
	"runtime"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"greenloop/sched"
	"greenloop/sched/schedtest"
)

type bun struct{}

func (*bun) String() string { return "a bun" }

type ill struct{}

func (ill) String() string { panic("no text") }

func TestDeadlockReport(t *testing.T) {
	for _, sites := range []bool{false, true} {
		var dead *sched.DeadlockError
		ended := ""
		err := schedtest.Try(t, schedtest.Config{Sites: sites}, func(s *schedtest.Sim) {
			defer func() { ended += "main" }()
			var q sched.WaitQueue
			s.Go("eater", func() {
				defer func() { ended += "eater " }()
				_ = q.Wait(s.Scheduler, new(bun))
			})
			s.Go("", func() { _ = s.Await("readable 7") })
			s.Go("ill", func() { _ = s.Park(ill{}) })
			s.Go("none", func() { _ = s.Park(nil) })
			_ = s.Sleep(3 * time.Second)
			_ = s.Park(sched.Why("the baker"))
			t.Error("goes on")
		})
		require.ErrorAs(t, err, &dead)
		require.Equal(t, "eater main", ended)
		place, text := "in a function of ", err.Error()
		text = regexp.MustCompile(`in \S+ \(\S+/(\w+\.go):\d+\)`).ReplaceAllString(text, place+"$1")
		main := place + "sim.go"
		if sites {
			place = "spawned at "
			text = regexp.MustCompile(`spawned at \S+/(\w+\.go):\d+`).ReplaceAllString(text, place+"$1")
			main = place + "deadlock_test.go" // who called schedtest
		}
		place += "deadlock_test.go"
		require.Equal(t, `sched: deadlock: all 5 tasks wait and nothing can wake them
	task 1 "main" parked on the baker for 0s, `+main+`
	task 2 "eater" parked on a bun for 3s, `+place+`
	task 3 parked on readable 7 for 3s, `+place+`
	task 4 "ill" parked on %!v(PANIC=String method: no text) for 3s, `+place+`
	task 5 "none" parked on <nil> for 3s, `+place, text)
		require.Equal(t, sched.Parked, dead.Tasks[1].State)
		require.Equal(t, 3*time.Second, dead.Tasks[1].Since)
	}
}

func TestSiteIsTheLineOfTheSpawn(t *testing.T) {
	s := sched.New(sched.Config{Sites: true})
	defer s.Close()
	_, file, line, _ := runtime.Caller(0)
	s.Spawn("", func() {}) // here
	info := s.Dump()[0]
	require.Equal(t, sched.Ready, info.State)
	require.Contains(t, info.Site, file)
	require.Regexp(t, regexp.MustCompile(`:`+strconv.Itoa(line+1)+`$`), info.Site)
	require.Contains(t, info.String(), "task 1 ready, spawned at ")
}

type placed struct{ fn func() }

func (p *placed) Run()       { p.fn() }
func (p *placed) Place() any { return p.fn }

type anonymous struct{}

func (anonymous) Run() {}

func TestPlaceOfABody(t *testing.T) {
	s := sched.New(sched.Config{})
	defer s.Close()
	for _, c := range []struct {
		body sched.Body
		want string
	}{
		{&placed{func() {}}, "TestPlaceOfABody.func"},
		{&placed{}, "^$"},
		{anonymous{}, "^$"},
	} {
		task := new(sched.Task)
		s.Start(task, "", c.body)
		require.Equal(t, c.body, task.Body())
		info := s.Dump()
		require.Regexp(t, c.want, info[len(info)-1].Site)
	}
}

func TestWhatIsNoDeadlock(t *testing.T) {
	t.Run("a hold", func(t *testing.T) {
		s := sched.New(sched.Config{})
		defer s.Close()
		done := make(chan struct{})
		require.NoError(t, s.Run(func() {
			task, release := s.Current(), s.Hold()
			go func() {
				defer close(done)
				defer release()
				s.Post(func() { s.Ready(task) })
			}()
			require.NoError(t, s.Park(sched.Why("the post")))
		}))
		<-done
	})
	t.Run("a hold that is given up", func(t *testing.T) {
		s := sched.New(sched.Config{})
		defer s.Close()
		first, second := s.Hold(), s.Hold()
		err := s.Run(func() {
			go func() {
				first()
				first() // counts once
				second()
			}()
			_ = s.Park(sched.Why("a post"))
		})
		require.ErrorContains(t, err, "a post")
	})
	t.Run("a delayed task", func(t *testing.T) {
		schedtest.Run(t, func(s *schedtest.Sim) {
			main := s.Current()
			s.StartLater(new(sched.Task), "", sched.Func(func() { s.Ready(main) }), time.Hour)
			require.NoError(t, s.Park(sched.Why("the delayed one")))
		})
	})
	t.Run("an event", func(t *testing.T) {
		schedtest.Run(t, func(s *schedtest.Sim) {
			s.Poller.Event("e").FireAt(time.Hour)
			require.NoError(t, s.Await("e"))
			require.Equal(t, time.Hour, s.Now())
		})
	})
	t.Run("a post that came before", func(t *testing.T) {
		schedtest.Run(t, func(s *schedtest.Sim) {
			main := s.Current()
			s.Post(func() { s.Ready(main) })
			require.NoError(t, s.Park(sched.Why("the post")))
		})
	})
}

func TestWhatNeverComesIsADeadlock(t *testing.T) {
	for name, wait := range map[string]func(s *schedtest.Sim){
		"sleep": func(s *schedtest.Sim) { _ = s.Sleep(1<<63 - 1) },
		"park":  func(s *schedtest.Sim) { _ = s.ParkUntil(sched.Why(""), sched.Never) },
		"timer": func(s *schedtest.Sim) {
			s.StartTimer(sched.NewTimer(func() {}), sched.Never)
			_ = s.Park(sched.Why(""))
		},
		"timeout": func(s *schedtest.Sim) {
			s.StartTimer(sched.NewTimer(func() { s.SetTimeout(s.Go("", func() {}), 0) }), 1)
			_ = s.Park(sched.Why(""))
		},
		"start": func(s *schedtest.Sim) {
			s.StartLater(new(sched.Task), "", sched.Func(func() {}), sched.Never)
			_ = s.Park(sched.Why(""))
		},
		"join in a cycle": func(s *schedtest.Sim) {
			main := s.Current()
			_ = s.Go("", func() { _ = main.Join() }).Join()
		},
	} {
		t.Run(name, func(t *testing.T) {
			err := schedtest.Try(t, schedtest.Config{}, func(s *schedtest.Sim) {
				s.AllowLeftovers()
				wait(s)
			})
			var dead *sched.DeadlockError
			require.ErrorAs(t, err, &dead)
		})
	}
}

func TestTheSchedulerCanBeUsedAfterADeadlock(t *testing.T) {
	s := sched.New(sched.Config{})
	defer s.Close()
	for range 3 {
		require.Error(t, s.Run(func() { _ = s.Park(sched.Why("nothing")) }))
		require.NoError(t, s.Run(func() { _ = s.Sleep(time.Microsecond) }))
	}
}

// A panic of main that nobody recovers must look like any other: in a program of its own, since it ends it.
func TestAPanicOfMainEndsTheProgram(t *testing.T) {
	if os.Getenv("SCHED_SUBPROGRAM") != "" {
		s := sched.New(sched.Config{})
		_ = s.Run(func() { panic("oops") })
		os.Exit(0)
	}
	if runtime.GOARCH == "wasm" {
		t.Skip("no subprograms")
	}
	cmd := exec.Command(os.Args[0], "-test.run=^"+t.Name()+"$")
	cmd.Env = append(os.Environ(), "SCHED_SUBPROGRAM=1")
	out, err := cmd.CombinedOutput()
	require.Error(t, err)
	require.Contains(t, string(out), "panic: oops")
}
