package http

import (
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

// waitDone waits, in a greenlet, until ctx is done.
func waitDone(ctx context.Context) error {
	err := gevent.WithContext(ctx, func() error { return gevent.Sleep(patience) })
	if err == nil {
		return errors.New("the context was not canceled")
	}
	return err
}

func TestServerContextOfClientThatGoes(t *testing.T) {
	for _, c := range []struct{ name, send string }{
		{"no body", staying},
		{"body read", "POST / HTTP/1.1\nHost: x\nContent-Length: 3\n\nabc"},
		{"body in chunks", "POST / HTTP/1.1\nHost: x\nTransfer-Encoding: chunked\n\n3\nabc\n0\n\n"},
		{"after another one", staying + staying},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := make(map[int]error)
			n := 0
			inWorld(t, handling(func(w http.ResponseWriter, r *http.Request) {
				n++
				if n == 1 && c.name == "after another one" {
					return
				}
				done := r.Context().Done()
				b, err := io.ReadAll(r.Body)
				require.NoError(t, err)
				require.LessOrEqual(t, len(b), 3)
				require.NoError(t, r.Context().Err())
				got[n] = waitDone(r.Context())
				<-done
			}), func(w *world) {
				client := w.dial()
				client.send(c.send)
				for w.state.first == nil || w.state.first.watcher.greenlet == nil {
					gevent.Yield()
				}
				require.Empty(t, got)
				require.NoError(t, client.Close())
				for len(got) == 0 {
					gevent.Yield()
				}
				for _, err := range got {
					require.Equal(t, context.Canceled, err)
				}
			})
		})
	}
}

func TestServerContextEndsWithTheHandler(t *testing.T) {
	var contexts []context.Context
	var done []<-chan struct{}
	calls := 0
	inWorld(t, handling(func(w http.ResponseWriter, r *http.Request) {
		ctx := r.Context()
		contexts = append(contexts, ctx)
		switch r.URL.Path {
		case "/done":
			done = append(done, ctx.Done())
			require.Equal(t, ctx.Done(), ctx.Done())
		case "/after":
			stop := ctx.(*requestContext).AfterFunc(func() { calls++ })
			ctx.(*requestContext).AfterFunc(func() { calls += 10 })
			require.True(t, stop())
			require.False(t, stop())
		case "/derived":
			child, cancel := context.WithCancel(ctx)
			defer cancel()
			contexts = append(contexts, child)
			done = append(done, child.Done())
		}
		io.WriteString(w, r.URL.Path)
	}), func(w *world) {
		c := w.dial()
		for _, path := range []string{"/plain", "/done", "/after", "/derived", "/done", "/plain"} {
			c.send("GET " + path + " HTTP/1.1\nHost: x\n\n")
			c.expect(path)
		}
		require.Len(t, contexts, 7)
		for _, ctx := range contexts {
			require.Equal(t, context.Canceled, ctx.Err())
			require.Equal(t, context.Canceled, context.Cause(ctx))
			<-ctx.Done()
		}
		for _, d := range done {
			<-d
		}
		require.Equal(t, 10, calls)
		require.False(t, contexts[0].(*requestContext).AfterFunc(func() {})())
		require.NoError(t, c.Close())
	})
}

func TestServerContextKeepsWhatComesMeanwhile(t *testing.T) {
	var gate gevent.Event
	inWorld(t, handling(func(w http.ResponseWriter, r *http.Request) {
		r.Context().Done()
		if r.URL.Path == "/wait" {
			require.NoError(t, gate.Wait())
		}
		require.NoError(t, r.Context().Err())
		io.WriteString(w, r.URL.Path)
	}), func(w *world) {
		c := w.dial()
		c.send("GET /wait HTTP/1.1\nHost: x\n\n")
		for w.state.first == nil || w.state.first.watcher.greenlet == nil {
			gevent.Yield()
		}
		c.send("GET /next HTTP/1.1\nHo")
		for !w.state.first.watcher.greenlet.Ready() {
			gevent.Yield()
		}
		gate.Set()
		c.expect("/wait")
		c.send("st: x\n\n")
		c.expect("/next")
		require.NoError(t, c.Close())
	})
}

func TestServerContextOnOtherGoroutine(t *testing.T) {
	inWorld(t, handling(func(w http.ResponseWriter, r *http.Request) {
		_, err := gevent.Offload(func() (bool, error) {
			select {
			case <-r.Context().Done():
				return true, nil
			case <-time.After(patience):
				return false, errors.New("the context was not canceled")
			}
		})
		require.NoError(t, err)
		w.Header().Set("Seen", "1")
	}), func(w *world) {
		c := w.dial()
		c.send(staying)
		for w.state.first == nil || w.state.first.watcher.greenlet == nil {
			require.NoError(t, gevent.Sleep(time.Millisecond))
		}
		require.NoError(t, c.Close())
		for w.state.active > 0 {
			require.NoError(t, gevent.Sleep(time.Millisecond))
		}
	})
}

func TestServerContextOfBase(t *testing.T) {
	base, cancel := context.WithCancelCause(context.Background())
	cause := errors.New("enough")
	s := handling(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/wait" {
			err := waitDone(r.Context())
			require.ErrorIs(t, err, cause)
		}
		require.Equal(t, context.Canceled, r.Context().Err())
		io.WriteString(w, "canceled")
	})
	s.BaseContext = func(net.Listener) context.Context { return base }
	inWorld(t, s, func(w *world) {
		c := w.dial()
		c.send("GET /wait HTTP/1.1\nHost: x\n\n" + staying)
		for w.state.first == nil || w.state.first.watcher.greenlet == nil {
			gevent.Yield()
		}
		cancel(cause)
		c.expect("canceled")
		c.expect("canceled")
		require.NoError(t, c.Close())
	})
}
