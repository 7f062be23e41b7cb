// Geventhttp is package gevent/http's server, with the handler of the net/http one. It is stopped through its standard
// input, see package control.
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
	"greenloop/gevent"
	ghttp "greenloop/gevent/http"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "geventhttp:", err)
		os.Exit(1)
	}
}

func run() error {
	opts, err := options.Apply()
	if err != nil {
		return err
	}
	listening := make(chan net.Addr)
	go hub(opts.Addr, listening)
	s := control.Server{In: os.Stdin, Out: os.Stdout, ProfilePath: opts.ProfilePath}
	return s.Serve(<-listening)
}

// hub serves until the process ends.
func hub(addr string, listening chan<- net.Addr) {
	err := gevent.Run(func() error {
		l, err := gevent.Listen("tcp", addr)
		if err != nil {
			return err
		}
		listening <- l.Addr() // somebody waits for it: nothing here blocks for long
		s := &ghttp.Server{Handler: http.HandlerFunc(answer)}
		return s.Serve(l)
	})
	fmt.Fprintln(os.Stderr, "geventhttp:", err)
	os.Exit(1)
}

// answer sets the fields that the server would otherwise have to find out.
func answer(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", hello.ContentType)
	w.Header().Set("Content-Length", strconv.Itoa(len(hello.Body)))
	_, _ = io.WriteString(w, hello.Body) // a client that has hung up is no concern of ours
}
