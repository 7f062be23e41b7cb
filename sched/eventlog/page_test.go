package eventlog_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"greenloop/internal/browser"
	"greenloop/sched"
	"greenloop/sched/eventlog"
	"greenloop/sched/schedtest"
)

// A pageLock is a lock that knows its holder.
type pageLock struct {
	holder  *sched.Task
	waiters sched.WaitQueue
}

func (l *pageLock) String() string         { return "the lock" }
func (l *pageLock) Holders() []*sched.Task { return []*sched.Task{l.holder} }

func (l *pageLock) acquire(s *schedtest.Sim, deadline time.Duration) error {
	for l.holder != nil {
		if err := l.waiters.WaitUntil(s.Scheduler, l, deadline); err != nil {
			return err
		}
	}
	l.holder = s.Current()
	return nil
}

func (l *pageLock) release() {
	l.holder = nil
	l.waiters.Wake()
}

// pageBakery is a program with everything in it that a page shows.
func pageBakery(s *schedtest.Sim, l *eventlog.Log) {
	var lock pageLock
	var buns sched.WaitQueue
	tray := 0
	baker := s.Spawn("baker", func() {
		for range 3 {
			_ = s.Sleep(2 * time.Second)
			tray++
			l.Note(fmt.Sprintf("bun %d is done", tray))
			buns.Wake()
		}
	})
	for _, name := range []string{"guest A", "guest B"} {
		s.Spawn(name, func() {
			if buns.WaitUntil(s.Scheduler, sched.Why("a bun"), s.After(5*time.Second)) != nil {
				return
			}
			if lock.acquire(s, s.After(time.Second)) == nil {
				_ = s.Sleep(3 * time.Second)
				lock.release()
			}
		})
	}
	alarm := sched.NewTimer(func() { buns.WakeAll() })
	s.StartTimer(alarm, s.After(time.Hour))
	late := new(sched.Task)
	s.StartLater(late, "late", sched.Func(func() {
		_ = lock.acquire(s, sched.Never)
		l.Pass("outer", "inner")
		l.Note("so far so good")
		s.Yield()
		l.Pass("inner", "outer")
		lock.release()
	}), 4*time.Second)
	idle := s.Spawn("idler", func() { _ = s.Park(sched.Why("better times")) })
	s.Kill(s.Spawn("stillborn", func() {}))
	s.Yield()
	s.SetTimeout(idle, s.After(time.Minute))
	_, _ = baker.Join(), late.Join()
	s.StopTimer(alarm)
	s.Kill(idle)
	s.Settle()
}

// pageCrowd is a program of so many tasks, each of which waits so many times.
func pageCrowd(tasks, rounds int) func(*schedtest.Sim, *eventlog.Log) {
	return func(s *schedtest.Sim, _ *eventlog.Log) {
		var turns sched.WaitQueue
		random := rand.New(rand.NewPCG(1, 2))
		for i := range tasks {
			s.Spawn(fmt.Sprintf("worker %d", i+1), func() {
				for range rounds {
					switch random.IntN(3) {
					case 0:
						_ = s.Sleep(time.Duration(1+random.IntN(50)) * time.Millisecond)
					case 1:
						_ = turns.WaitUntil(s.Scheduler, sched.Why("a turn"), s.After(20*time.Millisecond))
					case 2:
						turns.Wake()
						s.Yield()
					}
				}
			})
		}
		s.Advance(time.Minute)
	}
}

// pageFileOf writes r's page to a file of its own.
func pageFileOf(t *testing.T, r *eventlog.Recording, o eventlog.HTMLOptions) string {
	t.Helper()
	var page bytes.Buffer
	require.NoError(t, r.WriteHTML(&page, o))
	file := filepath.Join(t.TempDir(), "page.html")
	require.NoError(t, os.WriteFile(file, page.Bytes(), 0o600))
	return file
}

// pageOpen opens r's page and decodes what script gives.
func pageOpen[T any](t *testing.T, r *eventlog.Recording, o eventlog.HTMLOptions, script string) (result T) {
	t.Helper()
	require.NoError(t, json.Unmarshal([]byte(browser.Open(t, pageFileOf(t, r, o), script)), &result))
	return result
}

// pageScript begins a script whose value the rest returns: frame() waits until the page is drawn.
const pageScript = `(async () => {
	const {steps, go, state, work} = replay, $ = id => document.getElementById(id);
	const frame = () => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)));
	const key = (key, shiftKey = false) =>
		document.body.dispatchEvent(new KeyboardEvent("keydown", {key, shiftKey, bubbles: true}));
	await frame();
`

