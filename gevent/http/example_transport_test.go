//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd

package http_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"time"

	"greenloop/gevent"
	ghttp "greenloop/gevent/http"
)

// A stock http.Client that waits on greenlets: three fetch at once, on one thread.
func ExampleTransport() {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprint(w, "you asked for ", r.URL.Path)
	}))
	defer server.Close()
	err := gevent.Run(func() error {
		client := &http.Client{Transport: &ghttp.Transport{}, Timeout: 10 * time.Second}
		defer client.CloseIdleConnections()
		fetch := func(path string) (string, error) {
			resp, err := client.Get(server.URL + path)
			if err != nil {
				return "", err
			}
			defer resp.Body.Close()
			body, err := io.ReadAll(resp.Body)
			return string(body), err
		}
		pages := func(yield func(string) bool) {
			_ = yield("/a") && yield("/b") && yield("/c")
		}
		answers, err := gevent.Map(new(gevent.Group), pages, fetch)
		for _, answer := range answers {
			fmt.Println(answer)
		}
		return err
	})
	if err != nil {
		fmt.Println(err)
	}
	// Output:
	// you asked for /a
	// you asked for /b
	// you asked for /c
}
