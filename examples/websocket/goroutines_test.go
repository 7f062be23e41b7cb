//go:build unix

package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/gorilla/websocket"
	"github.com/stretchr/testify/require"

	"greenloop/gevent"
)

// Clients of another library, on goroutines and with package net.
func TestGoroutinesTalk(t *testing.T) {
	before := openFiles(t)
	s := serving(t, time.Millisecond, limit, func(_ *server, addr string) error {
		return gevent.Nurse(func(n *gevent.Nursery) error {
			for range 8 {
				n.Spawn(func() error { return outside(func() error { return talkOutside(addr) }) })
			}
			return nil
		})
	})
	require.Equal(t, 8, s.served)
	require.Equal(t, 16, s.messages)
	require.Equal(t, before, openFiles(t))
}

// outside calls fn on a goroutine and waits for it.
func outside(fn func() error) error {
	_, err := gevent.Await(func(context.Context) (struct{}, error) { return struct{}{}, fn() })
	return err
}

func dialOutside(addr string) (*websocket.Conn, error) {
	dialer := websocket.Dialer{WriteBufferSize: 1000} // it sends larger messages in fragments
	c, response, err := dialer.Dial("ws://"+addr, nil)
	if err != nil {
		return nil, err
	}
	return c, errors.Join(response.Body.Close(), c.SetReadDeadline(time.Now().Add(limit)))
}

func talkOutside(addr string) error {
	c, err := dialOutside(addr)
	if err != nil {
		return err
	}
	defer c.Close()
	pongs := ""
	c.SetPongHandler(func(data string) error { pongs += data + " "; return nil })
	for _, message := range []string{"hello", string(bytes.Repeat([]byte("ä"), 1<<19))} {
		w, err := c.NextWriter(websocket.TextMessage)
		if err != nil {
			return err
		}
		_, err = w.Write([]byte(message[:len(message)/2]))
		ping := c.WriteControl(websocket.PingMessage, []byte("x"), time.Time{}) // between two fragments of the long one
		_, last := w.Write([]byte(message[len(message)/2:]))
		if err := errors.Join(err, ping, last, w.Close()); err != nil {
			return err
		}
		if _, back, err := c.ReadMessage(); err != nil || string(back) != message {
			return fmt.Errorf("%d bytes came back instead of %d: %w", len(back), len(message), err)
		}
	}
	goodbye := websocket.FormatCloseMessage(websocket.CloseNormalClosure, "")
	if err := c.WriteControl(websocket.CloseMessage, goodbye, time.Time{}); err != nil {
		return err
	}
	if _, _, err := c.ReadMessage(); !websocket.IsCloseError(err, websocket.CloseNormalClosure) {
		return fmt.Errorf("no goodbye: %w", err)
	}
	if pongs != "x x " {
		return fmt.Errorf("pongs: %q", pongs)
	}
	return nil
}
