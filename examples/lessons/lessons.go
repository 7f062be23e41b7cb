package main

import (
	"embed"
	"fmt"
	"io"
	"strings"
)

// A lesson is a function in a file of its own. Its number is its place in the table: the seventh is in 07_NAME.go, and its
// words are in text/07.en.md and text/07.zh.md.
type lesson struct {
	name     string
	run      func(s *stage) error
	measured bool // the figures that it prints are those of the reader's machine
}

var lessons = []lesson{
	{name: "cost", run: costs, measured: true},
	{name: "race", run: bankBalance, measured: true},
	{name: "update", run: lostUpdate},
	{name: "slices", run: fairness, measured: true},
	{name: "blocking", run: blocking, measured: true},
	{name: "generator", run: producerConsumer},
	{name: "greenlet", run: byHand},
	{name: "io", run: onIO},
	{name: "queue", run: queues},
	{name: "lock", run: locks},
	{name: "semaphore", run: semaphores},
	{name: "event", run: events},
	{name: "condition", run: conditions},
	{name: "barrier", run: barriers},
	{name: "pool", run: pools},
	{name: "local", run: locals},
	{name: "timeout", run: timeouts},
	{name: "deadlock", run: deadlocks},
	{name: "thousands", run: tenThousand, measured: true},
	{name: "wrongtool", run: wrongTool, measured: true},
}

//go:embed [0-9][0-9]_*.go text/*.md
var files embed.FS

func read(name string) string {
	text, err := files.ReadFile(name)
	if err != nil {
		panic(err) // it is embedded, or the tests fail
	}
	return string(text)
}

// file returns the name of the program of the nth lesson, counted from 0.
func file(n int) string { return fmt.Sprintf("%02d_%s.go", n+1, lessons[n].name) }

// list prints number, title and one line of each lesson.
func list(w io.Writer, lang string) {
	fmt.Fprint(w, phrases[lang].head)
	for n := range lessons {
		t := textOf(n, lang)
		fmt.Fprintf(w, "%3d  %s\n     %s\n", n+1, t.title, t.summary)
	}
	fmt.Fprint(w, phrases[lang].foot)
}

// teach prints the words of a lesson and runs it between them.
func teach(w io.Writer, n int, r request) error {
	t, say := textOf(n, r.lang), phrases[r.lang]
	fmt.Fprintf(w, "%d. %s\n%s\n\n%s\n\n", n+1, t.title, t.summary, t.before)
	if r.source {
		fmt.Fprintf(w, say.source+"\n\n%s\n", file(n), indented(read(file(n))))
	}
	fmt.Fprintln(w, say.output+"\n")
	s := &stage{out: w, words: t.words}
	if r.trace || r.html {
		s.watch = new(watch)
	}
	if err := lessons[n].run(s); err != nil {
		return err
	}
	fmt.Fprintf(w, "\n%s\n", t.after)
	return s.watch.show(w, n, r)
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
