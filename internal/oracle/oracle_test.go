package oracle

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"greenloop/gevent"
	"greenloop/sched/schedtest"
)

// A diary is what happens in one scenario.
type diary struct{ lines []string }

// say writes a line as Python's print does.
func (d *diary) say(args ...any) {
	var words []string
	for _, a := range args {
		switch a := a.(type) {
		case bool:
			words = append(words, map[bool]string{true: "True", false: "False"}[a])
		case nil:
			words = append(words, "None")
		case []int:
			words = append(words, strings.ReplaceAll(fmt.Sprint(a), " ", ", "))
		default:
			words = append(words, fmt.Sprint(a))
		}
	}
	d.lines = append(d.lines, strings.Join(words, " "))
}

// said reports a truth as Python's f-strings do.
func said(name string, truth bool) string {
	if truth {
		return name + " True"
	}
	return name + " False"
}

var errOops = errors.New("oops")

// unit is the scenarios' unit of time; here it is virtual.
const unit = time.Second

const forever = 100 * unit

// A scenario is one of those in scenarios.py.
type scenario struct {
	name string
	play func(d *diary)
}

func python(t *testing.T) string {
	for _, name := range []string{"python3", "/usr/bin/python3"} {
		if exec.Command(name, "-c", "import gevent").Run() == nil {
			return name
		}
	}
	t.Skip("no python3 with gevent here (Debian: python3-gevent)")
	return ""
}

// TestAgainstGevent plays each scenario in both, and compares.
func TestAgainstGevent(t *testing.T) {
	var stderr bytes.Buffer
	command := exec.Command(python(t), "scenarios.py")
	command.Stderr = &stderr
	out, err := command.Output()
	require.NoError(t, err, stderr.String())
	theirs := map[string][]string{}
	var name string
	for line := range strings.Lines(string(out)) {
		line = strings.TrimSuffix(line, "\n")
		if title, ok := strings.CutPrefix(line, "== "); ok {
			name = title
			theirs[name] = nil
			continue
		}
		theirs[name] = append(theirs[name], line)
	}
	require.GreaterOrEqual(t, len(scenarios), 40)
	require.Len(t, theirs, len(scenarios), "each is in both languages")
	for _, s := range scenarios {
		t.Run(s.name, func(t *testing.T) {
			want, ok := theirs[s.name]
			require.True(t, ok, "scenarios.py does not have it")
			require.NotEmpty(t, want)
			require.Equal(t, want, ours(t, s))
		})
	}
}

// ours plays s on virtual time.
func ours(t *testing.T, s scenario) []string {
	t.Helper()
	clock := new(schedtest.Clock)
	d := new(diary)
	before := slog.Default()
	slog.SetDefault(slog.New(slog.NewTextHandler(io.Discard, nil)))
	defer slog.SetDefault(before)
	require.NoError(t, gevent.RunConfig(gevent.Config{Clock: clock, Poller: schedtest.NewPoller(clock)}, func() error {
		s.play(d)
		return nil
	}))
	return d.lines
}
