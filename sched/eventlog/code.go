package eventlog

import (
	"bufio"
	"bytes"
	"os"
	"path/filepath"
	"strings"
)

const (
	codeAbove, codeBelow = 5, 4 // lines that are shown around one of the program's
	codeWidth            = 300  // bytes of a line; what is longer was hardly written by hand
)

// codeAround reads the lines of the program's files that are to be shown, by file and number, each once. A file that
// cannot be read, or that has changed and become shorter, is left out or gives fewer.
func codeAround(places []Line) map[string]map[int]string {
	wanted := make(map[string]map[int]bool)
	for _, p := range places {
		if !filepath.IsAbs(p.File) { // built with -trimpath
			continue
		}
		if wanted[p.File] == nil {
			wanted[p.File] = make(map[int]bool)
		}
		for n := p.Line - codeAbove; n <= p.Line+codeBelow; n++ {
			wanted[p.File][n] = true
		}
	}
	code := make(map[string]map[int]string)
	for file, numbers := range wanted {
		if lines := readLines(file, numbers); len(lines) > 0 {
			code[file] = lines
		}
	}
	return code
}

func readLines(file string, numbers map[int]bool) map[int]string {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil // the program may run where its source is not
	}
	lines := make(map[int]string)
	scanner := bufio.NewScanner(bytes.NewReader(text))
	scanner.Buffer(nil, len(text)+1)
	for n := 1; scanner.Scan(); n++ {
		if numbers[n] {
			line := scanner.Text()
			lines[n] = strings.ToValidUTF8(line[:min(len(line), codeWidth)], "") // a character may be cut
		}
	}
	return lines
}
