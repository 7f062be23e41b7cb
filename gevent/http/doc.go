// Package http serves net/http's handlers on greenlets: one greenlet for each connection, all on the hub's thread.
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
// on the hub, so that what handlers share needs no lock.
//
// A connection on which nothing comes holds no buffers. Limits on time and size are on unless they are turned off.
//
// # What it does not do
//
// No HTTP/2. A handler must not block the thread: on a Go channel, a sync.Mutex, or in http.TimeoutHandler, which waits for
// a goroutine (gevent.WithTimeout is there in its place). ResponseWriter and Request.Body are for greenlets of the hub, one
// at a time; on another goroutine their calls fail. Files that a handler opens by itself, as http.FileServer does, are read
// on the thread, which waits for the disk then. The request's context may go anywhere, and so may a connection after
// Hijack.
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
//		return s.ListenAndServe("127.0.0.1:8080")
//	})
package http
