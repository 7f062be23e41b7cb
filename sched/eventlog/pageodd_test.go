package eventlog_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"greenloop/sched/eventlog"
	"greenloop/sched/schedtest"
)

// A recording of 500 tasks: a step back costs some hundred events, and a drawing no more than there are pixels.
func TestPageOfACrowd(t *testing.T) {
	r := record(t, eventlog.Config{Size: 1 << 16}, pageCrowd(500, 14))
	require.Greater(t, len(r.Events), 20_000)
	got := pageOpen[struct {
		Tasks, Shown, Rows       int
		First, Back, Drawn, Step int
		Pixels                   int
	}](t, r, eventlog.HTMLOptions{}, pageScript+`
	go(steps);
	const first = work().applied;
	let back = 0;
	for (let n = steps - 1; n > steps - 3000; n -= 7) {
		const before = work().applied;
		go(n);
		back = Math.max(back, work().applied - before);
	}
	const drawn = work().drawn;
	await frame();
	$("filter").value = "worker 77";
	$("filter").dispatchEvent(new Event("input"));
	$("by-time").click();
	for (let i = 0; i < 5; i++) $("zoom-in").click();
	$("order").value = "tree";
	$("order").dispatchEvent(new Event("change"));
	await frame();
	go(steps / 2);
	await frame();
	const box = $("canvas").getBoundingClientRect();
	return {first, back, drawn: work().drawn - drawn, pixels: box.width * box.height | 0, step: state().step,
		rows: document.querySelectorAll(".event").length, shown: $("waits").querySelectorAll("li").length};
})()`)
	require.Equal(t, len(r.Events), got.First)
	require.Equal(t, len(r.Events)/2, got.Step)
	require.Less(t, got.Back, 2048, "events for a step back")
	require.Positive(t, got.Drawn)
	require.Less(t, got.Drawn, got.Pixels)
	require.Less(t, got.Rows, 100, "events in the document, of 20,000")
	require.Less(t, got.Shown, 100, "waiting tasks in the document, of 500")
}

// Whatever a program calls its tasks stays a text.
func TestPageOfHostileNames(t *testing.T) {
	names := []string{
		"<script>window.hit = 1</script>", `"'&quot;\`, "</script><img src=x onerror=hit=1>",
		"\u2028\u2029 separators", "<!--<script>",
		strings.Repeat("long ", 20_000), "{{.Title}} ${1+1} `x`", "", "\xff\xfe no UTF-8", "名字",
	}
	r := record(t, eventlog.Config{}, func(s *schedtest.Sim, l *eventlog.Log) {
		for _, name := range names {
			s.Spawn(name, func() { l.Note(name); l.Pass(name, name+"!"); l.Note(name) })
		}
		s.Settle()
	})
	title := names[0] + names[2] + "\u2028"
	got := pageOpen[struct {
		Title, Heading string
		Hit            bool
		Names          []string
		Long           int
	}](t, r, eventlog.HTMLOptions{Title: title}, pageScript+`
	const names = [];
	let long = 0;
	for (let n = 1; n <= steps; n++) {
		go(n);
		await frame();
		names.push($("what").textContent);
		long = Math.max(long, document.body.scrollWidth);
	}
	return {title: document.title, heading: document.querySelector("h1").textContent, hit: "hit" in window, names, long};
})()`)
	require.False(t, got.Hit)
	require.Equal(t, title, got.Heading)
	said := strings.Join(got.Names, "\n")
	for i, name := range names {
		switch {
		case len(name) > 1000:
			require.Contains(t, said, name[:100])
			require.NotContains(t, said, name[:1000], "a long name is cut")
		case name == "":
			require.Contains(t, said, "task 9 gets the CPU")
		case i == 8:
			require.Contains(t, said, "no UTF-8 (10)")
		default:
			require.Contains(t, said, name)
		}
	}
	require.LessOrEqual(t, got.Long, 1200, "nothing makes the page wider")
}

func TestPageOfNothing(t *testing.T) {
	got := pageOpen[[]string](t, eventlog.New(eventlog.Config{}).Recording(), eventlog.HTMLOptions{}, pageScript+`
	for (const id of ["next", "last", "next-switch", "previous", "play", "by-time", "zoom-in", "zoom-fit"]) $(id).click();
	await frame();
	return [String(steps), $("what").textContent, $("position").textContent, document.title];
})()`)
	require.Equal(t, []string{"0", "Nothing was recorded.", "step 0 of 0 · 0s", "Recording"}, got)
}

func TestPageAfterALoss(t *testing.T) {
	r := record(t, eventlog.Config{Size: 32}, pageBakery)
	require.NotZero(t, r.Lost)
	got := pageOpen[[]string](t, r, eventlog.HTMLOptions{}, pageScript+`
	return [$("summary").textContent, $("waits").innerText, $("position").textContent];
})()`)
	require.Contains(t, got[0], "earlier events are lost")
	require.Contains(t, got[1], "since before the recording")
	require.Contains(t, got[2], "· "+r.Events[0].At.String())
}

// The lines of the program around those that a recording has are in the page, each once, and none else of the file.
func TestPageShowsCode(t *testing.T) {
	r := record(t, eventlog.Config{Lines: true}, pageBakery)
	var page bytes.Buffer
	require.NoError(t, r.WriteHTML(&page, eventlog.HTMLOptions{}))
	require.Equal(t, 1, strings.Count(page.String(), `range 3 {`))
	require.NotContains(t, page.String(), "TestPageControls")
	got := pageOpen[[]string](t, r, eventlog.HTMLOptions{}, pageScript+`
	const lines = new Set();
	for (let n = 0; n <= steps; n++) {
		go(n);
		await frame();
		for (const e of document.querySelectorAll(".line.present")) lines.add(e.lastChild.textContent.trim());
	}
	return [...lines];
})()`)
	require.Contains(t, got, `_ = s.Sleep(2 * time.Second)`)
	require.Contains(t, got, `s.Yield()`)
}

var errPage = errors.New("the disk is full")

type pageDisk struct{}

func (pageDisk) Write([]byte) (int, error) { return 0, errPage }

func TestWriteHTMLErrors(t *testing.T) {
	r := eventlog.New(eventlog.Config{}).Recording()
	require.ErrorIs(t, r.WriteHTML(pageDisk{}, eventlog.HTMLOptions{}), errPage)
	text := r.WriteText(new(bytes.Buffer), eventlog.TextOptions{Lang: "xx"})
	require.ErrorContains(t, text, `"xx"`)
	require.Equal(t, text, r.WriteHTML(new(bytes.Buffer), eventlog.HTMLOptions{Lang: "xx"}))
}
