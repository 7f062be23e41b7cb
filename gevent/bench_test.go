//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd

package gevent

import (
	"io"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// bench runs a benchmark inside a hub.
func bench(b *testing.B, main func()) {
	b.Helper()
	b.ReportAllocs()
	require.NoError(b, Run(func() error { main(); return nil }))
}

func BenchmarkEcho(b *testing.B) {
	bench(b, func() {
		c, s := pair(b)
		Spawn(func() error { return echo(s) })
		message := make([]byte, 64)
		for b.Loop() {
			if _, err := c.Write(message); err != nil {
				b.Fatal(err)
			}
			if _, err := io.ReadFull(c, message); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// BenchmarkEchoDeadline is BenchmarkEcho with a deadline set before each message, as careful servers do.
func BenchmarkEchoDeadline(b *testing.B) {
	bench(b, func() {
		c, s := pair(b)
		Spawn(func() error { return echo(s) })
		message := make([]byte, 64)
		for b.Loop() {
			if err := c.SetDeadline(time.Now().Add(time.Minute)); err != nil {
				b.Fatal(err)
			}
			if _, err := c.Write(message); err != nil {
				b.Fatal(err)
			}
			if _, err := io.ReadFull(c, message); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func BenchmarkSpawnJoin(b *testing.B) {
	bench(b, func() {
		nothing := func() error { return nil }
		for b.Loop() {
			if err := Spawn(nothing).Join(); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func BenchmarkSleep0(b *testing.B) {
	bench(b, func() {
		other := Spawn(func() error {
			for {
				if err := Sleep(0); err != nil {
					return err
				}
			}
		})
		for b.Loop() {
			_ = Sleep(0)
		}
		other.KillAsync()
	})
}

func BenchmarkOffload(b *testing.B) {
	bench(b, func() {
		for b.Loop() {
			if _, err := await(func() (int, error) { return 0, nil }); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func BenchmarkPost(b *testing.B) {
	bench(b, func() {
		h := GetHub()
		for b.Loop() {
			ticket := h.sched.Ticket()
			h.Post(func() { ticket.Ready() })
			_ = h.sched.Park(why)
		}
	})
}

func BenchmarkDialAcceptClose(b *testing.B) {
	bench(b, func() {
		l := listen(b)
		for b.Loop() {
			c, s := connect2(b, l)
			closeAll(b, c, s)
		}
	})
}
