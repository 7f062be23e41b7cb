package main

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// columns sets a table: the first column to the left, as it has names, the others to the right, as they have figures. A row
// shorter than the head is a name and a remark. What is wider than width is set as several tables, below one another, each
// with the names.
func columns(table [][]string, width int) string {
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
	for from, to := 1, 1; from < len(head); from = to {
		for used := widths[0]; to < len(head) && (to == from || used+2+widths[to] <= width); to++ {
			used += 2 + widths[to]
		}
		if from > 1 {
			b.WriteByte('\n')
		}
		for _, row := range table {
			if len(row) == len(head) {
				set(&b, row, widths, from, to)
			} else if from == 1 {
				fmt.Fprintf(&b, "%-*s  %s\n", widths[0], row[0], strings.Join(row[1:], "  "))
			}
		}
	}
	return b.String()
}

// set writes the name and the columns from from up to to.
func set(b *strings.Builder, row []string, widths []int, from, to int) {
	fmt.Fprintf(b, "%-*s", widths[0], row[0])
	for i := from; i < to; i++ {
		fmt.Fprintf(b, "  %*s", widths[i], row[i])
	}
	b.WriteByte('\n')
}

// wrap breaks a paragraph into lines.
func wrap(text string, width int) string {
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