func TestPageControls(t *testing.T) {
	r := record(t, eventlog.Config{Lines: true}, pageBakery)
	switches := func(from, by int) int {
		for n := from + by; n > 0 && n < len(r.Events); n += by {
			if r.Events[n-1].Kind == eventlog.Switch {
				return n
			}
		}
		return 0
	}
	forward := switches(3, 1)
	got := pageOpen[map[string]int](t, r, eventlog.HTMLOptions{}, pageScript+`
	const at = {start: state().step};
	const then = async (name, act) => { act(); await frame(); at[name] = state().step; };
	await then("right", () => key("ArrowRight"));
	await then("left", () => key("ArrowLeft"));
	await then("left at the start", () => key("ArrowLeft"));
	await then("next", () => $("next").click());
	go(3);
	await then("shift right", () => key("ArrowRight", true));
	await then("shift left", () => key("ArrowLeft", true));
	go(3);
	await then("next switch", () => $("next-switch").click());
	await then("previous switch", () => $("previous-switch").click());
	await then("end", () => key("End"));
	await then("right at the end", () => key("ArrowRight"));
	await then("home", () => key("Home"));
	await then("last", () => $("last").click());
	await then("previous", () => $("previous").click());
	await then("first", () => $("first").click());
	await then("slider", () => { $("slider").value = 17; $("slider").dispatchEvent(new Event("input")); });
	await then("too far", () => go(1e9));
	await then("too early", () => go(-1));
	await then("no number", () => go("x"));
	await then("typing", () => $("filter").dispatchEvent(new KeyboardEvent("keydown", {key: "End", bubbles: true})));
	const hash = new Promise(done => addEventListener("hashchange", done));
	location.hash = "#step=12";
	await hash;
	await then("link", () => {});
	await then("event list", () => document.querySelector("[data-step='14']").click());
	const canvas = $("canvas"), box = canvas.getBoundingClientRect();
	await then("a click at the end", () => canvas.dispatchEvent(
		new PointerEvent("pointerdown", {pointerId: 1, button: 0, clientX: box.right - 8, clientY: box.top + 60})));
	go(steps - 30);
	$("speed").value = "1000";
	key(" ");
	while (state().step < steps) await frame();
	await then("played", () => {});
	return at;
})()`)
	require.Equal(t, map[string]int{
		"start": 0, "right": 1, "left": 0, "left at the start": 0, "next": 1,
		"shift right": forward, "shift left": switches(forward, -1), "next switch": forward,
		"previous switch": switches(forward, -1),
		"end":             len(r.Events), "right at the end": len(r.Events), "home": 0,
		"last": len(r.Events), "previous": len(r.Events) - 1,
		"first": 0, "slider": 17, "too far": len(r.Events), "too early": 0, "no number": 0, "typing": 0, "link": 12,
		"event list": 14, "a click at the end": len(r.Events), "played": len(r.Events),
	}, got)
}

// Each kind of event, in each language, has words; and so has each control, also for those who do not see it.
func TestPageWords(t *testing.T) {
	r := record(t, eventlog.Config{Lines: true}, pageBakery)
	var unseen []eventlog.Kind
	for k := eventlog.Spawn; k <= eventlog.Note; k++ {
		if !slices.Contains(kinds(r), k) {
			unseen = append(unseen, k)
		}
	}
	require.Empty(t, unseen, "the program has them all")
	for lang, want := range map[string]string{"en": "baker (2) notes: bun 1 is done", "zh": "baker (2) 备注：bun 1 is done"} {
		t.Run(lang, func(t *testing.T) {
			got := pageOpen[struct {
				Lang           string
				Texts, Unnamed []string
			}](t, r, eventlog.HTMLOptions{Lang: lang}, pageScript+`
	const texts = [];
	for (let n = 0; n <= steps; n++) {
		go(n);
		await new Promise(requestAnimationFrame);
		texts.push($("what").textContent, $("why").textContent, document.body.innerText);
	}
	const named = e => e.ariaLabel && e.ariaLabel !== "undefined" ||
		e.tagName === "BUTTON" && e.textContent.trim() || e.closest("label");
	const unnamed = [...document.querySelectorAll("button, input, select, canvas")].filter(e => !named(e)).map(e => e.id);
	return {lang: document.documentElement.lang, texts, unnamed};
})()`)
			require.Equal(t, lang, got.Lang)
			require.Empty(t, got.Unnamed)
			require.Contains(t, got.Texts, want)
			for _, text := range got.Texts {
				require.NotRegexp(t, "undefined|NaN|null|\\[object", text)
			}
		})
	}
}

// At a deadlock the page says that it is one.
func TestPageTellsADeadlock(t *testing.T) {
	l := eventlog.New(eventlog.Config{})
	s := sched.New(sched.Config{Hooks: l.Hooks()})
	require.ErrorContains(t, s.Run(func() { _ = s.Park(sched.Why("nothing")) }), "deadlock")
	require.NoError(t, s.Close())
	r := l.Recording()
	for i, e := range r.Events {
		if e.Kind == eventlog.Switch && e.Task == 0 {
			why := pageOpen[string](t, r, eventlog.HTMLOptions{},
				fmt.Sprintf(`(async () => { replay.go(%d); await new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)));
					return document.getElementById("why").textContent; })()`, i+1))
			require.Contains(t, why, "this is a deadlock")
			return
		}
	}
	t.Fatal("the loop has not returned to the host")
}
