//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd

package http

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"testing"

	"greenloop/gevent"
)

// trBenchServer answers over and over, at as little cost as can be.
func trBenchServer(b *testing.B) string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go trReply("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello")(1, c, bufio.NewReader(c))
		}
	}()
	return "http://" + l.Addr().String()
}

func trBench(b *testing.B, client *http.Client, url string) {
	b.ReportAllocs()
	for b.Loop() {
		resp, err := client.Get(url)
		if err != nil {
			b.Fatal(err)
		}
		io.Copy(io.Discard, resp.Body)
		resp.Body.Close()
	}
	client.CloseIdleConnections()
}

func BenchmarkTransportGet(b *testing.B) {
	url := trBenchServer(b)
	if err := gevent.Run(func() error {
		trBench(b, &http.Client{Transport: &Transport{Proxy: trNoProxy}}, url)
		return nil
	}); err != nil {
		b.Fatal(err)
	}
}

func BenchmarkTransportGetNetHTTP(b *testing.B) {
	trBench(b, &http.Client{Transport: &http.Transport{}}, trBenchServer(b))
}
