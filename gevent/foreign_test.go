//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd

package gevent

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// A goroutine and a greenlet at the two ends of a connection.
func TestCopyBetweenTheWorlds(t *testing.T) {
	const size = 4 << 20
	data := pattern(size)
	run(t, func() error {
		a, b := pair(t)
		done := make(chan struct{})
		go func() { // an echo
			defer close(done)
			defer b.Close()
			if n, err := io.Copy(b, b); n != size || err != nil {
				t.Error(n, err)
			}
		}()
		reader := readAll(a)
		n, err := a.Write(data)
		require.NoError(t, err)
		require.Equal(t, size, n)
		require.NoError(t, a.CloseWrite())
		got, err := reader.Get()
		require.NoError(t, err)
		require.True(t, bytes.Equal(data, got))
		awaitDone(t, done)
		closeAll(t, a)
		return nil
	})
}

// A line protocol over bufio in both worlds, on one and the same connection in turn.
func TestOneConnInBothWorlds(t *testing.T) {
	run(t, func() error {
		a, b := pair(t)
		server := Spawn(func() error {
			defer b.Close()
			lines := bufio.NewScanner(b)
			for lines.Scan() {
				if _, err := fmt.Fprintf(b, "<%s>\n", lines.Text()); err != nil {
					return err
				}
			}
			return lines.Err()
		})
		talk := func(text string) (string, error) {
			if _, err := fmt.Fprintln(a, text); err != nil {
				return "", err
			}
			return bufio.NewReader(a).ReadString('\n')
		}
		for i := range 100 {
			answer, err := talk(fmt.Sprint("inside ", i))
			require.NoError(t, err)
			require.Equal(t, fmt.Sprintf("<inside %d>\n", i), answer)
			answer, err = await(func() (string, error) { return talk(fmt.Sprint("outside ", i)) })
			require.NoError(t, err)
			require.Equal(t, fmt.Sprintf("<outside %d>\n", i), answer)
		}
		closeAll(t, a)
		return server.Get()
	})
}

// blocked starts op on a goroutine and returns what it ends with.
func blocked(op func() error) <-chan error {
	began, result := make(chan struct{}), make(chan error, 1)
	go func() {
		close(began)
		result <- op()
	}()
	<-began // it blocks now, or is about to: both must end in the same way
	return result
}

func TestGoroutineIsWoken(t *testing.T) {
	ends := map[string]struct {
		end  func(w waiter) error
		want error
	}{
		"close by a greenlet":       {func(w waiter) error { w.close(); return nil }, net.ErrClosed},
		"deadline by a greenlet":    {func(w waiter) error { return w.deadline(in(5 * time.Millisecond)) }, os.ErrDeadlineExceeded},
		"past deadline":             {func(w waiter) error { return w.deadline(time.Unix(1, 0)) }, os.ErrDeadlineExceeded},
		"deadline by a goroutine":   {func(w waiter) error { return outsideErr(func() error { return w.deadline(time.Unix(1, 0)) }) }, os.ErrDeadlineExceeded},
		"what it has waited for":    {func(w waiter) error { w.finish(); return nil }, nil},
		"deadline moved, then data": {func(w waiter) error { err := w.deadline(in(time.Hour)); w.finish(); return err }, nil},
	}
	for name, e := range ends {
		t.Run(name, func(t *testing.T) {
			eachWaiter(t, func(t *testing.T, w waiter) {
				result := blocked(w.op)
				require.NoError(t, e.end(w))
				err, failure := await(func() (error, error) { return <-result, nil })
				require.NoError(t, failure)
				if e.want == nil {
					require.NoError(t, err)
				} else {
					require.ErrorIs(t, err, e.want)
				}
			})
		})
	}
}

func outsideErr(fn func() error) error {
	_, err := await(func() (bool, error) { return true, fn() })
	return err
}

// A deadline that a greenlet has set holds for goroutines that come later, and the other way round.
func TestDeadlineInBothWorlds(t *testing.T) {
	eachWaiter(t, func(t *testing.T, w waiter) {
		require.NoError(t, w.deadline(in(5*time.Millisecond)))
		require.ErrorIs(t, outsideErr(w.op), os.ErrDeadlineExceeded)
		require.ErrorIs(t, w.op(), os.ErrDeadlineExceeded)
		require.NoError(t, outsideErr(func() error { return w.deadline(time.Time{}) }))
		g := Spawn(w.op)
		parked(t, g)
		w.finish()
		require.NoError(t, g.Get())
	})
}

