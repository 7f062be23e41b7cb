//go:build unix

package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"testing"
	"time"

	"github.com/gobwas/ws"
	"github.com/gobwas/ws/wsutil"
	"github.com/stretchr/testify/require"

	"greenloop/gevent"
)

// dial is a client's handshake in a greenlet.
func dial(addr string) (net.Conn, error) {
	dialer := ws.Dialer{NetDial: new(gevent.Dialer).DialContext}
	c, early, _, err := dialer.Dial(context.Background(), "ws://"+addr)
	if early != nil {
		return pinged{c, early}, err
	}
	return c, err
}

// pinged is a connection on which the server's first frames came together with the end of the handshake.
type pinged struct {
	net.Conn
	r io.Reader
}

func (p pinged) Read(b []byte) (int, error) { return p.r.Read(b) }

// finish says goodbye and reads to the end: the server's close frame, and nothing behind it.
func finish(c net.Conn) error {
	defer c.Close()
	body := ws.NewCloseFrameBody(ws.StatusNormalClosure, "")
	if err := ws.WriteFrame(c, ws.MaskFrame(ws.NewCloseFrame(body))); err != nil {
		return err
	}
	for {
		f, err := ws.ReadFrame(c)
		if err != nil {
			return err
		}
		if f.Header.OpCode == ws.OpClose {
			if !bytes.Equal(f.Payload, body) {
				return errors.New("another code")
			}
			if n, err := c.Read(make([]byte, 1)); n != 0 || err == nil {
				return errors.New("the server goes on")
			}
			return nil
		}
	}
}

func TestGreenletsTalk(t *testing.T) {
	before := openFiles(t)
	s := serving(t, time.Millisecond, limit, func(_ *server, addr string) error {
		big := bytes.Repeat([]byte("0123456789abcdef"), 1<<16)
		return gevent.Nurse(func(n *gevent.Nursery) error {
			for range 20 {
				n.Spawn(func() error { return talk(addr, []byte("hello"), nil, big) })
			}
			return nil
		})
	})
	require.Equal(t, 20, s.served)
	require.Equal(t, 60, s.messages)
	require.Equal(t, before, openFiles(t))
}

// talk has each message sent back, the pings in between answered by wsutil.
func talk(addr string, messages ...[]byte) error {
	c, err := dial(addr)
	if err != nil {
		return err
	}
	defer c.Close()
	for _, m := range messages {
		if err := wsutil.WriteClientMessage(c, ws.OpBinary, m); err != nil {
			return err
		}
		back, _, err := wsutil.ReadServerData(c)
		if err == nil && !bytes.Equal(m, back) {
			err = errors.New("something else came back")
		}
		if err != nil {
			return err
		}
	}
	return finish(c)
}
