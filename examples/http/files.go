package main

import (
	"context"
	"net/http"
	"os"

	"greenloop/gevent"
)

// Files serves the files of a directory, parts of them as well. What the disk does is done beside the hub's thread, while
// the greenlet waits: http.FileServer would block all others meanwhile.
type files struct{ root *os.Root }

func (s files) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	opened, err := gevent.OffloadContext(func(context.Context) (*os.File, error) {
		return s.root.Open(r.PathValue("name"))
	}, func(late *os.File) { late.Close() })
	if err != nil { // there is none, or it is not for the public: which of the two is not either
		http.NotFound(w, r)
		return
	}
	f := gevent.NewFile(opened)
	defer f.Close()
	info, err := f.Stat()
	if err != nil || !info.Mode().IsRegular() {
		http.NotFound(w, r)
		return
	}
	http.ServeContent(w, r, info.Name(), info.ModTime(), f)
}
