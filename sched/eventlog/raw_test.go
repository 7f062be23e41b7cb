package eventlog_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"greenloop/sched/eventlog"
	"greenloop/sched/schedtest"
)

// rawKitchen is a program in which a task switches by hand between three raw greenlets, one of which sleeps.
func rawKitchen(s *schedtest.Sim, l *eventlog.Log) {
	guest := s.Go("guest", func() { _ = s.Sleep(time.Second) })
	kitchen := s.Go("kitchen", func() {
		l.Pass("chef", "cook")
		l.Note("chops")
		_ = s.Sleep(2 * time.Second)
		l.Pass("cook", "waiter")
		l.Pass("waiter", "waiter")
		l.Note("serves")
		l.Pass("waiter", "chef")
	})
	_, _ = guest.Join(), kitchen.Join()
}

// The state knows who has control; before the first Pass it is who then gives it up.
func TestRawControl(t *testing.T) {
	r := record(t, eventlog.Config{}, rawKitchen)
	var got []string
	for s := range r.States() {
		if raw := s.Control[3]; len(got) == 0 || got[len(got)-1] != raw {
			got = append(got, raw)
		}
		require.NotContains(t, s.Control, uint64(1), "a task without a Pass has none")
		require.NotContains(t, s.Control, uint64(2))
	}
	require.Equal(t, []string{"chef", "cook", "waiter", "chef", ""}, got)

	last := 0
	for i, e := range r.Events {
		if e.Kind == eventlog.Pass && e.From == "cook" {
			last = i
		}
	}
	size := 1
	for size*2 <= len(r.Events)-last {
		size *= 2
	}
	part := record(t, eventlog.Config{Size: size}, rawKitchen)
	require.NotZero(t, part.Lost)
	require.Equal(t, "waiter", part.State(0).Control[3], "the passes before these are lost")

	asleep := 0
	for i, e := range r.Events {
		if e.Kind == eventlog.Park && e.Task == 3 {
			asleep = i + 1
		}
	}
	require.Contains(t, treeOf(t, r, asleep), "\n  kitchen (task 3) › cook waits for sleep, since 0s, until 2s\n")
	require.Contains(t, treeOf(t, r, asleep-1), ": kitchen (task 3) › cook runs\n")
}

func TestTextOfRawGreenlets(t *testing.T) {
	r := record(t, eventlog.Config{}, rawKitchen)
	require.Equal(t, strings.TrimPrefix(`
┃ runs   ╎ is ready   · waits
      main         guest        kitchen
                                › chef       › cook       › waiter
  0s  ╎ is spawned
      ┃ starts
      ┃ spawns guest
      ┃ spawns kitchen          ╎
      · waits for join of guest (task 2)
      ·            ┃ starts     ╎
      ·            · sleeps until 1s
      ·            ·            ┃ starts
      ·            ·                         ┃ gets control from chef
      ·            ·                         ┃ “chops”
      ·            ·                         · sleeps until 2s
      ── nothing is ready: the loop waits until 1s
  1s  ·            ╎ is woken: its time is up
      ·            ┃ goes on                 ·
      ·              ends                    ·
      ╎              wakes main              ·
      ┃ goes on                              ·
      · waits for join of kitchen (task 3)   ·
      ── nothing is ready: the loop waits until 2s
  2s  ·                                      ╎ is woken: its time is up
      ·                                      ┃ goes on
      ·                                                   ┃ gets control from cook
      ·                                                   ┃ gets control from waiter
      ·                                                   ┃ “serves”
      ·                         ┃ gets control from waiter
      ·                           ends
      ╎                           wakes main
      ┃ goes on
        ends
      ── the loop returns to the host
`, "\n"), textOf(t, r, eventlog.TextOptions{Width: 120}))

	// Where there is room for tasks only, and where there is none for them.
	narrow := textOf(t, r, eventlog.TextOptions{Width: 70})
	require.Contains(t, narrow, "main       guest      kitchen\n")
	require.Contains(t, narrow, " ┃ chef → cook\n")
	require.Contains(t, textOf(t, r, eventlog.TextOptions{Width: 50}), "┃ kitchen chef → cook\n")
	chinese := textOf(t, r, eventlog.TextOptions{Width: 120, Lang: "zh"})
	require.Contains(t, chinese, "┃ 从 chef 得到控制权\n")
}

