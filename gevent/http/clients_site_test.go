//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd

package http

import (
	"compress/gzip"
	"crypto/sha256"
	"expvar"
	"fmt"
	"io"
	"net/http"
	"net/http/pprof"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// clientText is the file that the site has.
const clientText = "0123456789abcdef\n"

// clientLarge is more than the buffers between two ends of a connection hold.
var clientLarge = strings.Repeat("all work and no play\n", 400_000)

// clientSite is a server with what net/http and its neighbours have for sites.
func clientSite(t *testing.T) *Server {
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "text"), []byte(clientText), 0o600))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "large"), []byte(clientLarge), 0o600))
	mux := http.NewServeMux()
	mux.HandleFunc("GET /hello/{name}", func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, "hello %s", r.PathValue("name"))
	})
	mux.HandleFunc("GET /item/{id}/{rest...}", func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, "item %s, then %s by %s", r.PathValue("id"), r.PathValue("rest"), r.Pattern)
	})
	mux.HandleFunc("/sum", clientSum)
	mux.HandleFunc("/sum/limited", func(w http.ResponseWriter, r *http.Request) {
		http.MaxBytesHandler(http.HandlerFunc(clientSum), 10).ServeHTTP(w, r)
	})
	mux.HandleFunc("POST /refused", func(w http.ResponseWriter, r *http.Request) { http.Error(w, "no", http.StatusForbidden) })
	mux.HandleFunc("GET /gzip", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Encoding", "gzip")
		zw := gzip.NewWriter(w)
		io.WriteString(zw, clientLarge)
		zw.Close()
	})
	mux.Handle("/files/", http.StripPrefix("/files", http.FileServer(http.Dir(dir))))
	mux.Handle("/vars", expvar.Handler())
	mux.HandleFunc("/debug/pprof/", pprof.Index)
	mux.HandleFunc("/debug/pprof/cmdline", pprof.Cmdline)
	return &Server{Handler: mux}
}

// clientSum tells what has come.
func clientSum(w http.ResponseWriter, r *http.Request) {
	h := sha256.New()
	n, err := io.Copy(h, r.Body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusRequestEntityTooLarge)
		return
	}
	fmt.Fprintf(w, "%d %x %v %s", n, h.Sum(nil), r.TransferEncoding, r.Proto)
}

// clientSummed is clientSum's answer.
func clientSummed(body, encoding, proto string) string {
	return fmt.Sprintf("%d %x [%s] %s", len(body), sha256.Sum256([]byte(body)), encoding, proto)
}
