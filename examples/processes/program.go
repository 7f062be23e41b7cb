package main

import (
	"embed"
	"fmt"

	"greenloop/examples/internal/teach"
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

var course = teach.Course{
	Name:    "processes",
	Noun:    "text",
	Files:   files,
	Parts:   named(),
	Find:    find,
	Title:   "%s: %s",
	Item:    "  %-10s%s\n            %s\n",
	Phrases: list,
}

func named() (all []teach.Part) {
	for _, p := range programs {
		all = append(all, teach.Part{Name: p.name, Source: p.name + ".go", Text: p.name})
	}
	return all
}

// find returns the place of the program of that name.
func find(name, lang string) (int, error) {
	known := ""
	for n, p := range programs {
		if p.name == name {
			return n, nil
		}
		known += p.name + ", "
	}
	return 0, fmt.Errorf(unknown[lang], name, known+"all")
}
