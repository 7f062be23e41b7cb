//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd

package gevent

import (
	"bytes"
	"errors"
	"io"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func fileOf(t testing.TB, data []byte) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(name, data, 0o600))
	return name
}

// A file is sent from where it stands to its end, or its limit, and stands behind what was sent then.
func TestCopyFile(t *testing.T) {
	const size = 5<<20 + 17
	data := pattern(size)
	name := fileOf(t, data)
	for kind, open := range streamPairs {
		for _, c := range []struct{ start, limit int64 }{
			{0, unlimited}, {1, unlimited}, {size - 100, unlimited}, {size, unlimited}, {size + 5, unlimited},
			{0, 0}, {0, 1}, {10, 3 << 20}, {100, size}, {0, size}, {0, fileChunk},
		} {
			run(t, func() error {
				f, err := os.Open(name)
				require.NoError(t, err)
				defer f.Close()
				_, err = f.Seek(c.start, io.SeekStart)
				require.NoError(t, err)
				a, b := open(t)
				reader := readAll(b)
				var n int64
				limited := &io.LimitedReader{R: f, N: c.limit}
				if c.limit == unlimited {
					n, err = io.Copy(a, f)
				} else {
					n, err = io.Copy(a, limited)
				}
				require.NoError(t, err)
				want := data[min(c.start, size):]
				want = want[:min(c.limit, int64(len(want)))]
				require.EqualValues(t, len(want), n, "%s %+v", kind, c)
				position, err := f.Seek(0, io.SeekCurrent)
				require.NoError(t, err)
				require.Equal(t, c.start+n, position)
				if c.limit != unlimited {
					require.Equal(t, c.limit-n, limited.N)
				}
				closeAll(t, a)
				got, err := reader.Get()
				require.NoError(t, err)
				require.True(t, bytes.Equal(want, got))
				closeAll(t, b)
				return nil
			})
		}
	}
}

// However it ends early, the file stands behind what has been sent.
func TestCopyFileEndsEarly(t *testing.T) {
	data := pattern(16 << 20)
	name := fileOf(t, data)
	for how, c := range map[string]struct {
		end  func(a *TCPConn, g *Greenlet)
		want error
	}{
		"deadline": {func(a *TCPConn, _ *Greenlet) { _ = a.SetWriteDeadline(in(-1)) }, os.ErrDeadlineExceeded},
		"close":    {func(a *TCPConn, _ *Greenlet) { _ = a.Close() }, net.ErrClosed},
		"throw":    {func(_ *TCPConn, g *Greenlet) { throw(g, errMade) }, errMade},
		"kill":     {func(_ *TCPConn, g *Greenlet) { g.KillAsync() }, ErrExit},
	} {
		t.Run(how, func(t *testing.T) {
			run(t, func() error {
				f, err := os.Open(name)
				require.NoError(t, err)
				defer f.Close()
				a, b := pair(t)
				g := Spawn(func() error { return valueless(a.ReadFrom(f)) })
				eventually(t, func() bool { Yield(); return g.hub.waiting > 0 })
				c.end(a, g)
				require.ErrorIs(t, g.Get(), c.want)
				_ = a.Close()
				got, err := io.ReadAll(b)
				require.NoError(t, err)
				position, err := f.Seek(0, io.SeekCurrent)
				require.NoError(t, err)
				require.EqualValues(t, len(got), position)
				require.True(t, bytes.HasPrefix(data, got))
				closeAll(t, b)
				return nil
			})
		})
	}
}

