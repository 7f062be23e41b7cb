//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd

package http

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptrace"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/stretchr/testify/require"

	"greenloop/gevent"
)

func trBasic(name string) func(w http.ResponseWriter, r *http.Request) {
	return func(w http.ResponseWriter, r *http.Request) {
		cookie, _ := r.Cookie(name)
		fmt.Fprint(w, cookie)
	}
}

// trSite is a server with paths that lead to others.
func trSite() http.HandlerFunc {
	mux := http.NewServeMux()
	mux.HandleFunc("/", trEcho)
	mux.HandleFunc("/cookie", trBasic("taste"))
	mux.HandleFunc("/login", func(w http.ResponseWriter, r *http.Request) {
		http.SetCookie(w, &http.Cookie{Name: "taste", Value: "sweet", Path: "/"})
		http.Redirect(w, r, "/cookie", http.StatusSeeOther)
	})
	mux.HandleFunc("/other", func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "/end", http.StatusTemporaryRedirect)
	})
	mux.HandleFunc("/found", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/end", http.StatusFound) })
	mux.HandleFunc("/loop", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/loop", http.StatusFound) })
	mux.HandleFunc("/refuse", func(w http.ResponseWriter, r *http.Request) {
		http.Error(w, "too big", http.StatusRequestEntityTooLarge)
	})
	mux.HandleFunc("/hang", func(_ http.ResponseWriter, r *http.Request) { trGone(r) })
	mux.HandleFunc("/stall", func(w http.ResponseWriter, r *http.Request) {
		io.WriteString(w, "begun")
		w.(http.Flusher).Flush()
		trGone(r)
	})
	return mux.ServeHTTP
}

// trGone waits until the client is gone, in a greenlet or on a goroutine.
func trGone(r *http.Request) {
	if gevent.Current() == nil {
		<-r.Context().Done()
		return
	}
	_, _, _ = gevent.Recv(r.Context().Done())
}

func trVisit(name string, do func(s *trSide)) trCase {
	return trCase{name: name, serve: trSite(), do: do}
}

// trPlain is c, but not over TLS: there net/http's connection says goodbye when time is up, and what the server answers to
// that can come before the error.
func trPlain(c trCase) trCase {
	c.plain = true
	return c
}

// trTraced is a case that notes when what happens.
func trTraced(name string, request func(s *trSide) *http.Request) trCase {
	return trVisit(name, func(s *trSide) {
		for range 2 {
			var mu sync.Mutex
			var seen []string
			note := func(format string, args ...any) {
				mu.Lock()
				defer mu.Unlock()
				seen = append(seen, fmt.Sprintf(format, args...))
			}
			req := request(s)
			s.do(req.WithContext(httptrace.WithClientTrace(req.Context(), &httptrace.ClientTrace{
				GetConn:              func(string) { note("get") },
				GotConn:              func(i httptrace.GotConnInfo) { note("got, reused %v", i.Reused) },
				PutIdleConn:          func(err error) { note("put %v", err) },
				GotFirstResponseByte: func() { note("first byte") },
				Got100Continue:       func() { note("continue") },
				Wait100Continue:      func() { note("wait") },
				WroteHeaderField:     func(name string, values []string) { note("field %s", name) },
				WroteHeaders:         func() { note("headers") },
				WroteRequest:         func(i httptrace.WroteRequestInfo) { note("request %v", i.Err) },
			})))
			mu.Lock()
			slices.Sort(seen[2:]) // the later ones come from two goroutines of net/http's
			s.log = append(s.log, seen...)
			mu.Unlock()
		}
	})
}

func trExpect(s *trSide, path string, body io.Reader) {
	req := s.request("POST", path, body)
	req.Header.Set("Expect", "100-continue")
	s.do(req)
}

var trClientCases = []trCase{
	trTraced("traced get", func(s *trSide) *http.Request { return s.request("GET", "/", nil) }),
	trTraced("traced post", func(s *trSide) *http.Request {
		return s.request("POST", "/", trOnly{strings.NewReader("body")})
	}),
	trTraced("traced leave", func(s *trSide) *http.Request {
		req := s.request("POST", "/", strings.NewReader("body"))
		req.Header.Set("Expect", "100-continue")
		return req
	}),
	trVisit("redirect with a cookie", func(s *trSide) {
		s.client.Jar, _ = cookiejar.New(nil)
		s.get("/login")
		s.get("/cookie")
	}),
	trVisit("redirect of a body", func(s *trSide) { s.do(s.request("POST", "/other", strings.NewReader("again"))) }),
	trVisit("redirect to a get", func(s *trSide) { s.do(s.request("POST", "/found", strings.NewReader("not again"))) }),
	trVisit("redirects for ever", func(s *trSide) { s.get("/loop") }),
	trVisit("post of a form", func(s *trSide) {
		resp, err := s.client.PostForm(s.url+"/", url.Values{"a": {"b"}})
		require.NoError(s.t, err)
		body, _ := io.ReadAll(resp.Body)
		s.note("%s", body)
	}),
	trVisit("leave for a body", func(s *trSide) { trExpect(s, "/", strings.NewReader("allowed")); s.get("/") }),
	trVisit("no leave for a body", func(s *trSide) { trExpect(s, "/refuse", strings.NewReader("not allowed")); s.get("/") }),
	trVisit("no leave for a stream", func(s *trSide) { trExpect(s, "/refuse", trStream(trBig())()); s.get("/") }),
	trVisit("small body that is not read", func(s *trSide) {
		s.do(s.request("POST", "/refuse", strings.NewReader("short")))
		s.get("/")
	}),
	trPlain(trVisit("time is up for the head", func(s *trSide) {
		s.client.Timeout = 30 * time.Millisecond
		s.get("/hang")
	})),
	trPlain(trVisit("time is up in the body", func(s *trSide) {
		s.client.Timeout = 100 * time.Millisecond
		s.get("/stall")
	})),
	trVisit("canceled before", func(s *trSide) {
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		s.do(s.request("POST", "/", strings.NewReader("unsent")).WithContext(ctx))
	}),
	trVisit("canceled with a cause", func(s *trSide) {
		ctx, cancel := context.WithCancelCause(context.Background())
		cancel(errors.New("not any more"))
		s.do(s.request("GET", "/", nil).WithContext(ctx))
	}),
	trPlain(trVisit("deadline in the head", func(s *trSide) {
		ctx, cancel := context.WithTimeout(context.Background(), 30*time.Millisecond)
		defer cancel()
		s.do(s.request("GET", "/hang", nil).WithContext(ctx))
	})),
	trPlain(trVisit("deadline in the body", func(s *trSide) {
		ctx, cancel := context.WithTimeout(context.Background(), 100*time.Millisecond)
		defer cancel()
		s.do(s.request("GET", "/stall", nil).WithContext(ctx))
		s.get("/")
	})),
}
