//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd

package http

import (
	"crypto/sha1"
	"encoding/base64"
	"errors"
	"io"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"greenloop/gevent"
)

// http.TimeoutHandler works for a handler that needs nothing of the hub: it runs on a goroutine, while the hub's thread is
// blocked until it returns, or time is up. What it writes is kept apart until then; the request's body it cannot read.
func TestHandlersTimeoutHandler(t *testing.T) {
	answered, late := make(chan struct{}), make(chan error, 1)
	var ofBody error
	handler := func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/slow":
			<-answered
			_, err := io.WriteString(w, "late")
			late <- err
		case "/body":
			_, ofBody = r.Body.Read(make([]byte, 1))
		case "/gevent":
			gevent.Yield()
		}
		io.WriteString(w, r.URL.Path)
	}
	// On /slow the limit is reached, on the others not.
	slow := http.TimeoutHandler(http.HandlerFunc(handler), soon, "time is up")
	mux := http.NewServeMux()
	mux.Handle("/slow", slow)
	mux.Handle("/", http.TimeoutHandler(http.HandlerFunc(handler), patience, "time is up"))
	inWorld(t, &Server{Handler: mux}, func(w *world) {
		c := w.dial()
		c.send("GET /slow HTTP/1.1\nHost: x\n\nPOST /body HTTP/1.1\nHost: x\nContent-Length: 3\n\nabc")
		status, _, body := c.answer("GET")
		require.Equal(t, 503, status)
		require.Equal(t, "time is up", body)
		close(answered)
		require.ErrorIs(t, <-late, http.ErrHandlerTimeout)
		c.expect("/body")
		require.ErrorIs(t, ofBody, errElsewhere)
		c.send("GET /gevent HTTP/1.1\nHost: x\n\n")
		status, _, _ = c.answer("GET")
		require.Equal(t, 500, status)
		require.Contains(t, w.log.String(), "Yield called outside")
		c.ended()
	})
}

// What to take in its place: a scope, in which the handler's waits end, and the handler goes on.
func TestHandlersScopeInPlaceOfTimeoutHandler(t *testing.T) {
	limited := func(w http.ResponseWriter, r *http.Request) {
		err := gevent.WithTimeout(soon, func() error {
			if r.URL.Path == "/slow" {
				return gevent.Sleep(patience)
			}
			_, err := io.WriteString(w, r.URL.Path)
			return err
		})
		if errors.Is(err, gevent.ErrTimeout) {
			http.Error(w, "time is up", http.StatusServiceUnavailable)
		}
	}
	inWorld(t, handling(limited), func(w *world) {
		c := w.dial()
		c.send("GET /slow HTTP/1.1\nHost: x\n\n" + closing)
		status, _, body := c.answer("GET")
		require.Equal(t, 503, status)
		require.Equal(t, "time is up\n", body)
		c.expect("/")
		c.ended()
	})
}

// handlersAccept is the key that a WebSocket server answers with (RFC 6455, 4.2.2).
func handlersAccept(key string) string {
	sum := sha1.Sum([]byte(key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"))
	return base64.StdEncoding.EncodeToString(sum[:])
}

// handlersEcho is a WebSocket by hand: it sends back each short text until one that closes comes.
func handlersEcho(w http.ResponseWriter, r *http.Request) {
	c, rw, err := w.(http.Hijacker).Hijack()
	if err != nil {
		panic(err)
	}
	defer c.Close()
	_, _ = rw.WriteString("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
		"Sec-WebSocket-Accept: " + handlersAccept(r.Header.Get("Sec-Websocket-Key")) + "\r\n\r\n")
	for rw.Flush() == nil {
		head := make([]byte, 6) // opcode, length, mask
		if _, err := io.ReadFull(rw, head); err != nil {
			return
		}
		text := make([]byte, head[1]&0x7f)
		if _, err := io.ReadFull(rw, text); err != nil {
			return
		}
		for i := range text {
			text[i] ^= head[2+i%4]
		}
		_, _ = rw.Write(append([]byte{head[0], byte(len(text))}, text...)) // Flush tells
		if head[0] == 0x88 {
			_ = rw.Flush()
			return
		}
	}
}

func TestHandlersWebSocket(t *testing.T) {
	inWorld(t, handling(handlersEcho), func(w *world) {
		c := w.dial()
		first := "\x81\x85\x00\x00\x00\x00first" // comes along with the request
		_, err := io.WriteString(c.Conn, "GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"+
			"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"+first)
		require.NoError(t, err)
		answer, err := http.ReadResponse(c.Reader, nil)
		require.NoError(t, err)
		require.Equal(t, 101, answer.StatusCode)
		require.Equal(t, "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=", answer.Header.Get("Sec-WebSocket-Accept"))
		for _, exchange := range [][2]string{
			{"", "\x81\x05first"},
			{"\x81\x83\x01\x02\x03\x04\x60\x60\x60", "\x81\x03abc"},
			{"\x88\x80\x00\x00\x00\x00", "\x88\x00"},
		} {
			_, err := io.WriteString(c.Conn, exchange[0])
			require.NoError(t, err)
			got := make([]byte, len(exchange[1]))
			_, err = io.ReadFull(c.Reader, got)
			require.NoError(t, err)
			require.Equal(t, exchange[1], string(got))
		}
		c.ended()
	})
}
