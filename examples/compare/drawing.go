package main

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"strings"

	"greenloop/examples/compare/chart"
	"greenloop/examples/compare/report"
)

// A drawing is a file that a flag asks for; "" asks for none.
type drawing struct {
	file string
	draw func(w io.Writer, r *report.Report) error
}

// drawings are those of -svg and -html. args is the whole command line, which the page shows.
func drawings(svg, html string, args []string) []drawing {
	command := strings.Join(append([]string{"go run ."}, args...), " ")
	return []drawing{
		{svg, chart.SVG},
		{html, func(w io.Writer, r *report.Report) error { return chart.HTML(w, r, command) }},
	}
}

// check fails for a file that cannot be written, which is not to be found out after five minutes. It changes nothing.
func (d drawing) check() error {
	if d.file == "" {
		return nil
	}
	info, err := os.Stat(d.file)
	switch {
	case err == nil && info.Mode()&(fs.ModeNamedPipe|fs.ModeDevice) != 0:
		return nil // to open a pipe would wait for its reader
	case errors.Is(err, fs.ErrNotExist):
		f, err := os.OpenFile(d.file, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
		if err != nil {
			return err
		}
		return errors.Join(f.Close(), os.Remove(d.file))
	}
	f, err := os.OpenFile(d.file, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	return f.Close()
}

func (d drawing) save(r *report.Report) error {
	if d.file == "" {
		return nil
	}
	f, err := os.Create(d.file)
	if err != nil {
		return err
	}
	return errors.Join(d.draw(f, r), f.Close())
}
