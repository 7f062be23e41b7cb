package main

import (
	"fmt"
	"net/http"
	"strconv"
	"time"

	"greenloop/gevent"
)

// stream sends a line every 100 ms, n in all. To sleep is to let the others run.
func stream(w http.ResponseWriter, r *http.Request) {
	n, err := strconv.Atoi(r.FormValue("n"))
	if err != nil || n < 1 || n > 1000 {
		http.Error(w, "n is a number from 1 to 1000", http.StatusBadRequest)
		return
	}
	control := http.NewResponseController(w)
	for i := range n {
		fmt.Fprintf(w, "line %d of %d\n", i+1, n)
		if err := control.Flush(); err != nil {
			return // the client is gone
		}
		if err := gevent.Sleep(100 * time.Millisecond); err != nil {
			return
		}
	}
}
