package main

import (
	"html"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"

	"greenloop/gevent"
)

const maxPage = 1 << 20 // bytes of a page that are read

// A crawler crawls one site. Its greenlets share it without a lock.
type crawler struct {
	workers, most int
	timeout       time.Duration
	client        *http.Client

	nursery   *gevent.Nursery
	host      string
	seen      map[string]bool
	pages     []page
	now, peak int // how many are being fetched
}

type page struct {
	address             string
	status, size, links int
	err                 error
}

// crawl returns when the last page has been visited: the nursery waits for the greenlets, and for those that these spawn.
func (c *crawler) crawl(start *url.URL) error {
	return gevent.Nurse(func(n *gevent.Nursery) error {
		n.SetLimit(c.workers)
		c.nursery, c.host = n, start.Host
		c.follow(start, "")
		return nil
	})
}

// follow spawns a visit to a page, unless it has been seen. It does not wait: the nursery lets a number of visits run.
func (c *crawler) follow(from *url.URL, link string) {
	u, err := from.Parse(link)
	if err != nil || u.Host != c.host || u.Scheme != "http" && u.Scheme != "https" {
		return
	}
	u.Fragment = ""
	if u.Path == "" {
		u.Path = "/"
	}
	if c.seen[u.String()] || len(c.seen) == c.most {
		return
	}
	c.seen[u.String()] = true
	c.nursery.Spawn(func() error {
		c.now++
		c.peak = max(c.peak, c.now)
		defer func() { c.now-- }()
		p := page{address: u.String()}
		p.err = gevent.WithTimeout(c.timeout, func() error { return c.visit(u, &p) })
		c.pages = append(c.pages, p)
		return nil
	})
}

// visit fetches a page and follows its links.
func (c *crawler) visit(u *url.URL, p *page) error {
	resp, err := c.client.Get(u.String())
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxPage))
	if err != nil {
		return err
	}
	p.status, p.size = resp.StatusCode, len(body)
	if strings.HasPrefix(resp.Header.Get("Content-Type"), "text/html") {
		for _, found := range anchor.FindAllSubmatch(body, -1) {
			p.links++
			c.follow(u, strings.TrimSpace(html.UnescapeString(string(found[1])+string(found[2]))))
		}
	}
	if location := resp.Header.Get("Location"); location != "" {
		p.links++
		c.follow(u, location)
	}
	return nil
}

// anchor finds the links of ordinary pages: a program for all that browsers put up with would take a parser of HTML.
var anchor = regexp.MustCompile(`(?i)<a\s[^>]*?\bhref\s*=\s*(?:"([^"]*)"|'([^']*)')`)
