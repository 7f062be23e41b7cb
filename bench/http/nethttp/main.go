// Nethttp is the server of Go's net/http. It is stopped through its standard input, see package control.
package main

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strconv"

	"greenloop/bench/internal/control"
	"greenloop/bench/internal/hello"
	"greenloop/bench/internal/options"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "nethttp:", err)
		os.Exit(1)
	}
}

func run() error {
	opts, err := options.Apply()
	if err != nil {
		return err
	}
	l, err := net.Listen("tcp", opts.Addr)
	if err != nil {
		return err
	}
	go serve(l)
	s := control.Server{In: os.Stdin, Out: os.Stdout, ProfilePath: opts.ProfilePath}
	return s.Serve(l.Addr())
}

func serve(l net.Listener) {
	s := &http.Server{Handler: http.HandlerFunc(answer)}
	fmt.Fprintln(os.Stderr, "nethttp:", s.Serve(l))
	os.Exit(1)
}

// answer sets the fields that the server would otherwise have to find out.
func answer(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", hello.ContentType)
	w.Header().Set("Content-Length", strconv.Itoa(len(hello.Body)))
	_, _ = io.WriteString(w, hello.Body) // a client that has hung up is no concern of ours
}
