package main

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestBatchesDiffer(t *testing.T) {
	seen := map[string]bool{}
	for conn := range 3 {
		b := newBatch(conn, 16, 4)
		for range 5 {
			b.renew()
			for at := 0; at < len(b.out); at += 16 {
				message := string(b.out[at : at+16])
				require.False(t, seen[message], "a message was sent twice")
				seen[message] = true
			}
		}
	}
}

func TestVerify(t *testing.T) {
	b := newBatch(1, 8, 2)
	b.renew()
	copy(b.in, b.out)
	require.NoError(t, b.verify())
	b.in[11]++
	require.ErrorContains(t, b.verify(), "from byte 11 on")
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
