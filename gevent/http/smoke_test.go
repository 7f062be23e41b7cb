package http

import (
	"bufio"
	"fmt"
	"io"
	"net/http"
	"testing"

	"greenloop/gevent"

	"github.com/stretchr/testify/require"
)

func TestSmoke(t *testing.T) {
	err := gevent.Run(func() error {
		s := &Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			fmt.Fprintln(w, "Hello,", r.URL.Path)
		})}
		l, err := gevent.Listen("tcp", "127.0.0.1:0")
		require.NoError(t, err)
		g := gevent.Spawn(func() error { return s.Serve(l) })
		c, err := gevent.Dial("tcp", l.Addr().String())
		require.NoError(t, err)
		fmt.Fprintf(c, "GET /a HTTP/1.1\r\nHost: x\r\n\r\nGET /b HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
		b := bufio.NewReader(c)
		all, err := io.ReadAll(b)
		t.Logf("%q", all)
		require.NoError(t, s.Close())
		return g.Get()
	})
	t.Log(err)
}
