// Package http serves and asks by HTTP on greenlets: a Server for net/http's handlers, and a Transport for net/http's
// Client, all on the hub's thread.
//
// Import it beside net/http, whose types it uses:
//
//	import (
//		"net/http"
//
//		ghttp "greenloop/gevent/http"
//	)
//
// # What it promises
//
// A Server runs any http.Handler: routers, middleware and handlers written for net/http's Server work unchanged, and
// clients see the same answers; where they differ, the text of Server says so. A handler runs in the greenlet of its
// connection: it may call whatever parks (gevent.Sleep, Dial, a Queue's Get), and between two such calls nothing else runs
// on the hub, so that what handlers share needs no lock. A connection on which nothing comes holds no buffers. Limits on
// time and size are on unless they are turned off.
//
// A Transport makes a stock http.Client wait in the greenlet that asks: redirects, cookies and Client.Timeout work as ever.
// What goes over the wire, which errors come back, and when a request is sent again are as with http.Transport; where they
// differ, the text of Transport says so.
//
// An exchange that is cut off, by a kill, a scope that is over, or a context that is done, ends its connection: nothing of
// it gets into the next one.
//
// # What it does not do
//
// No HTTP/2, and no SOCKS proxies. http.DefaultClient and http.DefaultTransport are net/http's: in a greenlet they block the
// thread, as does each Client without a Transport of this package.
//
// A handler must not block the thread: on a Go channel, a sync.Mutex, an io.Pipe, or in http.TimeoutHandler, which waits
// for a goroutine (gevent.WithTimeout is there in its place). Nor must a request's body that is given to a Transport; one
// from gevent.ConnPipe parks, where io.Pipe would block. Files that a handler opens by itself, as http.FileServer does, are
// read on the thread, which waits for the disk then.
//
// ResponseWriter, Request.Body and a Response's Body are for greenlets of the hub, one at a time; on another goroutine
// their calls fail. A handler that returns while another greenlet of its writes the answer loses the connection. The
// request's context may go anywhere, and so may a connection after Hijack. The *http.Server under http.ServerContextKey
// only tells the settings: its methods do nothing to the Server.
//
// httputil.ReverseProxy works with a Transport. But once both sides of it have changed their protocol, as for a WebSocket,
// it blocks the thread as long as that connection lasts: have its Rewrite take the header "Upgrade" out, and join two
// connections in a handler of your own. Its FlushInterval is to be 0 or negative; another one flushes on a goroutine, which
// does nothing. Of package net/http/pprof, Profile and Trace block the thread for as long as they measure.
//
// # Example
//
//	err := gevent.Run(func() error {
//		s := &ghttp.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
//			fmt.Fprintln(w, "Hello,", r.URL.Path)
//		})}
//		l, err := gevent.Listen("tcp", "127.0.0.1:0")
//		if err != nil {
//			return err
//		}
//		gevent.Spawn(func() error { return s.Serve(l) })
//		client := &http.Client{Transport: &ghttp.Transport{}}
//		resp, err := client.Get("http://" + l.Addr().String() + "/you")
//		...
//		return s.Shutdown(context.Background())
//	})
package http