// What is no regular file, and readers of any other kind, are copied.
func TestCopyFromOthers(t *testing.T) {
	data := pattern(1 << 20)
	name := fileOf(t, data)
	for how, open := range map[string]func(t *testing.T) io.Reader{
		"bytes":  func(t *testing.T) io.Reader { return bytes.NewReader(data) },
		"reader": func(t *testing.T) io.Reader { return plainReader{bytes.NewReader(data)} },
		"limited": func(t *testing.T) io.Reader {
			return io.LimitReader(plainReader{bytes.NewReader(append(data, 1, 2))}, 1<<20)
		},
		"file of the hub": func(t *testing.T) io.Reader {
			f, err := Open(name)
			require.NoError(t, err)
			return f
		},
		"pipe": func(t *testing.T) io.Reader {
			r, w, err := Pipe()
			require.NoError(t, err)
			Spawn(func() error {
				defer w.Close()
				return valueless(w.Write(data))
			})
			return r
		},
	} {
		t.Run(how, func(t *testing.T) {
			run(t, func() error {
				a, b := pair(t)
				r := open(t)
				reader := readAll(b)
				n, err := io.Copy(a, r)
				require.NoError(t, err)
				require.EqualValues(t, len(data), n)
				closeAll(t, a)
				got, err := reader.Get()
				require.NoError(t, err)
				require.True(t, bytes.Equal(data, got))
				closeAll(t, b)
				if c, ok := r.(io.Closer); ok {
					closeAll(t, c)
				}
				return nil
			})
		})
	}
}

func TestCopyToOthers(t *testing.T) {
	data := pattern(1 << 20)
	run(t, func() error {
		for _, open := range []func() (io.Writer, func() []byte){
			func() (io.Writer, func() []byte) { b := new(bytes.Buffer); return b, b.Bytes },
			func() (io.Writer, func() []byte) { b := new(bytes.Buffer); return plainWriter{b}, b.Bytes },
			func() (io.Writer, func() []byte) {
				f, err := os.Create(filepath.Join(t.TempDir(), "file"))
				require.NoError(t, err)
				return f, func() []byte {
					closeAll(t, f)
					got, err := os.ReadFile(f.Name())
					require.NoError(t, err)
					return got
				}
			},
		} {
			a, b := pair(t)
			writer := Spawn(func() error {
				defer a.Close()
				return valueless(a.Write(data))
			})
			w, got := open()
			n, err := io.Copy(w, b)
			require.NoError(t, err)
			require.EqualValues(t, len(data), n)
			require.NoError(t, writer.Get())
			require.True(t, bytes.Equal(data, got()))
			closeAll(t, b)
		}
		a, b := pair(t)
		mustWrite(t, a, "text")
		_, err := b.WriteTo(plainWriter{shortWriter{}})
		require.ErrorIs(t, err, io.ErrShortWrite)
		closeAll(t, a, b)
		return nil
	})
}

type shortWriter struct{}

func (shortWriter) Write(b []byte) (int, error) { return len(b) - 1, nil }

// Between two connections of whichever kinds all goes through, in pieces large and small, limited or not, with a
// writer that is slower than the reader.
func TestCopyBetweenConns(t *testing.T) {
	data := pattern(2<<20 + 5)
	for fromKind, openFrom := range streamPairs {
		for toKind, openTo := range streamPairs {
			for _, limit := range []int64{unlimited, 1 << 20, 10} {
				run(t, func() error {
					client, from := openFrom(t)
					to, server := openTo(t)
					require.NoError(t, to.SetWriteBuffer(128<<10))
					reader := readAll(server)
					proxy := Go(func() (int64, error) {
						defer to.Close()
						if limit == unlimited {
							return io.Copy(to, from)
						}
						return to.ReadFrom(io.LimitReader(from, limit))
					})
					writer := Spawn(func() error {
						defer client.Close()
						for done, size := 0, 1; done < len(data); size *= 3 {
							n, err := client.Write(data[done:min(len(data), done+size)])
							if err != nil {
								return err
							}
							done += n
							Yield()
						}
						return nil
					})
					n, err := proxy.Get()
					require.NoError(t, err)
					want := data[:min(int64(len(data)), limit)]
					require.EqualValues(t, len(want), n, "%s to %s", fromKind, toKind)
					got, err := reader.Get()
					require.NoError(t, err)
					require.True(t, bytes.Equal(want, got))
					closeAll(t, from, server)
					if err := writer.Get(); limit == unlimited {
						require.NoError(t, err)
					}
					return nil
				})
			}
		}
	}
}

