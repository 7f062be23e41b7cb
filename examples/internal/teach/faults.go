package teach

import (
	"fmt"
	"io/fs"
	"strings"
)

// Faults lists what is wrong with the texts, as far as their form tells, for the tests of a course: a file too many, a
// format without a translation, a translation of what nobody says, paragraphs in one language only, a line that is Wide.
func (c *Course) Faults() (faults []string) {
	for pattern, want := range map[string]int{"*.go": len(c.Parts), "text/*.md": len(c.Parts) * len(Languages)} {
		if names, err := fs.Glob(c.Files, pattern); err != nil || len(names) != want {
			faults = append(faults, fmt.Sprintf("%s: %d files, not %d (%v)", pattern, len(names), want, err))
		}
	}
	for n, p := range c.Parts {
		en, zh := c.Text(n, "en"), c.Text(n, "zh")
		if en.paragraphs() != zh.paragraphs() {
			faults = append(faults, fmt.Sprintf("text/%s: %d paragraphs, in Chinese %d", p.Text, en.paragraphs(), zh.paragraphs()))
		}
		found := append(c.misshapen(p, en, "Try: "), c.misshapen(p, zh, "试一试：")...)
		for _, fault := range append(found, untranslated(c.Source(n), zh.Words)...) {
			faults = append(faults, p.Source+": "+fault)
		}
	}
	return faults
}

// paragraphs returns how many there are before and after the output, less one each.
func (t Text) paragraphs() [2]int {
	return [2]int{strings.Count(t.Before, "\n\n"), strings.Count(t.After, "\n\n")}
}

// misshapen returns what is wrong with one text, whose last paragraph says what to try.
func (c *Course) misshapen(p Part, t Text, try string) (faults []string) {
	if t.Title == "" || strings.Contains(t.Summary, "\n") {
		faults = append(faults, "a text begins with its title and a summary in a line")
	}
	if last := t.After[strings.LastIndex(t.After, "\n\n")+1:]; !strings.Contains(last, try) {
		faults = append(faults, "a text ends with what to try: "+last)
	}
	listed := fmt.Sprintf(c.Item, p.Name, t.Title, t.Summary)
	for _, line := range Wide(strings.Join([]string{listed, t.Before, t.After}, "\n")) {
		faults = append(faults, "too wide: "+line)
	}
	return faults
}

// Wide returns the lines that are longer than the 100 columns of a terminal, of which a Chinese character takes two.
func Wide(text string) (wide []string) {
	for line := range strings.SplitSeq(text, "\n") {
		columns := 0
		for _, r := range line {
			columns++
			if r >= 0x2E80 {
				columns++
			}
		}
		if columns > 100 {
			wide = append(wide, line)
		}
	}
	return wide
}
