package http

import (
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// BenchmarkServe answers a browser-like GET, over one connection, one request at a time and 16 pipelined; the client, a goroutine
// that neither parses nor allocates, is included.
func BenchmarkServe(b *testing.B) {
	const request = "GET /hello HTTP/1.1\r\nHost: localhost\r\nUser-Agent: curl/8\r\nAccept: */*\r\nX-Id: 4\r\n\r\n"
	s := startServers(b)
	hello := []byte("Hello, World!")
	var handler http.HandlerFunc = func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/plain")
		w.Write(hello)
	}
	s.handler.Store(&handler)
	for _, depth := range []int{1, 16} {
		for name, address := range map[string]string{"greenlets": s.ours.Addr().String(), "nethttp": s.oracle.Addr().String()} {
			b.Run(map[int]string{1: "single/", 16: "pipelined/"}[depth]+name, func(b *testing.B) {
				c, err := net.Dial("tcp", address)
				require.NoError(b, err)
				defer c.Close()
				require.NoError(b, c.SetDeadline(time.Now().Add(10*time.Minute)))
				batch := []byte(strings.Repeat(request, depth))
				_, err = c.Write([]byte(request))
				require.NoError(b, err)
				answer := make([]byte, 16<<10)
				size, err := c.Read(answer)
				require.NoError(b, err)
				b.ReportAllocs()
				for n := 0; n < b.N; n += depth {
					_, err = c.Write(batch)
					require.NoError(b, err)
					_, err = io.ReadFull(c, answer[:size*depth])
					require.NoError(b, err)
				}
			})
		}
	}
}
