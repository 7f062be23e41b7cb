//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd

package http

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/textproto"

	"github.com/stretchr/testify/require"
)

func trGzip(text string) string {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	io.WriteString(w, text)
	w.Close()
	return b.String()
}

// trAnswer is a case that fetches three times what serve answers.
func trAnswer(name string, serve http.HandlerFunc) trCase {
	return trCase{name: name, serve: serve, do: func(s *trSide) {
		s.get("/")
		s.get("/")
		s.do(s.request("HEAD", "/", nil))
	}}
}

func trStatus(code int) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(code) }
}

var trResponseCases = []trCase{
	trAnswer("no content", trStatus(204)),
	trAnswer("not modified", trStatus(304)),
	trAnswer("empty", trStatus(200)),
	trAnswer("server error", func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "no", 500) }),
	trAnswer("long", func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, trBig()) }),
	trAnswer("long, of known length", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", fmt.Sprint(len(trBig())))
		io.WriteString(w, trBig())
	}),
	trAnswer("chunks", func(w http.ResponseWriter, _ *http.Request) {
		for i := range 5 {
			fmt.Fprintf(w, "chunk %d,", i)
			w.(http.Flusher).Flush()
		}
	}),
	trAnswer("trailers", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Trailer", "X-Sum")
		io.WriteString(w, "body")
		w.Header().Set("X-Sum", "7")
		w.Header().Set(http.TrailerPrefix+"X-Late", "8")
	}),
	trAnswer("closed by the server", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Connection", "close")
		io.WriteString(w, "last")
	}),
	trAnswer("gzip", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Encoding", "gzip")
		io.WriteString(w, trGzip(trBig()))
	}),
	trAnswer("gzip that is none", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Encoding", "gzip")
		io.WriteString(w, "these are no packed data at all")
	}),
	trAnswer("gzip that ends too soon", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Encoding", "GZIP")
		io.WriteString(w, trGzip(trBig())[:100])
	}),
	{
		name: "gzip not asked for",
		serve: func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Encoding", "gzip")
			io.WriteString(w, trGzip("packed"))
		},
		do:     func(s *trSide) { s.get("/") },
		ours:   func(t *Transport) { t.DisableCompression = true },
		theirs: func(t *http.Transport) { t.DisableCompression = true },
	},
	{
		name: "keep-alive off", serve: trEcho, do: func(s *trSide) { s.get("/"); s.get("/") },
		ours:   func(t *Transport) { t.DisableKeepAlives = true },
		theirs: func(t *http.Transport) { t.DisableKeepAlives = true },
	},
	{
		name: "none kept", serve: trEcho, do: func(s *trSide) { s.get("/"); s.get("/") },
		ours:   func(t *Transport) { t.MaxIdleConnsPerHost = -1 },
		theirs: func(t *http.Transport) { t.MaxIdleConnsPerHost = -1 },
	},
	{
		name:  "body not read",
		serve: func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, trBig()) },
		do: func(s *trSide) {
			for n := range 3 {
				resp, err := s.client.Do(s.request("GET", "/", nil))
				require.NoError(s.t, err)
				_, err = io.ReadFull(resp.Body, make([]byte, n*100))
				require.NoError(s.t, err)
				s.note("%s", trClass(resp.Body.Close()))
				_, err = resp.Body.Read(make([]byte, 1))
				s.note("%s %s", trClass(err), trClass(resp.Body.Close()))
			}
		},
	},
	{
		name: "early hints",
		serve: func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(103)
			w.WriteHeader(102)
			io.WriteString(w, "end")
		},
		do: func(s *trSide) {
			req := s.request("GET", "/", nil)
			s.do(req.WithContext(httptrace.WithClientTrace(req.Context(), &httptrace.ClientTrace{
				Got1xxResponse: func(code int, _ textproto.MIMEHeader) error { s.note("1xx %d", code); return nil },
			})))
			s.do(req.WithContext(httptrace.WithClientTrace(req.Context(), &httptrace.ClientTrace{
				Got1xxResponse: func(int, textproto.MIMEHeader) error { return errors.New("no hints") },
			})))
			s.get("/")
		},
	},
	{
		name: "upgrade",
		script: func(_ int, c net.Conn, br *bufio.Reader) {
			if _, err := trTake(br); err == nil {
				io.WriteString(c, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\nwelcome,")
				io.Copy(c, br)
			}
		},
		do: func(s *trSide) {
			req := s.request("GET", "/", nil)
			req.Header = http.Header{"Connection": {"Upgrade"}, "Upgrade": {"echo"}}
			resp, err := s.client.Do(req)
			require.NoError(s.t, err)
			rwc := resp.Body.(io.ReadWriteCloser)
			_, err = io.WriteString(rwc, "and back")
			require.NoError(s.t, err)
			require.NoError(s.t, rwc.(interface{ CloseWrite() error }).CloseWrite())
			text, err := io.ReadAll(rwc)
			s.note("%s %q %s %s", resp.Status, text, trClass(err), trClass(rwc.Close()))
		},
	},
}
