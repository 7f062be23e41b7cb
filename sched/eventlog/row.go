package eventlog

import (
	"strings"
	"unicode"
)

// A row is a line that grows to the right.
type row struct {
	strings.Builder
	width int
}

func newRow(width int) *row {
	r := new(row)
	r.padTo(width)
	return r
}

func (r *row) padTo(width int) {
	if width > r.width {
		r.WriteString(strings.Repeat(" ", width-r.width))
		r.width = width
	}
}

func (r *row) add(text string) {
	r.WriteString(text)
	r.width += textWidth(text)
}

// textWidth returns how many columns of a terminal a text takes.
func textWidth(text string) (n int) {
	for _, r := range text {
		n += runeWidth(r)
	}
	return n
}

func runeWidth(r rune) int {
	switch {
	case r < 0x300:
		return 1
	case unicode.In(r, unicode.Mn, unicode.Me, unicode.Cf):
		return 0
	case r >= 0x1100 && r <= 0x115f, r >= 0x2e80 && r <= 0xa4cf, r >= 0xac00 && r <= 0xd7a3, r >= 0xf900 && r <= 0xfaff,
		r >= 0xfe30 && r <= 0xfe6f, r >= 0xff00 && r <= 0xff60, r >= 0xffe0 && r <= 0xffe6, r >= 0x1f300 && r <= 0x1faff,
		r >= 0x20000 && r <= 0x3fffd: // East Asian Width: wide and full-width
		return 2
	}
	return 1
}

// cut shortens a text to a width.
func cut(text string, width int) string {
	if textWidth(text) <= width {
		return text
	}
	n := 1
	for i, r := range text {
		if n += runeWidth(r); n > width {
			return text[:i] + "…"
		}
	}
	return text
}

// wrap breaks a text into lines of that width, at blanks where there are any.
func wrap(text string, width int) (lines []string) {
	width = max(width, 8)
	for {
		n, end, blank := 0, len(text), 0
		for i, r := range text { // as far as the line goes: a text may be long
			if n += runeWidth(r); n > width {
				end = i
				break
			}
			if r == ' ' && i > 0 {
				blank = i
			}
		}
		if end == len(text) {
			return append(lines, text)
		}
		if blank > 0 {
			end = blank
		}
		lines = append(lines, strings.TrimRight(text[:end], " "))
		text = strings.TrimLeft(text[end:], " ")
	}
}
