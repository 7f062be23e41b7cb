//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd

package gevent

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"
)

// plain hides what a connection can do beside reading, or writing.
type (
	plainReader struct{ io.Reader }
	plainWriter struct{ io.Writer }
)

// cpu reports the processor time of an operation, which counts where the machine does other things as well.
func cpu(b *testing.B) (report func()) {
	used := func() time.Duration {
		var u unix.Rusage
		require.NoError(b, unix.Getrusage(unix.RUSAGE_SELF, &u))
		return time.Duration(u.Utime.Nano() + u.Stime.Nano())
	}
	before := used()
	return func() { b.ReportMetric(float64(used()-before)/float64(b.N), "cpu-ns/op") }
}

// BenchmarkCopyFile sends a file that is in memory, by the way that is chosen for its size and through a buffer.
func BenchmarkCopyFile(b *testing.B) {
	for _, size := range []int{4 << 10, 64 << 10, 1 << 20, 4 << 20} {
		name := filepath.Join(b.TempDir(), "file")
		require.NoError(b, os.WriteFile(name, pattern(size), 0o600))
		for how, send := range map[string]func(c *TCPConn, f *os.File) (int64, error){
			"chosen": func(c *TCPConn, f *os.File) (int64, error) { return io.Copy(c, f) },
			"copy":   func(c *TCPConn, f *os.File) (int64, error) { return copyThrough(plainWriter{c}, plainReader{f}) },
		} {
			b.Run(fmt.Sprintf("%d/%s", size, how), func(b *testing.B) {
				f, err := os.Open(name)
				require.NoError(b, err)
				defer f.Close()
				b.SetBytes(int64(size))
				bench(b, func() {
					defer cpu(b)()
					c, s := pair(b)
					reader := Go(func() (int64, error) { return io.Copy(io.Discard, s) })
					for b.Loop() {
						_, err := f.Seek(0, io.SeekStart)
						require.NoError(b, err)
						n, err := send(c, f)
						require.NoError(b, err)
						require.EqualValues(b, size, n)
					}
					closeAll(b, c)
					_, err := reader.Get()
					require.NoError(b, err)
					closeAll(b, s)
				})
			})
		}
	}
}

// BenchmarkProxy sends messages through a proxy, which answers nothing; a reader takes them.
func BenchmarkProxy(b *testing.B) {
	for _, size := range []int{64, 16 << 10, 64 << 10, 1 << 20} {
		for how, forward := range map[string]func(to, from *TCPConn) (int64, error){
			"splice": func(to, from *TCPConn) (int64, error) {
				n, _, err := to.splice(&from.streamConn, unlimited)
				return n, err
			},
			"copy":   func(to, from *TCPConn) (int64, error) { return copyThrough(plainWriter{to}, plainReader{from}) },
			"chosen": func(to, from *TCPConn) (int64, error) { return io.Copy(to, from) },
		} {
			b.Run(fmt.Sprintf("%d/%s", size, how), func(b *testing.B) {
				b.SetBytes(int64(size))
				bench(b, func() {
					defer cpu(b)()
					client, from := pair(b)
					to, server := pair(b)
					proxy := Spawn(func() error {
						_, err := forward(to, from)
						return err
					})
					message, answer := make([]byte, size), make([]byte, size)
					for b.Loop() {
						if _, err := client.Write(message); err != nil {
							b.Fatal(err)
						}
						if _, err := io.ReadFull(server, answer); err != nil {
							b.Fatal(err)
						}
					}
					closeAll(b, client)
					require.NoError(b, proxy.Get())
					closeAll(b, from, to, server)
				})
			})
		}
	}
}
