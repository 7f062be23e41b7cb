//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd

package http

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"runtime"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"greenloop/gevent"
)

func TestTransportHearsAnAnswerThatComesEarly(t *testing.T) {
	trAlone(t)
	for name, end := range map[string]func(c net.Conn, br *bufio.Reader){
		"closes":        func(net.Conn, *bufio.Reader) {},
		"stays":         func(_ net.Conn, br *bufio.Reader) { trHold(br) },
		"reads no more": func(c net.Conn, _ *bufio.Reader) { c.Read(make([]byte, 1<<20)) },
	} {
		t.Run(name, func(t *testing.T) {
			server := trScript(t, func(_ int, c net.Conn, br *bufio.Reader) {
				if trTakeHead(br) == nil {
					io.WriteString(c, "HTTP/1.1 413 Too Large\r\nContent-Length: 4\r\n\r\nmuch")
					end(c, br)
				}
			})
			trRun(t, func() {
				transport := &Transport{Proxy: trNoProxy}
				body := &trSlow{read: neverEnding('x').Read}
				resp, err := (&http.Client{Transport: transport}).Post(server.URL, "text/plain", body)
				require.NoError(t, err)
				text, err := io.ReadAll(resp.Body)
				require.NoError(t, err)
				require.Equal(t, "413 much", fmt.Sprint(resp.StatusCode, " ", string(text)))
				require.NoError(t, gevent.Sleep(1))
				require.Equal(t, 1, body.closed)
				require.Empty(t, transport.pool.hosts)
			})
		})
	}
}

func TestTransportBothWaysAtOnce(t *testing.T) {
	trAlone(t)
	server := trScript(t, func(_ int, c net.Conn, br *bufio.Reader) {
		r, err := http.ReadRequest(br)
		if err != nil {
			return
		}
		io.WriteString(c, "HTTP/1.1 200 OK\r\n\r\n")
		io.Copy(c, r.Body)
	})
	trRun(t, func() {
		said := gevent.NewQueue[string](0)
		var rest strings.Reader
		body := &trSlow{}
		body.read = func(p []byte) (int, error) {
			if rest.Len() == 0 {
				word, err := said.Get()
				if err != nil || word == "" {
					return 0, errors.Join(err, io.EOF)
				}
				rest.Reset(word)
			}
			return rest.Read(p)
		}
		body.read = trPlainEOF(body.read)
		resp, err := (&http.Client{Transport: &Transport{Proxy: trNoProxy}}).Post(server.URL, "text/plain", body)
		require.NoError(t, err)
		buf := make([]byte, 100)
		for _, word := range []string{"one", "two", "three"} {
			require.NoError(t, said.Put(word))
			n, err := resp.Body.Read(buf)
			require.NoError(t, err)
			require.Equal(t, word, string(buf[:n]))
		}
		require.NoError(t, said.Put(""))
		_, err = resp.Body.Read(buf)
		require.Equal(t, io.EOF, err)
	})
}

func trPlainEOF(read func([]byte) (int, error)) func([]byte) (int, error) {
	return func(p []byte) (int, error) {
		n, err := read(p)
		if errors.Is(err, io.EOF) {
			err = io.EOF
		}
		return n, err
	}
}

func TestTransportBodyThatPanics(t *testing.T) {
	trAlone(t)
	server := trServe(t, trEcho)
	for _, read := range []func([]byte) (int, error){
		func([]byte) (int, error) { panic("no body") },
		func([]byte) (int, error) { runtime.Goexit(); return 0, nil },
	} {
		for _, method := range []string{"GET", "POST"} {
			body := &trSlow{read: read}
			quiet := func(*gevent.Greenlet, error, []byte) {}
			require.NoError(t, gevent.RunConfig(gevent.Config{OnError: quiet}, func() error {
				req, err := http.NewRequest(method, server.URL, body)
				require.NoError(t, err)
				_, err = (&Transport{Proxy: trNoProxy}).RoundTrip(req)
				require.ErrorIs(t, err, errTrSender)
				return nil
			}))
			require.Equal(t, 1, body.closed)
		}
	}
}

// A body of a GET that is slow to begin is sent nevertheless, though whether it is empty is not known in time.
func TestTransportBodyThatBeginsLate(t *testing.T) {
	trAlone(t)
	headCame := make(chan struct{})
	server := trServe(t, func(w http.ResponseWriter, r *http.Request) {
		close(headCame)
		trEcho(w, r)
	})
	trRun(t, func() {
		transport := &Transport{Proxy: trNoProxy}
		defer transport.CloseIdleConnections()
		rest := strings.NewReader("late")
		body := &trSlow{read: func(p []byte) (int, error) {
			if _, _, err := gevent.Recv(headCame); err != nil {
				return 0, err
			}
			return rest.Read(p)
		}}
		req, err := http.NewRequest("GET", server.URL, body)
		require.NoError(t, err)
		resp, err := transport.RoundTrip(req)
		require.NoError(t, err)
		text, err := io.ReadAll(resp.Body)
		require.NoError(t, err)
		require.Contains(t, string(text), `transfer ["chunked"] close false body 4 "late"`)
		require.Equal(t, 1, body.closed)
	})
}

func TestTransportServerThatResets(t *testing.T) {
	trAlone(t)
	server := trScript(t, func(_ int, c net.Conn, br *bufio.Reader) {
		if trTakeHead(br) == nil {
			c.(*net.TCPConn).SetLinger(0)
		}
	})
	trRun(t, func() {
		transport := &Transport{Proxy: trNoProxy}
		body := &trSlow{read: neverEnding('x').Read}
		_, err := (&http.Client{Transport: transport}).Post(server.URL, "text/plain", body)
		var errno syscall.Errno
		require.ErrorAs(t, err, &errno)
		require.NoError(t, gevent.Sleep(1))
		require.Equal(t, 1, body.closed)
		require.Empty(t, transport.pool.hosts)
	})
}
