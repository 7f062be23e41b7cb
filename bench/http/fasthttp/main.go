// Fasthttp is the server of github.com/valyala/fasthttp. It is stopped through its standard input, see package control.
package main

import (
	"fmt"
	"net"
	"os"

	"github.com/valyala/fasthttp"

	"greenloop/bench/internal/control"
	"greenloop/bench/internal/hello"
	"greenloop/bench/internal/options"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "fasthttp:", err)
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
	s := &fasthttp.Server{Handler: answer}
	fmt.Fprintln(os.Stderr, "fasthttp:", s.Serve(l))
	os.Exit(1)
}

func answer(ctx *fasthttp.RequestCtx) {
	ctx.SetContentType(hello.ContentType)
	ctx.SetBodyString(hello.Body)
}
