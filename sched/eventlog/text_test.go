package eventlog_test

import (
	"fmt"
	"io"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"greenloop/sched"
	"greenloop/sched/eventlog"
	"greenloop/sched/schedtest"
)

func textOf(t require.TestingT, r *eventlog.Recording, o eventlog.TextOptions) string {
	var b strings.Builder
	require.NoError(t, r.WriteText(&b, o))
	return b.String()
}

// twoWaiters is a program in which two wait for a lock: one gets it, one gives up.
func twoWaiters(s *schedtest.Sim, l *eventlog.Log) {
	m := &holdable{name: "the lock"}
	m.lock(s.Scheduler)
	alice := s.Go("alice", func() { m.lock(s.Scheduler); m.unlock() })
	s.Go("bob", func() {
		if s.ParkUntil(m, s.After(time.Second)) != nil {
			l.Note("gives up")
		}
	})
	_ = s.Sleep(2 * time.Second)
	m.unlock()
	_ = alice.Join()
}

func TestTextOfALockWithTwoWaiters(t *testing.T) {
	r := record(t, eventlog.Config{}, twoWaiters)
	require.Equal(t, strings.TrimPrefix(`
┃ runs   ╎ is ready   · waits
      main         alice        bob
  0s  ╎ is spawned
      ┃ starts
      ┃ spawns alice
      ┃ spawns bob ╎            ╎
      · sleeps until 2s         ╎
      ·            ┃ starts     ╎
      ·            · waits for the lock, held by main
      ·            ·            ┃ starts
      ·            ·            · waits for the lock, held by main, until 1s
      ── nothing is ready: the loop waits until 1s
  1s  ·            ·            ╎ is woken: its time is up
      ·            ·            ┃ goes on
      ·            ·            ┃ “gives up”
      ·            ·              ends
      ── nothing is ready: the loop waits until 2s
  2s  ╎ is woken: its time is up
      ┃ goes on    ·
      ┃ wakes alice
      · waits for join of alice (task 2)
      ·            ┃ goes on
      ·              ends
      ╎              wakes main
      ┃ goes on
        ends
      ── the loop returns to the host
`, "\n"), textOf(t, r, eventlog.TextOptions{}))
	require.Equal(t, strings.TrimPrefix(`
┃ 运行   ╎ 就绪   · 等待
    main         alice        bob
 1  ╎ 被创建
 2  ┃ 开始运行
 3  ┃ 创建 alice ╎
 4  ┃ 创建 bob   ╎            ╎
 5  · 休眠到 2s  ╎            ╎
 6  ·            ┃ 开始运行   ╎
 7  ·            · 等待 the lock，持有者：main
 8  ·            ·            ┃ 开始运行
 9  ·            ·            · 等待 the lock，持有者：main，最迟到 1s
10  ── 没有就绪的任务：事件循环等待到 1s
12  ·            ·            ╎ 时间到，被唤醒
13  ·            ·            ┃ 继续运行
14  ·            ·            ┃ “gives up”
15  ·            ·              结束
16  ── 没有就绪的任务：事件循环等待到 2s
18  ╎ 时间到，被唤醒
19  ┃ 继续运行   ·
20  ┃ 唤醒 alice ╎
21  · 等待 join of alice (task 2)
22  ·            ┃ 继续运行
23  ·              结束
24  ╎              唤醒 main
25  ┃ 继续运行
26    结束
27  ── 事件循环返回宿主
`, "\n"), textOf(t, r, eventlog.TextOptions{Lang: "zh", Steps: true}))
}

func TestTextOfADeadlockNamesTheCycle(t *testing.T) {
	log := eventlog.New(eventlog.Config{})
	s := virtual(log.Hooks())
	err := s.Run(func() {
		main := s.Current()
		_ = s.Spawn("other", func() { _ = main.Join() }).Join()
	})
	var dead *sched.DeadlockError
	require.ErrorAs(t, err, &dead)
	require.NoError(t, s.Close())
	text := textOf(t, log.Recording(), eventlog.TextOptions{})
	require.Contains(t, text, "── the loop returns to the host: all tasks wait\n")
	require.Contains(t, text, "── they wait in a cycle: main → other → main\n")
	require.Contains(t, text, "ends: killed")
}