// Deadlines, first uses and the close, from several goroutines and greenlets at once: for the race detector.
func TestEverythingAtOnce(t *testing.T) {
	run(t, func() error {
		for round := range 50 {
			a, b := pair(t)
			var group sync.WaitGroup
			for range 2 {
				group.Go(func() { _, _ = a.Read(make([]byte, 16)) })
				group.Go(func() { _, _ = a.Write(make([]byte, 16)) })
				group.Go(func() { _ = a.SetDeadline(in(time.Hour)) })
				group.Go(func() { _ = a.SetReadDeadline(time.Time{}) })
				group.Go(func() { _ = a.SetNoDelay(true); _ = a.CloseWrite() })
				if round%2 == 0 {
					group.Go(func() { _ = a.Close() })
				}
			}
			gs := []*Greenlet{
				Spawn(func() error { _, _ = a.Read(make([]byte, 16)); return nil }),
				Spawn(func() error { _, _ = a.Write(make([]byte, 16)); return nil }),
				Spawn(func() error { return a.SetDeadline(in(time.Hour)) }),
			}
			Yield()
			_ = a.Close()
			require.NoError(t, outsideErr(func() error { group.Wait(); return nil }))
			for _, g := range gs {
				_ = g.Get()
			}
			closeAll(t, b)
		}
		return nil
	})
}

// The hub ends while goroutines make their first use of its connections, block in them, and close them.
func TestHubEndsUnderGoroutines(t *testing.T) {
	for range 100 {
		before := openFds()
		var group sync.WaitGroup
		require.NoError(t, Run(func() error {
			a, b := pair(t)
			l := listen(t)
			for _, op := range []func() error{
				func() error { _, err := a.Read(make([]byte, 1)); return err },
				func() error { _, err := l.Accept(); return err },
				func() error { _, err := b.Read(make([]byte, 1)); return err },
			} {
				group.Go(func() {
					if err := op(); err == nil {
						t.Error("it succeeded")
					}
				})
			}
			group.Go(func() { _ = a.Close() })
			group.Go(func() { _ = a.SetDeadline(in(time.Hour)) })
			return nil
		}))
		group.Wait()
		noDescriptors(t, before)
	}
}

// The server and the client of net/http over a listener of ours: they start goroutines of their own.
func TestNetHTTP(t *testing.T) {
	run(t, func() error {
		l := listen(t)
		server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			body, err := io.ReadAll(r.Body)
			if err != nil {
				t.Error(err)
			}
			fmt.Fprintf(w, "%s %s %d", r.Method, r.URL.Path, len(body))
		})}
		served := make(chan error, 1)
		go func() { served <- server.Serve(l) }()
		ticks := 0
		ticker := Spawn(func() error {
			for {
				ticks++
				if err := Sleep(time.Millisecond); err != nil {
					return err
				}
			}
		})
		answer, err := await(func() (string, error) {
			client := &http.Client{Transport: &http.Transport{}}
			defer client.CloseIdleConnections()
			for range 5 {
				r, err := client.Post("http://"+l.Addr().String()+"/path", "text/plain", bytes.NewReader(pattern(100_000)))
				if err != nil {
					return "", err
				}
				body, err := io.ReadAll(r.Body)
				r.Body.Close()
				if err != nil || string(body) != "POST /path 100000" {
					return string(body), err
				}
			}
			return "ok", nil
		})
		require.NoError(t, err)
		require.Equal(t, "ok", answer)
		require.Positive(t, ticks)
		require.NoError(t, ticker.Kill())
		_, err = await(func() (bool, error) {
			err := server.Close()
			if e := <-served; e != http.ErrServerClosed {
				t.Error(e)
			}
			return true, err
		})
		require.NoError(t, err)
		require.ErrorIs(t, l.Close(), net.ErrClosed)
		return nil
	})
}

// A client transport of net/http that dials with our sockets: its goroutines read and write our connections.
func TestNetHTTPClientOverOurConn(t *testing.T) {
	run(t, func() error {
		std, err := net.Listen("tcp", "127.0.0.1:0")
		require.NoError(t, err)
		server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, r.URL.Path) })}
		served := make(chan error, 1)
		go func() { served <- server.Serve(std) }()
		c, err := Dial("tcp", std.Addr().String())
		require.NoError(t, err)
		body, err := await(func() (string, error) {
			client := &http.Client{Transport: &http.Transport{
				DialContext: func(context.Context, string, string) (net.Conn, error) { return c, nil },
			}}
			defer client.CloseIdleConnections()
			r, err := client.Get("http://any/over/ours")
			if err != nil {
				return "", err
			}
			defer r.Body.Close()
			body, err := io.ReadAll(r.Body)
			return string(body), err
		})
		require.NoError(t, err)
		require.Equal(t, "/over/ours", body)
		return outsideErr(func() error {
			err := server.Close()
			<-served
			return err
		})
	})
}
