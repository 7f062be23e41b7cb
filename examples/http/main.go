// Http is a web server on one thread: net/http's routes and handlers, JSON, files, an answer that comes in pieces, and an
// end in good order.
//
//	go run ./examples/http -dir docs &
//	curl http://127.0.0.1:7012/hello/world
//	curl -d '{"text": "buy buns"}' http://127.0.0.1:7012/notes
//	curl http://127.0.0.1:7012/notes
//	curl -r 0-99 http://127.0.0.1:7012/files/DESIGN.md
//	curl -N 'http://127.0.0.1:7012/stream?n=10'  # and stop the server meanwhile, by fg and Ctrl-C: it ends the stream first
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"net/http"
	"os"
	"syscall"
	"time"

	"greenloop/gevent"
	ghttp "greenloop/gevent/http"
)

func main() {
	addr := flag.String("addr", "127.0.0.1:7012", "listen on this `address`; port 0 picks a free one")
	dir := flag.String("dir", ".", "serve the files of this `directory` under /files/")
	grace := flag.Duration("grace", 5*time.Second, "after a signal, let requests finish for this long")
	flag.Parse()
	if err := gevent.Run(func() error { return run(*addr, *dir, *grace) }); err != nil {
		fmt.Fprintln(os.Stderr, "http:", err)
		os.Exit(1)
	}
}

func run(addr, dir string, grace time.Duration) error {
	root, err := os.OpenRoot(dir) // nothing outside of it can be named, links included
	if err != nil {
		return err
	}
	defer root.Close()
	l, err := gevent.Listen("tcp", addr)
	if err != nil {
		return err
	}
	server := &ghttp.Server{Handler: routes(root), MaxBodyBytes: 64 << 10, MaxConns: 10_000}
	signals := gevent.Notify(os.Interrupt, syscall.SIGTERM)
	defer signals.Stop()
	stopper := gevent.Spawn(func() error {
		if _, err := signals.Wait(); err != nil {
			return err
		}
		return stop(server, grace)
	})
	fmt.Println("listening on", l.Addr())
	if err := server.Serve(l); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return stopper.Get() // Serve returns at the beginning of the end
}

// stop lets the requests that run finish, and ends them when the time is up.
func stop(server *ghttp.Server, grace time.Duration) error {
	ctx, cancel := context.WithTimeout(context.Background(), grace)
	defer cancel()
	err := server.Shutdown(ctx)
	if errors.Is(err, context.DeadlineExceeded) {
		fmt.Println("some connections were cut off")
		return server.Close()
	}
	return err
}

func routes(root *os.Root) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprintln(w, "there are /hello/NAME, /notes, /files/NAME and /stream?n=10")
	})
	mux.HandleFunc("GET /hello/{name}", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8") // else a name might make it a page
		fmt.Fprintf(w, "hello, %s\n", r.PathValue("name"))
	})
	notes := new(notes)
	mux.HandleFunc("GET /notes", notes.list)
	mux.HandleFunc("POST /notes", notes.add)
	mux.Handle("GET /files/{name...}", files{root})
	mux.HandleFunc("GET /stream", stream)
	return mux
}
