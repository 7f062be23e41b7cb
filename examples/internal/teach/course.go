// Package teach is the frame of a program that teaches: small programs, each with words around what it prints, in English
// or in Chinese, and with its source if that is asked for. Its users are examples/lessons and examples/processes.
package teach

import (
	"fmt"
	"io"
	"io/fs"
	"strings"
)

// A Course is such a program.
type Course struct {
	Name    string // of its directory in examples
	Noun    string // what is there in each language, such as lesson
	Files   fs.FS  // the sources and the texts of the parts
	Parts   []Part
	Find    func(word, lang string) (int, error) // the part that the reader means: its place, or what to tell the reader
	Title   string                               // a format of a part's name and title
	Item    string                               // a format of its name, title and summary, for the list
	Phrases map[string]Phrases                   // in each language
}

// A Part is one of the small programs.
type Part struct {
	Name   string // what the reader calls it
	Source string // the name of its file
	Text   string // of its words: they are in text/TEXT.en.md and text/TEXT.zh.md
}

// Phrases are what stands before and after the list.
type Phrases struct{ Head, Foot string }

var around = map[string]struct{ source, output string }{
	"en": {"The program, examples/%s/%s:", "It prints:"},
	"zh": {"程序 examples/%s/%s：", "程序输出："},
}

// List prints name, title and summary of each part.
func (c *Course) List(w io.Writer, lang string) {
	fmt.Fprint(w, c.Phrases[lang].Head)
	for n, p := range c.Parts {
		t := c.Text(n, lang)
		fmt.Fprintf(w, c.Item, p.Name, t.Title, t.Summary)
	}
	fmt.Fprint(w, c.Phrases[lang].Foot)
}

// Show prints the words of the nth part, counted from 0, and runs it between them.
func (c *Course) Show(w io.Writer, n int, r Request, run func(Words) error) error {
	t, say := c.Text(n, r.Lang), around[r.Lang]
	fmt.Fprintf(w, c.Title+"\n%s\n\n%s\n\n", c.Parts[n].Name, t.Title, t.Summary, t.Before)
	if r.Source {
		fmt.Fprintf(w, say.source+"\n\n%s\n", c.Name, c.Parts[n].Source, Indented(c.Source(n)))
	}
	fmt.Fprintln(w, say.output+"\n")
	if err := run(t.Words); err != nil {
		return err
	}
	_, err := fmt.Fprintf(w, "\n%s\n", t.After)
	return err
}

// Source returns the source of the nth part.
func (c *Course) Source(n int) string { return c.read(c.Parts[n].Source) }

func (c *Course) read(name string) string {
	text, err := fs.ReadFile(c.Files, name)
	if err != nil {
		panic(err) // it is embedded, or the tests fail
	}
	return string(text)
}

const margin = "    " // of sources and of what the programs print

// Indented returns the text with a margin.
func Indented(text string) string {
	var b strings.Builder
	for line := range strings.Lines(text) {
		if line != "\n" {
			b.WriteString(margin)
		}
		b.WriteString(line)
	}
	return b.String()
}
