package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// columns returns how wide a line is in a terminal: a Chinese character takes two.
func columns(line string) (n int) {
	for _, r := range strings.TrimRight(line, "\n") {
		n++
		if r >= 0x2E80 {
			n++
		}
	}
	return n
}

// said returns the formats that a program says, without the blanks before them.
func said(t *testing.T, name string) map[string]bool {
	t.Helper()
	syntax, err := parser.ParseFile(token.NewFileSet(), name, read(name), 0)
	require.NoError(t, err)
	formats := map[string]bool{}
	ast.Inspect(syntax, func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		if !ok {
			return true
		}
		if f, ok := call.Fun.(*ast.SelectorExpr); ok && f.Sel.Name == "say" {
			lit, ok := call.Args[0].(*ast.BasicLit)
			require.True(t, ok, "%s: a format is written where it is said, so that its translation can be checked", name)
			format, err := strconv.Unquote(lit.Value)
			require.NoError(t, err)
			formats[strings.TrimLeft(format, " ")] = true
		}
		return true
	})
	return formats
}

var verb = regexp.MustCompile(`%[^a-zA-Z%]*[a-zA-Z%]`)

// Each format has a Chinese one, with the same verbs, and there is none that nobody says.
func TestEachFormatIsTranslated(t *testing.T) {
	for _, p := range programs {
		formats, words := said(t, p.name+".go"), textOf(p, "zh").words
		for format := range formats {
			require.Contains(t, words, format, p.name)
		}
		for format, translation := range words {
			require.True(t, formats[format], "text/%s.zh.md translates what is not said: %s", p.name, format)
			require.Equal(t, verb.FindAllString(format, -1), verb.FindAllString(translation, -1), format)
			require.NotContains(t, translation, "\n", format)
		}
	}
}

// The texts of a program say the same in both languages, as far as their form tells, and fit a terminal.
func TestTextsHaveTheSameForm(t *testing.T) {
	for _, p := range programs {
		shape := func(lang string) []int {
			x := textOf(p, lang)
			last := x.after[strings.LastIndex(x.after, "\n\n")+1:]
			require.Contains(t, last, map[string]string{"en": "Try: ", "zh": "试一试："}[lang], "%s, %s", p.name, lang)
			for line := range strings.Lines(strings.Join([]string{p.name + ": " + x.title, "  " + x.summary, x.before, x.after}, "\n")) {
				require.LessOrEqual(t, columns(line), 100, line)
			}
			require.NotEmpty(t, x.title)
			require.NotContains(t, x.summary, "\n")
			return []int{strings.Count(x.before, "\n\n"), strings.Count(x.after, "\n\n")}
		}
		require.Equal(t, shape("en"), shape("zh"), "paragraphs of %s", p.name)
	}
}

// Each file belongs to a program.
func TestEachFileBelongsToAProgram(t *testing.T) {
	sources, err := fs.Glob(files, "*.go")
	require.NoError(t, err)
	require.Len(t, sources, len(programs))
	texts, err := fs.Glob(files, "text/*.md")
	require.NoError(t, err)
	require.Len(t, texts, len(programs)*len(languages))
}
