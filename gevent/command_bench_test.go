//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd

package gevent

import (
	"path/filepath"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
)

func BenchmarkCommandRun(b *testing.B) {
	bench(b, func() {
		for b.Loop() {
			if err := Command("/bin/true").Run(); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// A byte there and back between two greenlets, by way of the kernel.
func BenchmarkPipe(b *testing.B) {
	for name, open := range streams {
		b.Run(name, func(b *testing.B) {
			bench(b, func() {
				r1, w1 := open(b)
				r2, w2 := open(b)
				Spawn(func() error {
					buf := make([]byte, 1)
					for {
						if _, err := r1.Read(buf); err != nil {
							return err
						}
						if _, err := w2.Write(buf); err != nil {
							return err
						}
					}
				})
				buf := make([]byte, 1)
				for b.Loop() {
					_, sent := w1.Write(buf)
					if _, err := r2.Read(buf); err != nil || sent != nil {
						b.Fatal(sent, err)
					}
				}
			})
		})
	}
}

func BenchmarkSignal(b *testing.B) {
	bench(b, func() {
		s := Notify(syscall.SIGUSR1)
		for b.Loop() {
			sent := syscall.Kill(syscall.Getpid(), syscall.SIGUSR1)
			if _, err := s.Wait(); err != nil || sent != nil {
				b.Fatal(sent, err)
			}
		}
	})
}

func BenchmarkFileReadAt(b *testing.B) {
	bench(b, func() {
		f, err := Create(filepath.Join(b.TempDir(), "file"))
		require.NoError(b, err)
		buf := make([]byte, 4096)
		_, err = f.Write(buf)
		require.NoError(b, err)
		for b.Loop() {
			if _, err := f.ReadAt(buf, 0); err != nil {
				b.Fatal(err)
			}
		}
		require.NoError(b, f.Close())
	})
}
