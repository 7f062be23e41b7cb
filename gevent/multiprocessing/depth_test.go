//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd

package multiprocessing_test

import (
	"encoding/gob"
	"testing"

	"github.com/stretchr/testify/require"

	"greenloop/gevent"
)

type depthNode struct {
	Value int
	Next  *depthNode
	Kin   []*depthNode
	Named map[string]*depthNode
	Any   any
	Own   *depthOpaque
	next  *depthNode
}

// A depthOpaque encodes itself: what it points to is its own affair.
type depthOpaque struct{ self *depthOpaque }

func (*depthOpaque) GobEncode() ([]byte, error) { return []byte("x"), nil }

func (*depthOpaque) GobDecode([]byte) error { return nil }

func init() { gob.Register(&depthNode{}) }

// A value that leads back to itself is refused, however it does; one that is only deep, or has a part twice, is sent.
func TestValuesWithoutEndAreRefused(t *testing.T) {
	const text = "points to itself"
	refused := func(change func(n *depthNode)) {
		t.Helper()
		r, s := pipe[depthNode](t)
		n := &depthNode{Value: 1}
		change(n)
		require.ErrorContains(t, s.Send(depthNode{Next: n}), text)
		require.NoError(t, s.Send(depthNode{Value: 2}))
		require.Equal(t, 2, got[depthNode](t)(r.Recv()).Value)
		require.NoError(t, r.Close())
		require.NoError(t, s.Close())
	}
	run(t, func() error {
		refused(func(n *depthNode) { n.Next = &depthNode{Next: &depthNode{Next: n}} })
		refused(func(n *depthNode) { n.Kin = []*depthNode{nil, {Kin: []*depthNode{n}}} })
		refused(func(n *depthNode) { n.Named = map[string]*depthNode{"me": n} })
		refused(func(n *depthNode) { n.Any = n })

		nodes, send := pipe[*depthNode](t)
		twice := &depthNode{Value: 3, Own: &depthOpaque{}}
		twice.Own.self, twice.next = twice.Own, twice
		long := twice
		for range 5 * 1000 {
			long = &depthNode{Value: 4, Next: long, Kin: []*depthNode{twice, twice}}
		}
		sending := gevent.Spawn(func() error { return send.Send(long) })
		require.Equal(t, 4, got[*depthNode](t)(nodes.Recv()).Next.Value)
		require.NoError(t, sending.Get())
		require.NoError(t, nodes.Close())
		return send.Close()
	})
}
