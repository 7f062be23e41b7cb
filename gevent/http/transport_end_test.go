//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd

package http

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"greenloop/gevent"
)

// A trStage is a place in an exchange where it can be ended.
type trStage struct {
	name    string
	script  func(x *trStaged, c net.Conn, br *bufio.Reader)
	prepare func(x *trStaged)
	reading bool // it is reached in the body of the response
}

// A trStaged is an exchange on its way to a stage.
type trStaged struct {
	t         *testing.T
	transport *Transport
	url       string
	body      *trSlow
	header    http.Header
	reached   chan struct{}
	over      chan struct{} // closed when the test is
}

func (x *trStaged) arrive() {
	select {
	case x.reached <- struct{}{}:
	default:
	}
}

// A trSlow is a request's body that ends only when never is set.
type trSlow struct {
	read   func(p []byte) (int, error)
	closed int
}

func (s *trSlow) Read(p []byte) (int, error) { return s.read(p) }

func (s *trSlow) Close() error {
	s.closed++
	return nil
}

// trHold keeps the connection until the client has gone.
func trHold(br *bufio.Reader) { io.Copy(io.Discard, br) }

// trHead reads a head and nothing after it.
func trTakeHead(br *bufio.Reader) error {
	_, err := http.ReadRequest(br)
	return err
}

// trParked waits until some greenlet is parked for that reason.
func trParked(t *testing.T, why string) {
	for {
		for _, task := range gevent.GetHub().Dump() {
			if task.Why == why {
				return
			}
		}
		require.NoError(t, gevent.Sleep(time.Millisecond))
	}
}

var trStages = []trStage{
	{
		name: "dial",
		prepare: func(x *trStaged) {
			x.transport.DialContext = func(context.Context, string, string) (net.Conn, error) {
				x.arrive()
				return nil, new(gevent.Event).Wait()
			}
		},
	},
	{
		name: "handshake",
		script: func(x *trStaged, _ net.Conn, br *bufio.Reader) {
			br.ReadByte()
			x.arrive()
			trHold(br)
		},
		prepare: func(x *trStaged) { x.url = "https" + x.url[len("http"):] },
	},
	{
		name: "tunnel",
		script: func(x *trStaged, _ net.Conn, br *bufio.Reader) {
			trTakeHead(br)
			x.arrive()
			trHold(br)
		},
		prepare: func(x *trStaged) {
			proxy, _ := url.Parse(x.url)
			x.transport.Proxy = http.ProxyURL(proxy)
			x.url = "https://unreachable.test/"
		},
	},
	{
		name: "sending",
		script: func(x *trStaged, _ net.Conn, br *bufio.Reader) {
			trTakeHead(br)
			<-x.over
		},
		prepare: func(x *trStaged) {
			x.body = &trSlow{read: neverEnding('x').Read}
			gevent.Spawn(func() error {
				trParked(x.t, "write")
				x.arrive()
				return nil
			})
		},
	},
	{
		name:   "waiting for the body",
		script: func(_ *trStaged, _ net.Conn, br *bufio.Reader) { trHold(br) },
		prepare: func(x *trStaged) {
			x.body = &trSlow{read: func([]byte) (int, error) {
				x.arrive()
				return 0, new(gevent.Event).Wait()
			}}
		},
	},
	{
		name: "waiting for leave",
		script: func(x *trStaged, _ net.Conn, br *bufio.Reader) {
			trTakeHead(br)
			x.arrive()
			trHold(br)
		},
		prepare: func(x *trStaged) {
			x.body = &trSlow{read: neverEnding('x').Read}
			x.header = http.Header{"Expect": {"100-continue"}}
			x.transport.ExpectContinueTimeout = time.Hour
		},
	},
	{
		name: "waiting for the head",
		script: func(x *trStaged, _ net.Conn, br *bufio.Reader) {
			trTakeHead(br)
			x.arrive()
			trHold(br)
		},
	},
	{
		name: "reading the head",
		script: func(x *trStaged, c net.Conn, br *bufio.Reader) {
			trTakeHead(br)
			io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Le")
			x.arrive()
			trHold(br)
		},
	},
	{
		name: "reading the body",
		script: func(x *trStaged, c net.Conn, br *bufio.Reader) {
			trTakeHead(br)
			io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf")
			trHold(br)
		},
		reading: true,
	},
}

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
	x := &trStaged{t: t, reached: make(chan struct{}, 1), over: make(chan struct{}), transport: &Transport{Proxy: trNoProxy, TLSHandshakeTimeout: -1}}
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

