//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd

package http

import (
	"bufio"
	"context"
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
