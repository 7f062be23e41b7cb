package main

import (
	"errors"
	"io"
	"net"
	"time"

	"github.com/gobwas/ws"
	"github.com/gobwas/ws/wsutil"

	"greenloop/gevent"
)

const linger = 5 * time.Second

// A peer is a websocket connection. Each frame is sent with one Write, and the Writes of several greenlets are not mixed,
// so that pings and answers need no lock.
type peer struct {
	net.Conn
	in       io.Reader     // what came with the handshake already, then Conn
	patience time.Duration // how long to wait for the peer to send or take anything
	closing  bool          // a close frame is sent, after which nothing may follow
	messages *int
}

func (p *peer) Read(b []byte) (int, error) {
	_ = p.SetReadDeadline(time.Now().Add(p.patience)) // fails as Read then does
	return p.in.Read(b)
}

func (p *peer) Write(frame []byte) (int, error) {
	if p.closing {
		return len(frame), nil
	}
	_ = p.SetWriteDeadline(time.Now().Add(p.patience))
	return p.Conn.Write(frame)
}

// goodbye sends the last frame; the peer's answer comes to echo.
func (p *peer) goodbye(frame []byte) {
	if !p.closing {
		p.closing = true
		_ = p.SetWriteDeadline(time.Now().Add(p.patience))
		_, _ = p.Conn.Write(frame) // who is gone need not be told
	}
}

// serve returns when the connection can be closed.
func (p *peer) serve(ping time.Duration) {
	pinger := gevent.SpawnNamed("pinger", func() error {
		for gevent.Sleep(ping) == nil {
			if _, err := p.Write(ws.CompiledPing); err != nil {
				break // which echo finds out, too
			}
		}
		return nil
	})
	defer func() { _ = pinger.Kill() }()
	var protocol ws.ProtocolError
	switch err := p.echo(); {
	case errors.Is(err, wsutil.ErrMessageTooLarge):
		p.goodbye(ws.CompiledCloseMessageTooBig)
	case errors.Is(err, wsutil.ErrInvalidUTF8):
		p.goodbye(ws.CompiledCloseInvalidFramePayloadData)
	case errors.As(err, &protocol):
		p.goodbye(ws.CompiledCloseProtocolError)
	default:
		return // both have said goodbye, or the connection is gone
	}
	// To close while something is unread would reset the connection, and the peer might never see why.
	_ = p.Conn.(*gevent.TCPConn).CloseWrite()
	_ = p.SetReadDeadline(time.Now().Add(linger))
	_, _ = io.Copy(io.Discard, p.in)
}
