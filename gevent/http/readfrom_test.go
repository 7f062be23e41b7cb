package http

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"greenloop/gevent"
)

// A sendingConn notes what it is asked to send without a copy through the server.
type sendingConn struct {
	net.Conn
	asked *[]string
}

func (c sendingConn) ReadFrom(src io.Reader) (int64, error) {
	part := src.(*io.LimitedReader)
	*c.asked = append(*c.asked, fmt.Sprintf("%T %d", part.R, part.N))
	return io.Copy(c.Conn, src)
}

type sendingListener struct {
	net.Listener
	asked *[]string
}

func (l sendingListener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	return sendingConn{c, l.asked}, err
}

func TestServerHandsFilesToTheConnection(t *testing.T) {
	path := filepath.Join(t.TempDir(), "file.txt")
	content := strings.Repeat("0123456789", 60_000)
	require.NoError(t, os.WriteFile(path, []byte(content), 0o600))
	broken := errors.New("cannot be read")
	var asked []string
	inWorld(t, handling(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/short":
			io.Copy(w, io.LimitReader(strings.NewReader("short"), 9))
		case "/chunked":
			io.Copy(w, struct{ io.Reader }{strings.NewReader(content)})
		case "/broken":
			w.Header().Set("Content-Length", "1000")
			n, err := io.Copy(w, io.MultiReader(strings.NewReader(content[:600]), failing{broken}))
			require.EqualValues(t, 600, n)
			require.ErrorIs(t, err, broken)
		case "/more":
			w.Header().Set("Content-Length", "1000")
			n, err := io.Copy(w, io.LimitReader(strings.NewReader(content), 2000))
			require.NoError(t, err)
			require.EqualValues(t, 1000, n)
		default:
			http.ServeFile(w, r, path)
		}
	}), func(w *world) {
		l := spareListener(t)
		serving := gevent.Spawn(func() error { return w.Serve(sendingListener{l, &asked}) })
		w.address = l.Addr().String()
		c := w.dial()
		for _, row := range []struct {
			path, body string
			asked      []string
		}{
			{"/file", content, []string{"*os.File 262144", "*os.File 262144", "*os.File 75200"}},
			{"/short", "short", nil},
			{"/chunked", content, nil},
			{"/more", content[:1000], []string{"*strings.Reader 488"}},
		} {
			asked = nil
			c.send("GET " + row.path + " HTTP/1.1\nHost: x\n\n")
			_, _, body := c.answer("GET")
			require.True(t, row.body == body, row.path)
			require.Equal(t, row.asked, asked, row.path)
		}
		c.send("HEAD /file HTTP/1.1\nHost: x\n\n")
		_, header, _ := c.answer("HEAD")
		require.Equal(t, "600000", header.Get("Content-Length"))
		c.send("GET /broken HTTP/1.1\nHost: x\n\n")
		r, err := http.ReadResponse(c.Reader, nil)
		require.NoError(t, err)
		body, err := io.ReadAll(r.Body)
		require.Equal(t, io.ErrUnexpectedEOF, err)
		require.True(t, content[:600] == string(body))
		require.NoError(t, c.Close())
		require.NoError(t, w.Close())
		require.ErrorIs(t, serving.Get(), http.ErrServerClosed)
	})
}

// failing is a reader that fails.
type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }
