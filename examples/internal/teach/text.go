package teach

import (
	"fmt"
	"strings"
)

// Languages are those that each text is there in.
var Languages = []string{"en", "zh"}

// A Text is what is said around a part, in one language. Its file has the fields in this order: "# " and the title, the
// summary in a line, the explanation, a line "---", the notice. What is not in English goes on with another "---" and pairs
// of lines, a format of the program and its translation, with an empty line between the pairs.
type Text struct {
	Title, Summary string
	Before, After  string
	Words          Words
}

// Text returns the text of the nth part, counted from 0.
func (c *Course) Text(n int, lang string) Text {
	head, rest, _ := strings.Cut(c.read(fmt.Sprintf("text/%s.%s.md", c.Parts[n].Text, lang)), "\n\n")
	var t Text
	t.Title = strings.TrimPrefix(head, "# ")
	t.Summary, rest, _ = strings.Cut(rest, "\n\n")
	before, rest, _ := strings.Cut(rest, "\n---\n")
	after, pairs, _ := strings.Cut(rest, "\n---\n")
	t.Before, t.After = strings.TrimSpace(before), strings.TrimSpace(after)
	if lang == "en" {
		return t
	}
	t.Words = Words{}
	for pair := range strings.SplitSeq(strings.TrimSpace(pairs), "\n\n") {
		format, translation, _ := strings.Cut(pair, "\n")
		t.Words[format] = translation
	}
	return t
}