// Every kind of event has words, in each language.
func TestTextHasWordsForEachKind(t *testing.T) {
	r := record(t, eventlog.Config{Lines: true}, func(s *schedtest.Sim, l *eventlog.Log) {
		timer := sched.NewTimer(func() {})
		s.StartTimer(timer, time.Second)
		s.StopTimer(timer)
		s.StartTimer(timer, time.Second)
		waiter := s.Go("", func() { _ = s.Park(sched.Why("a sign")) })
		late := new(sched.Task)
		s.StartLater(late, "late", sched.Func(func() {}), 90*time.Second)
		never := s.Go("never", func() {})
		s.Kill(never)
		s.Yield()
		s.SetTimeout(waiter, s.After(time.Minute))
		s.SetTimeout(waiter, sched.Never)
		l.Pass("a", "b")
		_ = s.Sleep(2 * time.Second)
		s.Kill(waiter)
		_ = late.Join()
	})
	text := textOf(t, r, eventlog.TextOptions{Width: 200, Polls: true})
	for _, words := range []string{
		"sets timer 1 to 1s, which calls eventlog_test.TestTextHasWordsForEachKind.func1.1",
		"stops timer 1", "timer 1 fires", "spawns task 2",
		"spawns late, to start at 1m30s", "ends before its start: killed, by main",
		"yields  (text_test.go:", "waits for a sign  (text_test.go:",
		"moves the end of the wait of task 2 to 1m0s", "takes the deadline off the wait of task 2",
		"gets control from a", "sleeps until 2s", "wakes task 2",
		"ends: killed", "is ready to start: it is time", "the loop goes on",
	} {
		require.Contains(t, text, words)
	}
	chinese := textOf(t, r, eventlog.TextOptions{Width: 200, Polls: true, Lang: "zh"})
	require.NotContains(t, chinese, "%!")
	require.Equal(t, strings.Count(text, "\n"), strings.Count(chinese, "\n"))
}

// More tasks than columns: one column, in which the spawned stand under who spawned them.
func TestTextOfManyTasksIsIndented(t *testing.T) {
	r := record(t, eventlog.Config{}, func(s *schedtest.Sim, _ *eventlog.Log) {
		for i := range 20 {
			s.Go(fmt.Sprint("t", i), func() { s.Go("child", func() {}) })
		}
		_ = s.Sleep(1)
	})
	text := textOf(t, r, eventlog.TextOptions{})
	require.Contains(t, text, "\n      ┃ main spawns t7\n")
	require.Contains(t, text, "\n        ┃ t7 spawns child (29)\n")
	require.Contains(t, text, "\n          ┃ child (29) starts\n")
}

func TestTextFoldsWhatComesAgain(t *testing.T) {
	r := record(t, eventlog.Config{}, func(s *schedtest.Sim, _ *eventlog.Log) {
		for range 2 {
			s.Go("", func() {
				for range 100 {
					s.Yield()
				}
			})
		}
		_ = s.Sleep(1)
	})
	require.Greater(t, strings.Count(textOf(t, r, eventlog.TextOptions{}), "\n"), 400)
	text := textOf(t, r, eventlog.TextOptions{Fold: true})
	require.Less(t, strings.Count(text, "\n"), 30)
	require.Contains(t, text, "… the 4 lines above, 98 times more\n")
}

func TestTextSaysWhatIsLost(t *testing.T) {
	r := record(t, eventlog.Config{Size: 4}, twoWaiters)
	require.Contains(t, textOf(t, r, eventlog.TextOptions{}), "(23 events before these are lost)\n")
}

func TestTextInAnUnknownLanguage(t *testing.T) {
	require.EqualError(t, eventlog.New(eventlog.Config{}).Recording().WriteText(io.Discard, eventlog.TextOptions{Lang: "tlh"}),
		`eventlog: there are no words in "tlh"; there are in "en" and "zh"`)
}

// Whatever the program names its tasks and what they wait for, no line is wider than asked, and none has a control character.
func TestTextKeepsToItsWidth(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		names := rapid.SliceOfN(rapid.OneOf(rapid.String(), rapid.StringN(40, 60, -1)), 0, 12).Draw(rt, "names")
		width := rapid.IntRange(30, 140).Draw(rt, "width")
		log := eventlog.New(eventlog.Config{})
		s := virtual(log.Hooks())
		defer s.Close()
		require.NoError(rt, s.Run(func() {
			for _, name := range names {
				s.Spawn(name, func() { log.Note(name); log.Pass(name, name+"x"); _ = s.ParkUntil(sched.Why(name+name), 1) })
			}
			_ = s.Sleep(2)
		}))
		for _, lang := range []string{"en", "zh"} {
			text := textOf(rt, log.Recording(), eventlog.TextOptions{Width: width, Lang: lang})
			for line := range strings.Lines(text) {
				line = strings.TrimSuffix(line, "\n")
				require.NotContains(rt, line, "\x1b")
				require.True(rt, utf8.ValidString(line))
				if !strings.Contains(line, "╎ ") || !strings.HasPrefix(line, "┃") { // the legend
					require.LessOrEqual(rt, eventlog.TextWidth(line), max(width, 60), line)
				}
			}
		}
	})
}

// What the program says moves no cursor, begins no line, and turns nothing round.
func TestTextIsPlain(t *testing.T) {
	r := record(t, eventlog.Config{}, func(s *schedtest.Sim, l *eventlog.Log) {
		l.Note("\x1b[2Ja\nb\u2028c\u202ed")
		s.Go("e\u202ef", func() {})
		s.Settle()
	})
	var text strings.Builder
	require.NoError(t, r.WriteText(&text, eventlog.TextOptions{}))
	require.Contains(t, text.String(), `“"\x1b[2Ja\nb\u2028c\u202ed"”`)
	require.Contains(t, text.String(), `"e\u202ef"`)
}
