// Package chart draws a report of examples/compare: as one SVG, and as a page of HTML that needs nothing but itself.
//
// The SVG is written here, as templates. gonum.org/v1/plot was tried: its bars begin at 0, which a logarithmic axis does
// not have (it panics), and its SVG has fixed colours on white, which is of no use on a dark page. What a browser lays out
// itself is left to it: every horizontal length is a share of the width, so that a chart fits 380 pixels with letters as
// large as at 1200.
package chart

import (
	"bytes"
	"embed"
	"html/template"
	"io"

	"greenloop/examples/compare/report"
)

//go:embed *.html *.svg *.css
var files embed.FS

var templates = template.Must(template.New("").ParseFS(files, "*.html", "*.svg", "*.css"))

// SVG writes a picture with a chart for each workload, below one another. It returns what w's Write does.
func SVG(w io.Writer, r *report.Report) error {
	picture := struct {
		Charts          []*placed
		Machine, Runs   string
		Height, FooterY int
	}{Machine: machine(r.Machine), Runs: runs(r)}
	y := 20
	for _, work := range r.Workloads {
		c := newChart(work)
		picture.Charts = append(picture.Charts, &placed{c, y + 15, y + 30})
		y += 30 + c.Height + 30
	}
	picture.FooterY, picture.Height = y, y+40
	return write(w, "picture.svg", picture)
}

// A placed chart is one of several in a picture.
type placed struct {
	*chart
	TitleY, Y int
}

// HTML writes a page with a summary and, for each workload, its chart, its figures and what to conclude. command is the
// line that makes such a report. It returns what w's Write does.
func HTML(w io.Writer, r *report.Report, command string) error {
	page := struct {
		Machine, Command, Runs string
		Quick                  bool
		Summary                summary
		Sections               []section
	}{machine(r.Machine), command, runs(r), r.Quick, newSummary(r), nil}
	for _, work := range r.Workloads {
		page.Sections = append(page.Sections, newSection(work))
	}
	return write(w, "page.html", page)
}

func write(w io.Writer, name string, data any) error {
	var text bytes.Buffer
	if err := templates.ExecuteTemplate(&text, name, data); err != nil {
		return err
	}
	_, err := w.Write(bytes.Map(printable, text.Bytes()))
	return err
}

// printable drops what XML cannot have even when it is escaped, such as the colours of a terminal in an error message.
func printable(r rune) rune {
	if r < ' ' && r != '\n' && r != '\t' || r == 0x7f || r == '\ufffe' || r == '\uffff' {
		return -1
	}
	return r
}
