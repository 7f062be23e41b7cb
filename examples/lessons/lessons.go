package main

import (
	"embed"
	"fmt"
	"io"
	"strconv"

	"greenloop/examples/internal/teach"
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

var course = teach.Course{
	Name:    "lessons",
	Noun:    "lesson",
	Files:   files,
	Parts:   numbered(),
	Find:    find,
	Title:   "%s. %s",
	Item:    "%3s  %s\n     %s\n",
	Phrases: list,
}

func numbered() (all []teach.Part) {
	for i, l := range lessons {
		n := fmt.Sprintf("%02d", i+1)
		all = append(all, teach.Part{Name: strconv.Itoa(i + 1), Source: n + "_" + l.name + ".go", Text: n})
	}
	return all
}

// find returns the place of the lesson of that number.
func find(word, lang string) (int, error) {
	if n, err := strconv.Atoi(word); err == nil && n >= 1 && n <= len(lessons) {
		return n - 1, nil
	}
	return 0, fmt.Errorf(phrases[lang].unknown, word, len(lessons))
}

// show prints the words of a lesson and runs it between them, and what was seen of it.
func show(w io.Writer, n int, r request) error {
	s := &stage{out: w}
	if r.trace || r.html {
		s.watch = new(watch)
	}
	err := course.Show(w, n, r.Request, func(words teach.Words) error {
		s.words = words
		return lessons[n].run(s)
	})
	if err != nil {
		return err
	}
	return s.watch.show(w, n, r)
}
