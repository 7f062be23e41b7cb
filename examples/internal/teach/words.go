package teach

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Words has each format of a program, without the blanks before it, in the reader's language; nil: as it is.
type Words map[string]string

// Line returns a line of a program's output. The blanks before the text stay; the rest is translated, if it is to be.
func (w Words) Line(format string, args ...any) string {
	text := strings.TrimLeft(format, " ")
	indent := format[:len(format)-len(text)]
	if translated, ok := w[text]; ok {
		text = translated
	}
	line := fmt.Sprintf(indent+text, args...)
	if line != "" {
		line = margin + line
	}
	return line + "\n"
}

var (
	said = regexp.MustCompile(`\.say\((?:("(?:[^"\\]|\\.)*")[,)])?`)
	verb = regexp.MustCompile(`%[^a-zA-Z%]*[a-zA-Z%]`)
)

// untranslated compares what a program says with the words: there is a translation of each format, with the same verbs, and
// none of what nobody says.
func untranslated(source string, words Words) (faults []string) {
	formats := map[string]bool{}
	for _, call := range said.FindAllStringSubmatch(source, -1) {
		format, err := strconv.Unquote(call[1])
		if err != nil {
			faults = append(faults, "a format is written where it is said, so that its translation can be checked")
		}
		format = strings.TrimLeft(format, " ")
		formats[format] = true
		if _, ok := words[format]; !ok && format != "" {
			faults = append(faults, "not translated: "+format)
		}
	}
	for format, translation := range words {
		if !formats[format] {
			faults = append(faults, "translated, but not said: "+format)
		}
		same := slices.Equal(verb.FindAllString(format, -1), verb.FindAllString(translation, -1))
		if !same || strings.Contains(translation, "\n") {
			faults = append(faults, "translated with other verbs, or in several lines: "+format)
		}
	}
	return faults
}