// A proxy whose writer fails, is killed or timed out in the middle says how much has arrived, and leaves nothing of it to the
// next, though that goes through the same kernel objects.
func TestCopyBetweenConnsEndsEarly(t *testing.T) {
	for how, c := range map[string]struct {
		end  func(to, server *TCPConn, g *Greenlet)
		want error
	}{
		"write deadline": {func(to, _ *TCPConn, _ *Greenlet) { _ = to.SetWriteDeadline(in(-1)) }, os.ErrDeadlineExceeded},
		"close":          {func(to, _ *TCPConn, _ *Greenlet) { _ = to.Close() }, net.ErrClosed},
		"throw":          {func(_, _ *TCPConn, g *Greenlet) { throw(g, errMade) }, errMade},
		"kill":           {func(_, _ *TCPConn, g *Greenlet) { g.KillAsync() }, ErrExit},
	} {
		t.Run(how, func(t *testing.T) {
			run(t, func() error {
				data := pattern(16 << 20)
				for range 3 {
					client, from := pair(t)
					to, server := pair(t)
					var n int64
					proxy := Spawn(func() (err error) {
						n, err = io.Copy(to, from)
						return err
					})
					writer := Spawn(func() error { return valueless(client.Write(data)) })
					eventually(t, func() bool { return GetHub().waiting == 2 })
					require.Nil(t, to.fd.r.waiters.First())
					c.end(to, server, proxy)
					require.ErrorIs(t, proxy.Get(), c.want)
					_ = to.Close()
					got, err := io.ReadAll(server)
					require.NoError(t, err)
					require.True(t, bytes.HasPrefix(data, got))
					if how != "kill" {
						require.EqualValues(t, len(got), n)
					}
					closeAll(t, from, client, server)
					_ = writer.Get()
				}
				return nil
			})
		})
	}
}

// The reading side's end is told as that of a read.
func TestCopyBetweenConnsReadEnds(t *testing.T) {
	run(t, func() error {
		client, from := pair(t)
		to, server := pair(t)
		require.NoError(t, from.SetReadDeadline(in(time.Millisecond)))
		_, err := io.Copy(to, from)
		require.ErrorIs(t, err, os.ErrDeadlineExceeded)
		var op *net.OpError
		require.ErrorAs(t, err, &op)
		require.Equal(t, "read", op.Op)
		require.NoError(t, from.SetReadDeadline(time.Time{}))
		require.NoError(t, client.SetLinger(0))
		proxy := Spawn(func() error { return valueless(io.Copy(to, from)) })
		parked(t, proxy)
		closeAll(t, client)
		err = proxy.Get()
		require.ErrorAs(t, err, &op)
		require.Equal(t, "read", op.Op)
		closeAll(t, from, to, server)
		return nil
	})
}

// On goroutines it goes through a buffer, whichever way it is asked for.
func TestCopyOnGoroutines(t *testing.T) {
	data := pattern(2 << 20)
	name := fileOf(t, data)
	for how, forward := range map[string]func(to, from net.Conn) error{
		"io.Copy":  func(to, from net.Conn) error { return valueless(io.Copy(to, from)) },
		"WriteTo":  func(to, from net.Conn) error { return valueless(from.(io.WriterTo).WriteTo(to)) },
		"ReadFrom": func(to, from net.Conn) error { return valueless(to.(io.ReaderFrom).ReadFrom(from)) },
	} {
		run(t, func() error {
			client, from := pair(t)
			a, b := socketPair(t)
			reader := readAll(b)
			proxy := Spawn(func() error {
				return outsideErr(func() error { return errors.Join(forward(a, from), a.Close()) })
			})
			require.NoError(t, outsideErr(func() error {
				f, err := os.Open(name)
				if err != nil {
					return err
				}
				defer f.Close()
				return errors.Join(valueless(io.Copy(client, f)), client.Close())
			}))
			require.NoError(t, proxy.Get(), how)
			got, err := reader.Get()
			require.NoError(t, err)
			require.True(t, bytes.Equal(data, got), how)
			closeAll(t, from, b)
			return nil
		})
	}
}