// Each raw greenlet has a track with slices while it has control and its task runs, and an arrow for each Pass.
func TestTraceOfRawGreenlets(t *testing.T) {
	r := record(t, eventlog.Config{}, rawKitchen)
	names, order := map[uint64]string{}, map[float64]string{}
	var slices, flows []string
	for _, e := range checkTraceOf(t, r) {
		switch {
		case e.Name == "thread_name":
			names[*e.Tid] = e.Args["name"].(string)
		case e.Name == "thread_sort_index":
			order[e.Args["sort_index"].(float64)] = names[*e.Tid]
		case e.Cat == "control":
			slices = append(slices, fmt.Sprint(names[*e.Tid], " ", e.nanoseconds(t)/int64(time.Second)))
		case e.Name == "passes control":
			flows = append(flows, e.Ph+" "+names[*e.Tid])
		}
	}
	require.Equal(t, map[float64]string{
		-1: "loop", 0: "main (task 1)", 1: "guest (task 2)", 2: "kitchen (task 3)",
		3: "kitchen › chef", 4: "kitchen › cook", 5: "kitchen › waiter",
	}, order)
	require.Equal(t, []string{
		"kitchen › chef 0", "kitchen › cook 0", "kitchen › cook 2", "kitchen › waiter 2", "kitchen › chef 2",
	}, slices)
	require.Equal(t, []string{
		"s kitchen › chef", "f kitchen › cook", "s kitchen › cook", "f kitchen › waiter",
		"s kitchen › waiter", "f kitchen › chef",
	}, flows)
}

// The page has a row for each raw greenlet below its task, and says who has control.
func TestPageOfRawGreenlets(t *testing.T) {
	r := record(t, eventlog.Config{Lines: true}, rawKitchen)
	got := pageOpen[struct {
		Rows    []string
		Control map[string]string
		Said    map[string]string
		Legend  string
	}](t, r, eventlog.HTMLOptions{}, pageScript+`
	const canvas = $("canvas"), box = canvas.getBoundingClientRect();
	const tip = (x, y) => {
		canvas.dispatchEvent(new PointerEvent("pointermove", {clientX: box.left + x, clientY: box.top + y}));
		return $("tip").hidden ? "" : $("tip").textContent;
	};
	const rows = [], control = {}, said = {};
	for (let y = 0; y < box.height; y += 3) {
		const name = tip(4, y);
		if (name && name !== rows.at(-1)) rows.push(name);
	}
	for (let n = 0; n <= steps; n++) {
		go(n);
		await frame();
		const who = $("cpu").querySelector(".who").textContent;
		if (who.includes("›")) control[who] = (control[who] ? control[who] + " " : "") + n;
		said[n] = $("what").textContent;
	}
	return {rows, control, said, legend: $("legend-control").hidden ? "" : $("legend-wakes").textContent};
})()`)
	require.Equal(t, []string{
		"The loop", "main (1)", "guest (2)", "kitchen (3)", "kitchen (3) › chef", "kitchen (3) › cook", "kitchen (3) › waiter",
	}, got.Rows)
	want := map[string]string{}
	steps := 0
	for s := range r.States() {
		if s.Running == 3 {
			who := "kitchen (3) › " + s.Control[3] + " has the CPU"
			want[who] = strings.TrimSpace(want[who] + " " + fmt.Sprint(s.Step))
			steps++
		}
	}
	require.Greater(t, steps, 6)
	require.Equal(t, want, got.Control)
	require.Equal(t, "wakes, spawns, or passes control", got.Legend)
	for i, e := range r.Events {
		said := got.Said[fmt.Sprint(i+1)]
		switch e.Kind {
		case eventlog.Pass:
			require.Equal(t, fmt.Sprintf("Inside kitchen (3), control passes: %s → %s.", e.From, e.To), said)
		case eventlog.Note:
			require.Regexp(t, `^kitchen \(3\) › (cook notes: chops|waiter notes: serves)$`, said)
		case eventlog.Park:
			if e.Task == 3 {
				require.Contains(t, said, "kitchen (3) › cook sleeps")
			}
		}
	}

	plain := pageOpen[bool](t, record(t, eventlog.Config{}, func(s *schedtest.Sim, _ *eventlog.Log) {
		s.Yield()
	}), eventlog.HTMLOptions{}, pageScript+`return $("legend-control").hidden; })()`)
	require.True(t, plain)
}
