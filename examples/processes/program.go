package main

import (
	"embed"
	"fmt"
	"io"
	"strings"
)

// A program is a function in a file of its own: that of the name tickets is in tickets.go, and its words are in
// text/tickets.en.md and text/tickets.zh.md.
type program struct {
	name string
	run  func(s stage) error
}

var programs = []program{
	{"pipe", pipe},
	{"tickets", tickets},
	{"queue", queue},
	{"primes", primes},
	{"manager", manager},
}

//go:embed pipe.go tickets.go queue.go primes.go manager.go text/*.md
var files embed.FS

func read(name string) string {
	text, err := files.ReadFile(name)
	if err != nil {
		panic(err) // it is embedded, or the tests fail
	}
	return string(text)
}

// list prints name, title and one line of each program.
func list(w io.Writer, lang string) {
	fmt.Fprint(w, phrases[lang].head)
	for _, p := range programs {
		t := textOf(p, lang)
		fmt.Fprintf(w, "  %-10s%s\n            %s\n", p.name, t.title, t.summary)
	}
	fmt.Fprint(w, phrases[lang].foot)
}

// show prints the words of a program and runs it between them.
func show(w io.Writer, p program, r request) error {
	t, say := textOf(p, r.lang), phrases[r.lang]
	fmt.Fprintf(w, "%s: %s\n%s\n\n%s\n\n", p.name, t.title, t.summary, t.before)
	if r.source {
		fmt.Fprintf(w, say.source+"\n\n%s\n", p.name, indented(read(p.name+".go")))
	}
	fmt.Fprintln(w, say.output+"\n")
	if err := p.run(stage{{w, t.words}}); err != nil {
		return err
	}
	_, err := fmt.Fprintf(w, "\n%s\n", t.after)
	return err
}

func indented(text string) string {
	var b strings.Builder
	for line := range strings.Lines(text) {
		if line != "\n" {
			b.WriteString(margin)
		}
		b.WriteString(line)
	}
	return b.String()
}
