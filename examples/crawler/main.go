// Crawler visits all pages of a site that can be reached by links, many at a time, on one thread: a stock http.Client, with
// a transport that parks the greenlet. What has been seen is a plain map.
//
//	go run ./examples/crawler                                # starts a small site of its own and crawls it
//	go run ./examples/crawler -workers 4 http://127.0.0.1:8080/
//
// It stays on the host that it is given, and does not read robots.txt: crawl what is yours.
package main

import (
	"cmp"
	"flag"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"slices"
	"time"

	"greenloop/gevent"
	ghttp "greenloop/gevent/http"
)

func main() {
	workers := flag.Int("workers", 8, "fetch this many pages at a time")
	most := flag.Int("max", 1000, "visit no more pages than this")
	timeout := flag.Duration("timeout", 10*time.Second, "wait no longer for a page")
	flag.Parse()
	if flag.NArg() > 1 || *workers < 1 || *most < 1 || *timeout <= 0 {
		fmt.Fprintln(os.Stderr, "usage: crawler [-workers N] [-max N] [-timeout DURATION] [url]; all above 0")
		os.Exit(2)
	}
	c := &crawler{workers: *workers, most: *most, timeout: *timeout, seen: map[string]bool{}}
	err := gevent.Run(func() error {
		return gevent.WithSignals(func() error { return run(c, flag.Arg(0)) })
	})
	if err != nil {
		fmt.Fprintln(os.Stderr, "crawler:", err)
		os.Exit(1)
	}
}

func run(c *crawler, address string) error {
	if address == "" {
		s, err := startSite()
		if err != nil {
			return err
		}
		defer s.server.Close()
		address = s.address
	}
	start, err := url.Parse(address)
	if err != nil {
		return err
	}
	if start.Host == "" || start.Scheme != "http" && start.Scheme != "https" {
		return fmt.Errorf("%q is not the URL of a site, such as http://127.0.0.1:8080/", address)
	}
	t := &ghttp.Transport{MaxIdleConnsPerHost: c.workers}
	defer t.CloseIdleConnections()
	c.client = &http.Client{
		Transport:     t,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }, // it is a link
	}
	began := time.Now()
	err = c.crawl(start)
	c.print(time.Since(began)) // also what there is when a signal has ended it
	return err
}

// print prints a table of the pages, sorted by address.
func (c *crawler) print(took time.Duration) {
	slices.SortFunc(c.pages, func(a, b page) int { return cmp.Compare(a.address, b.address) })
	fmt.Println("STATUS   BYTES  LINKS  PAGE")
	broken := 0
	for _, p := range c.pages {
		if p.err != nil || p.status >= 400 {
			broken++
		}
		if p.err != nil {
			fmt.Printf("failed                 %s: %v\n", p.address, p.err)
			continue
		}
		fmt.Printf("%6d %7d %6d  %s\n", p.status, p.size, p.links, p.address)
	}
	fmt.Printf("%d pages, %d broken, up to %d at a time, in %v\n", len(c.pages), broken, c.peak, took.Round(time.Millisecond))
}
