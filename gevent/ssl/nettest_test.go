//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd

package ssl_test

import (
	"net"
	"testing"

	"greenloop/gevent"
	"greenloop/internal/conncases"
)

func TestConnInGreenlets(t *testing.T) {
	world := conncases.World{
		Spawn: func(fn func()) func() error { return gevent.Spawn(func() error { fn(); return nil }).Join },
		Sleep: gevent.Sleep,
	}
	conncases.Run(t, func(t *testing.T, main func(w conncases.World, c1, c2 net.Conn)) {
		run(t, func() error {
			a, b := shaken(t)
			main(world, a, b)
			until(t, func() bool { return gevent.GetHub().Stats().Live == 1 })
			return nil
		})
	})
}
