package http

import (
	"bufio"
	"bytes"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// scribbler is a handler that writes, flushes and sets what chance says, the same for the same seed.
func scribbler(seed uint64) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		chance := rand.New(rand.NewPCG(seed, 0))
		var pieces [][]byte
		total := 0
		for range chance.IntN(6) {
			size := []int{0, 1, 100, 2048, 4095, 4096, 4097, 10_000, 300_000}[chance.IntN(9)]
			pieces = append(pieces, bytes.Repeat([]byte{'a' + byte(len(pieces))}, size))
			total += size
		}
		if chance.IntN(3) == 0 {
			w.Header().Set("Content-Length", strconv.Itoa(total))
		}
		if chance.IntN(3) == 0 {
			w.WriteHeader([]int{200, 201, 404}[chance.IntN(3)])
		}
		for _, p := range pieces {
			switch chance.IntN(4) {
			case 0:
				text := string(p)
				io.WriteString(w, text)
			case 1:
				io.Copy(w, bytes.NewReader(p))
			case 2:
				io.Copy(w, struct{ io.Reader }{bytes.NewReader(p)})
			default:
				w.Write(p)
			}
			if chance.IntN(4) == 0 {
				http.NewResponseController(w).Flush()
			}
		}
	}
}

// TestServersSendTheSameBodies: where chunks begin may differ, and whether there are any, but not what is in them.
func TestServersSendTheSameBodies(t *testing.T) {
	s := startServers(t)
	for seed := range uint64(150) {
		handler := scribbler(seed)
		recorded := httptest.NewRecorder()
		handler(recorded, nil)
		body := recorded.Body.String()
		s.handler.Store(&handler)
		protocol := "HTTP/1." + strconv.Itoa(int(seed%8/7^1)) + "\n"
		e := exchange{send: strings.ReplaceAll(closing, "HTTP/1.1\n", protocol)}
		read := func(raw string) (*http.Response, string) {
			r, err := http.ReadResponse(bufio.NewReader(strings.NewReader(raw)), nil)
			require.NoError(t, err)
			b, err := io.ReadAll(r.Body)
			require.NoError(t, err)
			return r, string(b)
		}
		want, wantBody := read(e.play(t, s.oracle.Addr().String()))
		got, gotBody := read(e.play(t, s.ours.Addr().String()))
		require.True(t, body == wantBody, "seed %d", seed)
		require.True(t, body == gotBody, "seed %d", seed)
		require.Equal(t, want.Status, got.Status)
		require.Equal(t, want.Header["Content-Type"], got.Header["Content-Type"], "seed %d", seed)
		require.Equal(t, want.Close, got.Close)
	}
}