func TestTransportBodyClosedByAnother(t *testing.T) {
	trAlone(t)
	for _, elsewhere := range []bool{false, true} {
		server := trScript(t, func(_ int, c net.Conn, br *bufio.Reader) {
			trTakeHead(br)
			io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf")
			trHold(br)
		})
		trRun(t, func() {
			transport := &Transport{Proxy: trNoProxy}
			resp, err := (&http.Client{Transport: transport}).Get(server.URL)
			require.NoError(t, err)
			reading := gevent.Spawn(func() error { _, err := io.ReadAll(resp.Body); return err })
			gevent.Yield()
			_, err = resp.Body.Read(make([]byte, 1))
			require.ErrorIs(t, err, errTrReadTwice)
			if elsewhere {
				_, err := gevent.Await(func(context.Context) (bool, error) { return true, resp.Body.Close() })
				require.NoError(t, err)
			} else {
				require.NoError(t, resp.Body.Close())
			}
			require.ErrorIs(t, reading.Get(), errTrReadClosed)
			require.Empty(t, transport.pool.hosts)
		})
	}
}

func TestTransportElsewhere(t *testing.T) {
	trAlone(t)
	server := trServe(t, trEcho)
	transport := &Transport{Proxy: trNoProxy}
	client := &http.Client{Transport: transport}
	body := &trSlow{read: neverEnding('x').Read}
	_, err := client.Post(server.URL, "text/plain", body)
	require.ErrorIs(t, err, errTrOutside)
	require.Equal(t, 1, body.closed)
	transport.CloseIdleConnections()
	trRun(t, func() {
		resp, err := client.Get(server.URL)
		require.NoError(t, err)
		_, err = gevent.Await(func(context.Context) (bool, error) {
			_, err := resp.Body.Read(make([]byte, 1))
			require.ErrorIs(t, err, errTrReadOutside)
			_, err = client.Get(server.URL)
			require.ErrorIs(t, err, errTrOutside)
			return true, gevent.Run(func() error {
				_, err := client.Get(server.URL)
				require.ErrorIs(t, err, errTrOtherHub)
				return nil
			})
		})
		require.NoError(t, err)
		_, err = io.Copy(io.Discard, resp.Body)
		require.NoError(t, err)
		require.Equal(t, 1, transport.pool.lru.Len())
		_, err = gevent.Await(func(context.Context) (bool, error) { transport.CloseIdleConnections(); return true, nil })
		require.NoError(t, err)
		require.NoError(t, gevent.Sleep(1))
		require.Zero(t, transport.pool.lru.Len())

		resp, err = client.Get(server.URL)
		require.NoError(t, err)
		_, err = io.Copy(io.Discard, resp.Body)
		require.NoError(t, err)
		transport.CloseIdleConnections()
	})
	for range 2 { // the hub before has ended, with a connection that was idle
		require.NoError(t, gevent.Run(func() error {
			resp, err := client.Get(server.URL)
			require.NoError(t, err)
			_, err = io.Copy(io.Discard, resp.Body)
			return err
		}))
	}
}

// A conn of package net blocks, so it is not taken.
func TestTransportRefusesConnectionsThatBlock(t *testing.T) {
	trAlone(t)
	server := trServe(t, trEcho)
	trRun(t, func() {
		_, err := (&http.Client{Transport: &Transport{Proxy: trNoProxy, DialContext: new(net.Dialer).DialContext}}).Get(server.URL)
		require.ErrorContains(t, err, "would block the hub")
		none := func(context.Context, string, string) (net.Conn, error) { return nil, nil }
		_, err = (&http.Client{Transport: &Transport{Proxy: trNoProxy, DialContext: none}}).Get(server.URL)
		require.ErrorContains(t, err, "neither")
	})
}
