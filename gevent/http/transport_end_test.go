//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd

package http

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"greenloop/gevent"
)

var errTrThrown = errors.New("thrown")

// trEnds are ways to end an exchange whose greenlet is g, and what it ends with.
var trEnds = []struct {
	name string
	end  func(g *gevent.Greenlet, cancel context.CancelCauseFunc)
	want error
}{
	{"kill", func(g *gevent.Greenlet, _ context.CancelCauseFunc) { g.KillAsync() }, gevent.ErrExit},
	{"throw", func(g *gevent.Greenlet, _ context.CancelCauseFunc) { g.Throw(errTrThrown) }, errTrThrown},
	{"context, here", func(_ *gevent.Greenlet, cancel context.CancelCauseFunc) { cancel(nil) }, context.Canceled},
	{"context, elsewhere", func(_ *gevent.Greenlet, cancel context.CancelCauseFunc) { go cancel(errTrThrown) }, errTrThrown},
}

func (stage *trStage) start(t *testing.T) *trStaged {
	x := &trStaged{t: t, reached: make(chan struct{}, 1), over: make(chan struct{})}
	x.transport = &Transport{Proxy: trNoProxy, TLSHandshakeTimeout: -1}
	x.url = trScript(t, func(_ int, c net.Conn, br *bufio.Reader) {
		if stage.script != nil {
			stage.script(x, c, br)
		}
	}).URL
	return x
}

// exchange does the exchange up to its end.
func (x *trStaged) exchange(ctx context.Context, stage *trStage) error {
	req, err := http.NewRequestWithContext(ctx, "POST", x.url, nil)
	require.NoError(x.t, err)
	if x.body != nil {
		req.Body = x.body
	}
	if x.header != nil {
		req.Header = x.header
	}
	resp, err := x.transport.RoundTrip(req)
	if err != nil {
		return err
	}
	require.True(x.t, stage.reading)
	x.arrive()
	_, err = io.ReadAll(resp.Body)
	_, again := resp.Body.Read(make([]byte, 1))
	require.Equal(x.t, err, again)
	return err
}

func (x *trStaged) left() {
	require.NoError(x.t, gevent.Sleep(1))
	require.Empty(x.t, x.transport.pool.hosts, "connections counted")
	if x.body != nil {
		require.Equal(x.t, 1, x.body.closed, "the body is closed once")
	}
}

func TestTransportEndedAtEachStage(t *testing.T) {
	trAlone(t)
	for _, stage := range trStages {
		for _, by := range trEnds {
			t.Run(stage.name+" by "+by.name, func(t *testing.T) {
				x := stage.start(t)
				defer close(x.over)
				trRun(t, func() {
					if stage.prepare != nil {
						stage.prepare(x)
					}
					ctx, cancel := context.WithCancelCause(context.Background())
					defer cancel(nil)
					g := gevent.Spawn(func() error { return x.exchange(ctx, &stage) })
					_, _, err := gevent.Recv(x.reached)
					require.NoError(t, err)
					gevent.Yield()
					by.end(g, cancel)
					require.ErrorIs(t, g.Get(), by.want)
					x.left()
				})
			})
		}
		t.Run(stage.name+" by a scope", func(t *testing.T) {
			x := stage.start(t)
			defer close(x.over)
			trRun(t, func() {
				if stage.prepare != nil {
					stage.prepare(x)
				}
				limit := gevent.NewTimeout(20 * time.Millisecond)
				err := limit.Do(func() error { return x.exchange(context.Background(), &stage) })
				require.True(t, limit.Is(err), "%v", err)
				x.left()
			})
		})
		t.Run(stage.name+" by the hub's end", func(t *testing.T) {
			x := stage.start(t)
			defer close(x.over)
			require.NoError(t, gevent.Run(func() error {
				if stage.prepare != nil {
					stage.prepare(x)
				}
				gevent.Spawn(func() error { return x.exchange(context.Background(), &stage) })
				_, _, err := gevent.Recv(x.reached)
				return err
			}))
			if x.body != nil {
				require.Equal(t, 1, x.body.closed, "the body is closed once")
			}
		})
	}
}
