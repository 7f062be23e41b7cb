package http

import (
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"greenloop/gevent"
)

// This file is handlers whose answer is written by another greenlet, which is killed half-way or outlives them.

// strayEnd checks that the connection ends, whatever came before.
func strayEnd(c *worldClient) {
	c.t.Helper()
	_, err := io.Copy(io.Discard, c.Reader)
	require.NotErrorIs(c.t, err, os.ErrDeadlineExceeded, "the connection is still open")
	require.NoError(c.t, c.Close())
}

// endless never ends, nor waits.
type endless struct{}

func (endless) Read(b []byte) (int, error) { return len(b), nil }

func TestServerWriterKilledHalfWay(t *testing.T) {
	for name, write := range map[string]func(w http.ResponseWriter){
		"write": func(w http.ResponseWriter) { w.Write(make([]byte, 64<<20)) },
		"copy": func(w http.ResponseWriter) {
			w.Header().Set("Content-Length", "67108864")
			io.Copy(w, io.LimitReader(endless{}, 64<<20))
		},
	} {
		t.Run(name, func(t *testing.T) {
			handled := false
			inWorld(t, handling(func(w http.ResponseWriter, _ *http.Request) {
				g := gevent.Spawn(func() error { write(w); return nil })
				require.NoError(t, gevent.Idle())
				require.False(t, g.Ready())
				g.Kill()
				_, err := io.WriteString(w, "HTTP/1.1 200 OK\r\n\r\n") // it would be read as anything but the next byte
				require.Error(t, err)
				handled = true
			}), func(w *world) {
				c := w.dial()
				c.send(staying)
				for !handled {
					require.NoError(t, gevent.Sleep(time.Millisecond))
				}
				strayEnd(c)
			})
		})
	}
}

func TestServerWriterKilledBeforeTheHead(t *testing.T) {
	inWorld(t, handling(func(w http.ResponseWriter, _ *http.Request) {
		g := gevent.Spawn(func() error { // waits for the rest of the request
			io.WriteString(w, "one")
			return http.NewResponseController(w).Flush()
		})
		require.NoError(t, gevent.Idle())
		require.False(t, g.Ready())
		g.Kill()
		_, err := io.WriteString(w, "two")
		if err == nil {
			err = http.NewResponseController(w).Flush()
		}
		require.Error(t, err)
	}), func(w *world) {
		c := w.dial()
		c.send(post + "Content-Length: 100\n\nabc")
		c.ended()
	})
}

// A strayReader is read when it is let.
type strayReader struct {
	reading, gate gevent.Event
	text          string
}

func (s *strayReader) Read(b []byte) (int, error) {
	s.reading.Set()
	if err := s.gate.Wait(); err != nil || s.text == "" {
		return 0, io.EOF
	}
	n := copy(b, s.text)
	s.text = s.text[n:]
	return n, nil
}

func TestServerWriterThatOutlivesItsHandler(t *testing.T) {
	var stray *gevent.Greenlet
	var source strayReader
	source.text = "intruder"
	inWorld(t, handling(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/stray" {
			stray = gevent.Spawn(func() error { _, err := io.Copy(w, &source); return err })
			require.NoError(t, source.reading.Wait())
			return
		}
		source.gate.Set()
		require.ErrorIs(t, stray.Get(), errDone)
		io.WriteString(w, "mine")
	}), func(w *world) {
		first, second := w.dial(), w.dial()
		first.send("GET /stray HTTP/1.1\nHost: x\n\n")
		strayEnd(first)
		second.send(closing)
		second.expect("mine")
		second.ended()
	})
}

func TestServerWriterOnAnotherGoroutineAtTheEnd(t *testing.T) {
	over := make(chan error, 20)
	inWorld(t, handling(func(w http.ResponseWriter, r *http.Request) {
		began := make(chan bool)
		go func() {
			began <- true
			for range 1000 {
				if _, err := w.Write([]byte("x")); err != errElsewhere {
					over <- err
					return
				}
				if _, err := r.Body.Read(make([]byte, 1)); err != errElsewhere {
					over <- err
					return
				}
			}
			over <- nil
		}()
		<-began
	}), func(w *world) {
		c := w.dial()
		for range 20 {
			c.send(post + "Content-Length: 1\n\na")
			c.answer("POST")
		}
		for range 20 {
			require.NoError(t, <-over)
		}
		require.NoError(t, c.Close())
	})
}

// pipeListener accepts one connection, whose writes wait until they are read.
type pipeListener struct {
	net.Conn
	ended gevent.Event
}

func (l *pipeListener) Accept() (net.Conn, error) {
	if c := l.Conn; c != nil {
		l.Conn = nil
		return c, nil
	}
	if err := l.ended.Wait(); err != nil {
		return nil, err
	}
	return nil, net.ErrClosed
}

func (l *pipeListener) Close() error { l.ended.Set(); return nil }

func (l *pipeListener) Addr() net.Addr { return &net.UnixAddr{Name: "pipe", Net: "pipe"} }

func TestServerSendsAllAnswersLeftBehind(t *testing.T) {
	var release gevent.Event
	inWorld(t, handling(func(w http.ResponseWriter, r *http.Request) {
		io.WriteString(w, r.URL.Path)
		switch r.URL.Path {
		case "/2":
			require.NoError(t, gevent.Idle()) // while the first answer is being sent
		case "/3":
			require.NoError(t, release.Wait())
		}
	}), func(w *world) {
		ours, theirs := gevent.ConnPipe()
		l := &pipeListener{Conn: theirs}
		serving := gevent.Spawn(func() error { return w.Serve(l) })
		c := newWorldClient(t, ours)
		c.send("GET /1 HTTP/1.1\nHost: x\n\nGET /2 HTTP/1.1\nHost: x\n\nGET /3 HTTP/1.1\nHost: x\n\n")
		require.NoError(t, gevent.Idle()) // until the third handler waits
		c.expect("/1")
		c.expect("/2")
		release.Set()
		c.expect("/3")
		require.NoError(t, c.Close())
		require.NoError(t, l.Close())
		require.ErrorIs(t, serving.Get(), net.ErrClosed)
	})
}

func TestServerReaderThatOutlivesItsHandler(t *testing.T) {
	var stray *gevent.Greenlet
	s := handling(func(_ http.ResponseWriter, r *http.Request) {
		stray = gevent.Spawn(func() error { _, err := io.ReadAll(r.Body); return err })
		require.NoError(t, gevent.Idle()) // until that one waits
	})
	s.MaxBodyBytes = 5
	inWorld(t, s, func(w *world) {
		c := w.dial()
		c.send(post + "Transfer-Encoding: chunked\n\n")
		status, _, _ := c.answer("POST")
		require.Equal(t, 200, status)
		c.send("7\nabcdefg\n0\n\n" + closing)
		strayEnd(c)
		var panicked *gevent.PanicError
		require.False(t, errors.As(stray.Get(), &panicked), "%v", panicked)
	})
}
