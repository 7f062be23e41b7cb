package main

import (
	"io"
	"net"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"greenloop/bench/internal/hello"
)

// webServer answers with what answer writes, and returns its address.
func webServer(t *testing.T, answer http.HandlerFunc) string {
	t.Helper()
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	require.NoError(t, err)
	s := &http.Server{Handler: answer}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = s.Serve(l)
	}()
	t.Cleanup(func() {
		_ = s.Close()
		<-ended
	})
	return l.Addr().String()
}

func sayHello(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, hello.Body) }

func TestWebCountsAnswers(t *testing.T) {
	addr := webServer(t, sayHello) + "," + webServer(t, sayHello)
	p := plan{addr: addr, conns: 4, web: true, pipeline: 8, duration: 100 * time.Millisecond}
	res, err := measure(t, p)
	require.NoError(t, err)
	require.Positive(t, res.Messages)
	require.Zero(t, res.Messages%8)
}

func TestWebNoticesAWrongFirstAnswer(t *testing.T) {
	for name, answer := range map[string]http.HandlerFunc{
		"status": func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(http.StatusNotFound); sayHello(w, r) },
		"body":   func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "Hello, world?") },
		"closes": func(w http.ResponseWriter, r *http.Request) { w.Header().Set("Connection", "close"); sayHello(w, r) },
	} {
		_, err := connect(plan{addr: webServer(t, answer), conns: 1, web: true, pipeline: 1})
		require.Error(t, err, name)
	}
}

func TestWebNoticesAWrongAnswerLater(t *testing.T) {
	left := 20 // one connection, so one at a time
	addr := webServer(t, func(w http.ResponseWriter, r *http.Request) {
		if left--; left == 0 {
			w.WriteHeader(http.StatusCreated)
		}
		sayHello(w, r)
	})
	_, err := measure(t, plan{addr: addr, conns: 1, web: true, pipeline: 1, duration: 5 * time.Second})
	require.Error(t, err)
}

func TestWebWaitsForTheWholeAnswer(t *testing.T) {
	const answer = "HTTP/1.1 200 OK\r\nContent-Length: 13\r\n\r\n" + hello.Body
	w, out := newWeb(3)
	require.Len(t, out, 3*len(hello.Request))
	for i := range len(answer) {
		length, err := w.greeted([]byte(answer[:i]))
		require.NoError(t, err)
		require.Zero(t, length)
	}
	length, err := w.greeted([]byte(answer))
	require.NoError(t, err)
	require.Equal(t, len(answer), length)
	require.NoError(t, w.verify(out, []byte(answer+answer)))
	require.Error(t, w.verify(out, []byte(answer+answer[:len(answer)-1]+"?")))
	_, err = w.greeted([]byte(answer + "x"))
	require.ErrorContains(t, err, "more than one")
}
