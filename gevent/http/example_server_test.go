package http_test

import (
	"context"
	"fmt"
	"io"
	"net/http"

	"greenloop/gevent"
	ghttp "greenloop/gevent/http"
)

func ExampleServer() {
	err := gevent.Run(func() error {
		l, err := gevent.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return err
		}
		visits := 0 // needs no lock
		mux := http.NewServeMux()
		mux.HandleFunc("GET /hello/{name}", func(w http.ResponseWriter, r *http.Request) {
			visits++
			fmt.Fprintf(w, "Hello, %s, visitor %d", r.PathValue("name"), visits)
		})
		server := &ghttp.Server{Handler: mux}
		serving := gevent.Spawn(func() error { return server.Serve(l) })

		c, err := gevent.Dial("tcp", l.Addr().String())
		if err != nil {
			return err
		}
		fmt.Fprint(c, "GET /hello/Ann HTTP/1.0\r\n\r\n")
		answer, err := io.ReadAll(c)
		if err != nil {
			return err
		}
		fmt.Printf("%s ... %s\n", answer[:15], answer[len(answer)-21:])
		fmt.Println(server.Shutdown(context.Background()))
		fmt.Println(serving.Get())
		return c.Close()
	})
	fmt.Println(err)
	// Output:
	// HTTP/1.0 200 OK ... Hello, Ann, visitor 1
	// <nil>
	// http: Server closed
	// <nil>
}
