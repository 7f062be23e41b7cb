package main

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestEchoesDiffer(t *testing.T) {
	seen := map[string]bool{}
	for conn := range 3 {
		e, out := newEcho(conn, 16, 4)
		for range 5 {
			e.renew(out)
			for at := 0; at < len(out); at += 16 {
				message := string(out[at : at+16])
				require.False(t, seen[message], "a message was sent twice")
				seen[message] = true
			}
		}
	}
}

func TestEchoVerify(t *testing.T) {
	e, out := newEcho(1, 8, 2)
	e.renew(out)
	in := slices.Clone(out)
	require.NoError(t, e.verify(out, in))
	in[11]++
	require.ErrorContains(t, e.verify(out, in), "from byte 11 on")
}

func TestPlanCheck(t *testing.T) {
	good := plan{addr: "127.0.0.1:1", conns: 1, size: 8, pipeline: 1, duration: 1}
	require.NoError(t, good.check())
	for _, spoil := range []func(*plan){
		func(p *plan) { p.addr = "" },
		func(p *plan) { p.conns = 0 },
		func(p *plan) { p.size = 7 },
		func(p *plan) { p.pipeline = 0 },
		func(p *plan) { p.duration = 0 },
		func(p *plan) { p.warmup = -1 },
	} {
		p := good
		spoil(&p)
		require.Error(t, p.check())
	}
}
