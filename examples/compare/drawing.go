package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
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

// check fails for a file in a directory that is not there, which is not to be found out after five minutes.
func (d drawing) check() error {
	if d.file == "" {
		return nil
	}
	dir, err := os.Stat(filepath.Dir(d.file))
	if err == nil && !dir.IsDir() {
		err = fmt.Errorf("%s is not a directory", filepath.Dir(d.file))
	}
	return err
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
