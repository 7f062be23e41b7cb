package main

import (
	"cmp"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"

	"greenloop/sched/eventlog"
)

// page writes the page of the ith hub of lesson n, says where it is, and opens it.
func page(out io.Writer, rec *eventlog.Recording, n, i int, r request) error {
	dir := r.dir
	if dir == "" {
		var err error
		if dir, err = os.MkdirTemp("", "greenloop"); err != nil {
			return err
		}
	}
	name, err := filepath.Abs(filepath.Join(dir, fmt.Sprintf("lesson-%02d-%d.html", n+1, i+1)))
	if err != nil {
		return err
	}
	file, err := os.Create(name)
	if err != nil {
		return err
	}
	title := fmt.Sprintf("%d. %s", n+1, course.Text(n, r.Lang).Title)
	err = rec.WriteHTML(file, eventlog.HTMLOptions{Title: title, Lang: r.Lang})
	if err = cmp.Or(err, file.Close()); err != nil {
		return err
	}
	fmt.Fprintf(out, phrases[r.Lang].page+"\n", "file://"+filepath.ToSlash(name))
	if r.dir == "" && i == 0 {
		open(name)
	}
	return nil
}

// open shows a file in the reader's browser. Where there is none, the line that names the file has to do.
func open(name string) {
	switch {
	case runtime.GOOS == "darwin":
		_ = exec.Command("open", name).Start()
	case runtime.GOOS == "windows":
		_ = exec.Command("rundll32", "url.dll,FileProtocolHandler", name).Start()
	case os.Getenv("DISPLAY")+os.Getenv("WAYLAND_DISPLAY") != "": // else xdg-open may take over the terminal
		_ = exec.Command("xdg-open", name).Start()
	}
}
