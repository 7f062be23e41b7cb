package gevent

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"runtime"
	gotrace "runtime/trace"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/exp/trace"
)

// What the module is named for, proved by Go's own execution trace: a server and two hundred clients, and each goroutine
// that is a coroutine runs on one and the same OS thread, while noise keeps the other threads busy.
func TestOneThread(t *testing.T) {
	if gotrace.IsEnabled() {
		t.Skip("somebody else is tracing")
	}
	const clients, rounds = 200, 5
	var stop atomic.Bool
	ended := make(chan bool)
	const noises = 3
	var recorded bytes.Buffer
	require.NoError(t, gotrace.Start(&recorded))
	for range noises {
		go func() {
			for n := 0; !stop.Load(); n++ {
				runtime.Gosched()
			}
			ended <- true
		}()
	}
	err := Run(func() error {
		l := listen(t)
		s := &StreamServer{Handler: func(c net.Conn) error { _, err := io.Copy(c, c); return err }}
		serving := Spawn(func() error { return s.Serve(l) })
		var gs []*Greenlet
		for i := range clients {
			gs = append(gs, Spawn(func() error {
				c := dialTo(t, l.Addr().String())
				for round := range rounds {
					text := fmt.Sprint(i, "/", round)
					mustWrite(t, c, text)
					mustRead(t, c, text)
				}
				return c.Close()
			}))
		}
		require.NoError(t, JoinAll(gs...))
		require.Zero(t, s.Stop(patience))
		require.Equal(t, clients, s.Served())
		return serving.Join()
	})
	stop.Store(true)
	for range noises {
		<-ended
	}
	gotrace.Stop()
	require.NoError(t, err)

	coroutines, others, runs := threads(t, &recorded)
	require.Greater(t, runs, clients*rounds, "times that a coroutine was switched to")
	require.Len(t, coroutines, 1, "threads on which coroutines ran")
	for thread := range coroutines {
		delete(others, thread) // the noise may have been there before the hub, or after
	}
	require.NotEmpty(t, others, "the control: if the goroutines beside used no other thread, this test could not fail")
}

// threads returns the threads on which the trace's coroutines ran, and all others that ran goroutines. Only a
// coroutine is born waiting; a goroutine of the go statement is born runnable.
func threads(t *testing.T, recorded io.Reader) (coroutines, others map[trace.ThreadID]bool, runs int) {
	coroutines, others = make(map[trace.ThreadID]bool), make(map[trace.ThreadID]bool)
	born := make(map[trace.GoID]bool)
	reader, err := trace.NewReader(recorded)
	require.NoError(t, err)
	for {
		event, err := reader.ReadEvent()
		if errors.Is(err, io.EOF) {
			require.NotEmpty(t, born)
			return coroutines, others, runs
		}
		require.NoError(t, err)
		if event.Kind() != trace.EventStateTransition {
			continue
		}
		change := event.StateTransition()
		if change.Resource.Kind != trace.ResourceGoroutine {
			continue
		}
		g := change.Resource.Goroutine()
		from, to := change.Goroutine()
		if from == trace.GoNotExist && to == trace.GoWaiting {
			born[g] = true
		}
		switch {
		case from != trace.GoRunning && to != trace.GoRunning || event.Thread() == trace.NoThread:
		case born[g]:
			runs++
			coroutines[event.Thread()] = true
		default:
			others[event.Thread()] = true
		}
	}
}
