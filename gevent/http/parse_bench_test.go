package http

import (
	"bufio"
	"bytes"
	"context"
	"net/http"
	"testing"
)

const (
	curlHead = "GET /hello/world HTTP/1.1\r\nHost: 127.0.0.1:8080\r\nUser-Agent: curl/8.5.0\r\n" +
		"Accept: */*\r\nAccept-Encoding: gzip\r\n\r\n"

	browserHead = "GET /search?q=green+threads&page=2 HTTP/1.1\r\nhost: www.example.org\r\nconnection: keep-alive\r\n" +
		"cache-control: max-age=0\r\nsec-ch-ua: \"Chromium\";v=\"140\", \"Not=A?Brand\";v=\"24\"\r\nsec-ch-ua-mobile: ?0\r\n" +
		"sec-ch-ua-platform: \"Linux\"\r\nupgrade-insecure-requests: 1\r\n" +
		"user-agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36\r\n" +
		"accept: text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,image/apng,*/*;q=0.8\r\n" +
		"sec-fetch-site: none\r\nsec-fetch-mode: navigate\r\nsec-fetch-dest: document\r\n" +
		"accept-encoding: gzip, deflate, br, zstd\r\naccept-language: en-US,en;q=0.9\r\n" +
		"cookie: session=0123456789abcdef0123456789abcdef; theme=dark\r\n\r\n"
)

var parseHeads = []struct{ name, head string }{{"curl", curlHead}, {"browser", browserHead}}

func BenchmarkParseRequest(b *testing.B) {
	for _, h := range parseHeads {
		b.Run(h.name, func(b *testing.B) {
			b.ReportAllocs()
			ctx := context.Background()
			head := make([]byte, len(h.head))
			for b.Loop() {
				copy(head, h.head)
				if _, err := parseRequest(ctx, head[:headEnd(head, 0)]); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkNetHTTPReadRequest(b *testing.B) {
	for _, h := range parseHeads {
		b.Run(h.name, func(b *testing.B) {
			b.ReportAllocs()
			r := bytes.NewReader([]byte(h.head))
			br := bufio.NewReader(r)
			for b.Loop() {
				r.Seek(0, 0)
				br.Reset(r)
				if _, err := http.ReadRequest(br); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
