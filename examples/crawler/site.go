package main

import (
	"fmt"
	"net/http"
	"strconv"
	"time"

	"greenloop/gevent"
	ghttp "greenloop/gevent/http"
)

const (
	ownPages = 60
	ownDelay = 20 * time.Millisecond
)

// A site is there to be crawled. It is served on the thread that crawls it.
type site struct {
	server  *ghttp.Server
	address string
}

func startSite() (*site, error) {
	l, err := gevent.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, r *http.Request) { ownPage(w, 1) })
	mux.HandleFunc("GET /page/{n}", func(w http.ResponseWriter, r *http.Request) {
		n, err := strconv.Atoi(r.PathValue("n"))
		if err != nil || n < 1 || n > ownPages {
			http.NotFound(w, r)
			return
		}
		ownPage(w, n)
	})
	mux.Handle("GET /old", http.RedirectHandler("/page/2", http.StatusMovedPermanently))
	s := &site{server: &ghttp.Server{Handler: mux}, address: "http://" + l.Addr().String() + "/"}
	gevent.SpawnNamed("site", func() error { return s.server.Serve(l) })
	fmt.Printf("a site of %d pages at %s, each of which takes %v\n", ownPages, s.address, ownDelay)
	return s, nil
}

// ownPage is one of the pages: a tree, with a way back, a link that is broken, an old one, and one that leads elsewhere.
func ownPage(w http.ResponseWriter, n int) {
	if gevent.Sleep(ownDelay) != nil { // whoever asked is gone
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	fmt.Fprintf(w, "<!doctype html><title>Page %d</title><a href=\"/#top\">start</a>\n", n)
	for _, child := range []int{2 * n, 2*n + 1} {
		if child <= ownPages {
			fmt.Fprintf(w, "<a class='next' href='/page/%d'>page %d</a>\n", child, child)
		}
	}
	switch n {
	case 5:
		fmt.Fprintln(w, `<a href="../missing?a=1&amp;b=2">broken</a>`)
	case 6:
		fmt.Fprintln(w, `<a href="/old">moved</a> <a href="http://elsewhere.invalid/">elsewhere</a> <a href="mailto:a@b">mail</a>`)
	}
}
