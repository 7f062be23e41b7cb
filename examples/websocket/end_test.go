//go:build unix

package main

import (
	"errors"
	"fmt"
	"io"
	"net"
	"testing"
	"time"

	"github.com/gobwas/ws"
	"github.com/stretchr/testify/require"

	"greenloop/gevent"
)

// with has a client do something, and waits until the server has let go of it.
func with(t *testing.T, patience time.Duration, client func(s *server, c net.Conn) error) {
	t.Helper()
	before := openFiles(t)
	serving(t, limit, patience, func(s *server, addr string) error {
		c, err := dial(addr)
		if err != nil {
			return err
		}
		defer c.Close()
		return errors.Join(client(s, c), s.greenlets.Join())
	})
	require.Equal(t, before, openFiles(t))
}

// expect reads the server's close frame and the end behind it.
func expect(c net.Conn, code ws.StatusCode) error {
	f, err := ws.ReadFrame(c)
	if err != nil {
		return err
	}
	if got, reason := ws.ParseCloseFrameData(f.Payload); f.Header.OpCode != ws.OpClose || got != code {
		return fmt.Errorf("opcode %x, %d %s", f.Header.OpCode, got, reason)
	}
	return ended(c)
}

func ended(c net.Conn) error {
	rest, err := io.ReadAll(c)
	if len(rest) > 0 {
		return fmt.Errorf("the server goes on with %q", rest)
	}
	return err
}

func TestAbruptEnds(t *testing.T) {
	with(t, limit, func(_ *server, c net.Conn) error { // in the middle of a message
		err := ws.WriteHeader(c, ws.Header{Fin: true, OpCode: ws.OpText, Masked: true, Length: 1000})
		return errors.Join(err, c.(*gevent.TCPConn).SetLinger(0), c.Close())
	})
	with(t, limit, func(_ *server, c net.Conn) error { return c.(*gevent.TCPConn).CloseWrite() })
	with(t, 5*time.Millisecond, func(_ *server, c net.Conn) error { // who says nothing
		_, err := io.Copy(io.Discard, c)
		return err
	})
}

func TestMistakesAreNamed(t *testing.T) {
	frame := func(code ws.StatusCode, f ws.Frame) {
		with(t, limit, func(_ *server, c net.Conn) error {
			err := errors.Join(ws.WriteFrame(c, f), c.(*gevent.TCPConn).CloseWrite())
			return errors.Join(err, expect(c, code))
		})
	}
	frame(ws.StatusInvalidFramePayloadData, ws.MaskFrame(ws.NewTextFrame([]byte("\xff"))))
	frame(ws.StatusProtocolError, ws.NewTextFrame([]byte("not masked")))
	frame(ws.StatusProtocolError, ws.MaskFrame(ws.NewFrame(ws.OpContinuation, true, nil)))
	frame(ws.StatusProtocolError, ws.MaskFrame(ws.NewCloseFrame([]byte{0, 1})))
	frame(ws.StatusMessageTooBig, ws.MaskFrame(ws.NewBinaryFrame(make([]byte, maxMessage+1))))
}

// A server that stops says so, and waits for the answer, or not for ever.
func TestGoingAway(t *testing.T) {
	with(t, limit, func(s *server, c net.Conn) error {
		stop := gevent.Spawn(func() error { return s.stop(limit) })
		f, err := ws.ReadFrame(c)
		return errors.Join(err, ws.WriteFrame(c, ws.MaskFrame(f)), stop.Get(), ended(c))
	})
	with(t, limit, func(s *server, c net.Conn) error {
		return errors.Join(s.stop(time.Millisecond), expect(c, ws.StatusGoingAway))
	})
}
