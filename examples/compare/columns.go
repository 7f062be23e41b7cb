package main

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// columns sets a table: the first column to the left, as it has names, the others to the right, as they have figures. A row
// shorter than the head is a name and a remark.
func columns(table [][]string) string {
	head := table[0]
	widths := make([]int, len(head))
	for _, row := range table {
		if len(row) == len(head) {
			for i, cell := range row {
				widths[i] = max(widths[i], utf8.RuneCountInString(cell))
			}
		}
	}
	var b strings.Builder
	for _, row := range table {
		fmt.Fprintf(&b, "%-*s", widths[0], row[0])
		for i, cell := range row[1:] {
			if len(row) != len(head) {
				fmt.Fprintf(&b, "  %s", cell)
				continue
			}
			fmt.Fprintf(&b, "  %*s", widths[i+1], cell)
		}
		b.WriteByte('\n')
	}
	return b.String()
}

// wrap breaks a paragraph into lines.
func wrap(text string) string {
	var b strings.Builder
	length := 0
	for _, word := range strings.Fields(text) {
		n := utf8.RuneCountInString(word)
		switch {
		case length > 0 && length+1+n > width:
			b.WriteByte('\n')
			length = 0
		case length > 0:
			b.WriteByte(' ')
			length++
		}
		b.WriteString(word)
		length += n
	}
	b.WriteByte('\n')
	return b.String()
}
