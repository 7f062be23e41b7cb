package eventlog_test

import (
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"greenloop/internal/browser"
	"greenloop/sched"
	"greenloop/sched/eventlog"
)

// pageWaitJSON is a Wait as the page's state() has it.
type pageWaitJSON struct {
	Text     string         `json:"text"`
	Object   int            `json:"object"`
	Holders  []uint64       `json:"holders"`
	Since    time.Duration  `json:"since"`
	Deadline *time.Duration `json:"deadline"`
	Line     map[string]any `json:"line"`
}

// pageStates returns what the page's state() is to be at each step.
func pageStates(t *testing.T, r *eventlog.Recording) (states []any) {
	t.Helper()
	for s := range r.States() {
		parked := map[string]pageWaitJSON{}
		for id, w := range s.Parked {
			p := pageWaitJSON{w.Text, w.Object, append([]uint64{}, w.Holders...), w.Since, &w.Deadline, map[string]any{
				"function": w.Line.Function, "file": w.Line.File, "line": w.Line.Line,
			}}
			if w.Deadline == sched.Never {
				p.Deadline = nil
			}
			parked[strconv.FormatUint(id, 10)] = p
		}
		text, err := json.Marshal(map[string]any{
			"step": s.Step, "at": s.At, "running": s.Running,
			"live":  append([]uint64{}, slices.Sorted(maps.Keys(s.Live))...),
			"queue": append([]uint64{}, s.Queue...), "parked": parked, "delayed": s.Delayed, "timers": s.Timers,
			"control": s.Control,
		})
		require.NoError(t, err)
		var state any
		require.NoError(t, json.Unmarshal(text, &state))
		states = append(states, state)
	}
	return states
}

// The page's own replay of the events, forward and back, is the recording's: at each step.
func TestPageStates(t *testing.T) {
	for name, r := range map[string]*eventlog.Recording{
		"whole":  record(t, eventlog.Config{Lines: true}, pageBakery),
		"a loss": record(t, eventlog.Config{Size: 32, Lines: true}, pageBakery),
		"crowd":  record(t, eventlog.Config{Size: 1024}, pageCrowd(30, 20)),
		"empty":  eventlog.New(eventlog.Config{}).Recording(),
	} {
		t.Run(name, func(t *testing.T) {
			var got struct {
				Steps         int
				Forward, Back []any
			}
			result := browser.Open(t, pageFileOf(t, r, eventlog.HTMLOptions{}), `(() => {
				const {steps, go, state} = replay, forward = [], back = [];
				for (let n = 0; n <= steps; n++) go(n), forward.push(state());
				for (let n = steps; n >= 0; n--) go(n), back.push(state());
				return {steps, forward, back: back.reverse()};
			})()`)
			require.NoError(t, json.Unmarshal([]byte(result), &got))
			require.Equal(t, len(r.Events), got.Steps)
			for step, want := range pageStates(t, r) {
				require.Equal(t, want, got.Forward[step], "forward to step %d", step)
				require.Equal(t, want, got.Back[step], "back to step %d", step)
			}
		})
	}
}
