package gevent

import (
	"errors"
	"flag"
	"net"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"greenloop/sched"
	"greenloop/sched/schedtest"
)

// patience is how long a test waits for what must come. It is reached by failing tests only.
const patience = 30 * time.Second

// roles are the programs that tests run in a process of its own: this test binary, with the role in its environment.
var roles = map[string]func() error{}

const roleVariable = "GEVENT_TEST_ROLE"

func TestMain(m *testing.M) {
	if role, ok := os.LookupEnv(roleVariable); ok {
		if err := roles[role](); err != nil {
			_, _ = os.Stderr.WriteString(err.Error() + "\n")
			os.Exit(1)
		}
		return
	}
	if l, err := net.Listen("tcp", "127.0.0.1:0"); err == nil {
		l.Close() // Go's own poller keeps a few descriptors from its first use on
	}
	_ = flag.Set("rapid.nofailfile", "true") // what fails is printed, and can be drawn again with its seed
	os.Exit(m.Run())
}

// run runs main in a hub, requires that it succeeds, and checks that it leaves nothing behind: no greenlet, timer or wait
// at its end, and no goroutine or descriptor after that.
func run(t testing.TB, main func() error) {
	t.Helper()
	require.NoError(t, runConfig(t, Config{}, main))
}

func runConfig(t testing.TB, c Config, main func() error) error {
	t.Helper()
	before := openFds()
	err := RunConfig(c, func() error {
		err := main()
		settle(t)
		return err
	})
	noGoroutines(t) // waits for goroutines that are about to end, with the descriptors that they hold
	noDescriptors(t, before)
	return err
}

// virtual is run on virtual time: sleeping takes none, and order is exact.
func virtual(t testing.TB, main func() error) {
	t.Helper()
	require.NoError(t, virtualConfig(t, Config{}, main))
}

func virtualConfig(t testing.TB, c Config, main func() error) error {
	t.Helper()
	clock := new(schedtest.Clock)
	c.Clock, c.Poller = clock, schedtest.NewPoller(clock)
	return runConfig(t, c, main)
}

// noGoroutines checks that no goroutine is left. The one that it passes over is the runtime's own, on js/wasm.
func noGoroutines(t testing.TB) {
	t.Helper()
	goleak.VerifyNone(t, goleak.IgnoreAnyFunction("runtime.handleEvent"))
}

// settle lets run what other goroutines have posted, and checks that nothing but the caller is left.
func settle(t testing.TB) {
	require.NoError(t, Sleep(1))
	h := GetHub()
	s := h.Stats()
	require.Equal(t, 1, s.Live, "greenlets left: %v", h.Dump())
	require.Zero(t, s.Timers, "timers left")
	require.Zero(t, s.Events, "waits left")
	require.Zero(t, s.Ready)
}

// noDescriptors checks that as many descriptors are open as before.
func noDescriptors(t testing.TB, before int) {
	t.Helper()
	require.Equal(t, before, openFds(), "descriptors left")
}

// openFds counts the process's descriptors where the system tells.
func openFds() int {
	entries, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		return 0
	}
	return len(entries)
}

// await waits, in a greenlet, for a function that blocks.
func await[T any](fn func() (T, error)) (T, error) {
	return offload(GetHub(), sched.Why("a test's goroutine"), fn, nil)
}

// awaitDone waits, in a greenlet, until done is closed.
func awaitDone(t testing.TB, done <-chan struct{}) {
	_, err := await(func() (bool, error) {
		select {
		case <-done:
			return true, nil
		case <-time.After(patience):
			return false, errors.New("nothing came")
		}
	})
	require.NoError(t, err)
}

// parked lets all run that is ready, and checks that g waits then.
func parked(t testing.TB, gs ...*Greenlet) {
	t.Helper()
	Yield()
	for _, g := range gs {
		require.Equal(t, sched.Parked, g.task.State(), g.String())
	}
}

// throw ends g's wait with err.
func throw(g *Greenlet, err error) { g.hub.sched.Throw(&g.task, err) }

// A log records what happened, in order.
type log []string

func (l *log) add(entry string) { *l = append(*l, entry) }

func (l *log) String() string { return strings.Join(*l, " ") }

// reports collects what OnError is told.
type reports struct {
	greenlets []*Greenlet
	errs      []error
	stacks    []string
}

func (r *reports) config() Config {
	return Config{OnError: func(g *Greenlet, err error, stack []byte) {
		r.greenlets, r.errs, r.stacks = append(r.greenlets, g), append(r.errs, err), append(r.stacks, string(stack))
	}}
}
