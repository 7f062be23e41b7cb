package greenloop_test

import (
	"fmt"
	"go/ast"
	"go/token"
	"io/fs"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// docs/SEMANTICS.md says of each promise what has become of it, and names the tests that prove it. Those tests exist.

// A promise is a row of a table there: | row | status | proof | note |
type promise struct {
	line                     int
	row, status, proof, note string
}

var (
	tableHead = []string{"row", "status", "proof", "note"}
	citation  = regexp.MustCompile("`((?:Test|Example)[A-Z]?\\w*)(?:/([^`]+))?`")
	ruler     = regexp.MustCompile(`^[|\s:-]+$`)
)

// promises returns the rows of all tables in text that have the head above, and says what is wrong with them.
func promises(text string) (rows []promise, wrong []string) {
	within := false
	for i, line := range strings.Split(text, "\n") {
		cells := cellsOf(line)
		switch {
		case cells == nil:
			within = false
		case slices.Equal(cells, tableHead):
			within = true
		case !within:
			wrong = append(wrong, fmt.Sprintf("line %d: a table without the head | row | status | proof | note |", i+1))
		case ruler.MatchString(line):
		case len(cells) != len(tableHead):
			wrong = append(wrong, fmt.Sprintf("line %d: %d cells instead of 4", i+1, len(cells)))
		default:
			p := promise{i + 1, cells[0], cells[1], cells[2], cells[3]}
			rows = append(rows, p)
			if fault := p.fault(); fault != "" {
				wrong = append(wrong, fmt.Sprintf("line %d: %s", p.line, fault))
			}
		}
	}
	return rows, wrong
}

// cellsOf returns the cells of a line of a table, nil if it is none. A bar inside a cell is written \|.
func cellsOf(line string) []string {
	if !strings.HasPrefix(line, "|") {
		return nil
	}
	line = strings.ReplaceAll(strings.Trim(strings.TrimSpace(line), "|"), `\|`, "\x00")
	cells := strings.Split(line, "|")
	for i := range cells {
		cells[i] = strings.TrimSpace(strings.ReplaceAll(cells[i], "\x00", "|"))
	}
	return cells
}

func (p promise) fault() string {
	cited := citation.MatchString(p.proof)
	switch {
	case p.row == "":
		return "a row without a name"
	case p.status == "done" && !cited:
		return "done, but no test is named"
	case (p.status == "adapted" || p.status == "not") && p.note == "":
		return p.status + ", but the note does not say why"
	case !slices.Contains([]string{"done", "adapted", "not"}, p.status):
		return fmt.Sprintf("the status %q is none of done, adapted, not", p.status)
	}
	return ""
}

// testNames returns the tests and examples of the module, each with the texts in its file, of which the names of its
// subtests are made.
func testNames(files []*goFile) map[string][]string {
	names := map[string][]string{}
	for _, f := range files {
		if !f.test() {
			continue
		}
		var texts []string
		ast.Inspect(f.syntax, func(n ast.Node) bool {
			if lit, ok := n.(*ast.BasicLit); ok && lit.Kind == token.STRING {
				if text, err := strconv.Unquote(lit.Value); err == nil {
					texts = append(texts, strings.ReplaceAll(text, " ", "_"))
				}
			}
			return true
		})
		for _, d := range f.syntax.Decls {
			if fn, ok := d.(*ast.FuncDecl); ok && fn.Recv == nil {
				names[fn.Name.Name] = append(names[fn.Name.Name], texts...)
			}
		}
	}
	return names
}

// unproven returns the citations in text for which there is no test. What follows the slash is the beginning of the name of
// a subtest, as go test -run takes it.
func unproven(text string, tests map[string][]string) (missing []string) {
	for _, m := range citation.FindAllStringSubmatch(text, -1) {
		texts, ok := tests[m[1]]
		if ok && m[2] != "" {
			ok = slices.ContainsFunc(texts, func(t string) bool { return strings.HasPrefix(t, m[2]) })
		}
		if !ok {
			missing = append(missing, strings.Trim(m[0], "`"))
		}
	}
	return missing
}

func TestSemanticsAreProven(t *testing.T) {
	text, err := os.ReadFile("docs/SEMANTICS.md")
	require.NoError(t, err)
	rows, wrong := promises(string(text))
	require.NotEmpty(t, rows)
	require.Empty(t, wrong, strings.Join(wrong, "\n"))
	files, err := goFiles(os.DirFS("."))
	require.NoError(t, err)
	missing := unproven(string(text), testNames(files))
	require.Empty(t, missing, strings.Join(missing, "\n"))
}

// The check above passes when it finds nothing; this one shows that it does find something.
func TestFaultsInTheSemanticsAreReported(t *testing.T) {
	const head = "| row | status | proof | note |\n|---|---|---|---|\n"
	for _, c := range []struct{ text, want string }{
		{head + "| a | done | `TestA` | |", ""},
		{head + "| a \\| b | not |  | because |\n\n" + head + "| c | adapted | `ExampleA` | so |", ""},
		{head + "| a | done |  | |", "done, but no test is named"},
		{head + "| a | done | some test | |", "done, but no test is named"},
		{head + "| a | not | | |", "not, but the note does not say why"},
		{head + "| a | adapted | `TestA` | |", "adapted, but the note does not say why"},
		{head + "| a |  | `TestA` | |", `the status "" is none of`},
		{head + "|  | done | `TestA` | |", "a row without a name"},
		{head + "| a | done | `TestA` |", "3 cells instead of 4"},
		{"| a | b |\n|---|---|\n", "a table without the head"},
	} {
		_, wrong := promises(c.text)
		if c.want == "" {
			require.Empty(t, wrong, c.text)
			continue
		}
		require.NotEmpty(t, wrong, c.text)
		require.Contains(t, wrong[0], c.want)
	}

	files, err := goFiles(fixture(map[string]string{
		"a/a.go":      "package a\n\nfunc TestNone() {}\n",
		"a/a_test.go": "package a\n\nfunc TestA() { _ = \"the first case: x\" }\n\nfunc ExampleB_C() {}\n",
	}))
	require.NoError(t, err)
	tests := testNames(files)
	require.Empty(t, unproven("`TestA` `TestA/the_first_case` `ExampleB_C`", tests))
	require.Equal(t, []string{"TestB", "TestA/first", "ExampleB", "TestNone"}, unproven("`TestB` `TestA/first` `ExampleB` `TestNone`", tests))
}

// README.zh-CN.md is README.md in Chinese, paragraph by paragraph. What does not depend on the language is the same in both.

// A section is a heading and what follows it, up to the next one, without the words.
type section struct {
	level      int   // of the heading; 0: what stands before the first one
	paragraphs int   // blocks of prose, and items of lists
	tables     []int // the number of cells of each row
	code       []string
	spans      []string // what stands in backquotes in the prose, sorted
	links      []string // where they lead, sorted; not from one README to the other
}

var (
	codeSpan   = regexp.MustCompile("`[^`]+`")
	linkTarget = regexp.MustCompile(`\]\(([^)#][^)]*)\)`)
	comment    = regexp.MustCompile(`\s*(//|# ).*`)
)

// sectionsOf reads a text in Markdown.
func sectionsOf(text string) (all []section) {
	s, fenced, before := section{}, false, ""
	for line := range strings.SplitSeq(text, "\n") {
		heading := len(line) - len(strings.TrimLeft(line, "#"))
		switch {
		case strings.HasPrefix(line, "```"):
			fenced = !fenced
			s.code = append(s.code, line)
		case fenced, strings.HasPrefix(line, "    "):
			s.code = append(s.code, comment.ReplaceAllString(line, ""))
		case heading > 0:
			all, s = append(all, s), section{level: heading}
		case line != "":
			if cells := cellsOf(line); cells != nil {
				s.tables = append(s.tables, len(cells))
			} else if before == "" || strings.HasPrefix(line, "- ") {
				s.paragraphs++
			}
			s.spans = append(s.spans, codeSpan.FindAllString(line, -1)...)
			for _, m := range linkTarget.FindAllStringSubmatch(line, -1) {
				if !strings.HasPrefix(m[1], "README") {
					s.links = append(s.links, m[1])
				}
			}
		}
		before = line
	}
	all = append(all, s)
	for i := range all {
		slices.Sort(all[i].spans)
		slices.Sort(all[i].links)
	}
	return all
}

// drift says where two texts are no longer the same in two languages.
func drift(en, zh string) (faults []string) {
	a, b := sectionsOf(en), sectionsOf(zh)
	if len(a) != len(b) {
		return []string{fmt.Sprintf("%d headings, and %d", len(a)-1, len(b)-1)}
	}
	for i := range a {
		for _, part := range []struct {
			name string
			a, b any
		}{
			{"level", a[i].level, b[i].level},
			{"paragraphs", a[i].paragraphs, b[i].paragraphs},
			{"rows of tables", a[i].tables, b[i].tables},
			{"code", a[i].code, b[i].code},
			{"words in backquotes", a[i].spans, b[i].spans},
			{"links", a[i].links, b[i].links},
		} {
			if !reflect.DeepEqual(part.a, part.b) {
				faults = append(faults, fmt.Sprintf("section %d: %s: %v, and %v", i, part.name, part.a, part.b))
			}
		}
	}
	return faults
}

func TestReadmesSayTheSame(t *testing.T) {
	en, err := os.ReadFile("README.md")
	require.NoError(t, err)
	zh, err := os.ReadFile("README.zh-CN.md")
	require.NoError(t, err)
	require.Contains(t, string(en), "](README.zh-CN.md)")
	require.Contains(t, string(zh), "](README.md)")
	faults := drift(string(en), string(zh))
	require.Empty(t, faults, strings.Join(faults, "\n"))
}

func TestDriftBetweenReadmesIsReported(t *testing.T) {
	const en = "# a\n\nb `c` [d](e.md)\nf\n\n- g\n- h\n\n    go run . # i\n\n```go\nj() // k\n```\n\n| l | m |\n|---|---|\n| n | o |\n"
	for _, c := range []struct{ from, to, want string }{
		{"", "", ""},
		{"# i", "# 一", ""},
		{"// k", "// 二", ""},
		{"\nf\n", "三\n", ""},
		{"[d]", "[四]", ""},
		{"# a", "## a", "level"},
		{"- h", "# h", "1 headings, and 2"},
		{"\nf\n", "\n\nf\n", "paragraphs"},
		{"- h\n", "", "paragraphs"},
		{"| n | o |\n", "", "rows of tables"},
		{"| n | o |", "| n |", "rows of tables"},
		{"go run .", "go run ./x", "code"},
		{"j()", "jj()", "code"},
		{"```go", "```", "code"},
		{"`c`", "`cc`", "words in backquotes"},
		{"e.md", "ee.md", "links"},
	} {
		require.Contains(t, en, c.from)
		faults := drift(en, strings.Replace(en, c.from, c.to, 1))
		if c.want == "" {
			require.Empty(t, faults, c.to)
			continue
		}
		require.Len(t, faults, 1, c.to)
		require.Contains(t, faults[0], c.want)
	}
}

// What is in Chinese keeps to the words of CONTRIBUTING.md and to the usual typography.

// illSet is what is not set as Chinese is: Chinese beside half-width punctuation, or beside Latin without a blank.
var illSet = regexp.MustCompile("\\p{Han}[,.;:!?()\"'A-Za-z0-9%`]|[,;:!?()\"'A-Za-z0-9`]\\p{Han}| [，。；：？！、）]")

// avoided returns the words that stand in the last column of the table of words in text.
func avoided(text string) (words []string) {
	within := false
	for line := range strings.SplitSeq(text, "\n") {
		cells := cellsOf(line)
		switch {
		case slices.Equal(cells, []string{"word", "Chinese", "not"}):
			within = true
		case len(cells) != 3:
			within = false
		case within && !ruler.MatchString(line) && cells[2] != "":
			words = append(words, strings.Split(cells[2], "、")...)
		}
	}
	return words
}

// illWritten says which lines of text are not set as Chinese is, or have a word that is to be avoided.
func illWritten(text string, words []string) (faults []string) {
	for i, line := range strings.Split(text, "\n") {
		if what := illSet.FindString(line); what != "" {
			faults = append(faults, fmt.Sprintf("line %d: set as %q", i+1, what))
		}
		for _, word := range words {
			if strings.Contains(line, word) {
				faults = append(faults, fmt.Sprintf("line %d: %s", i+1, word))
			}
		}
	}
	return faults
}

func TestChineseIsWrittenAsAgreed(t *testing.T) {
	agreed, err := os.ReadFile("CONTRIBUTING.md")
	require.NoError(t, err)
	words := avoided(string(agreed))
	require.NotEmpty(t, words)
	names, err := fs.Glob(os.DirFS("."), "examples/*/text/*.zh.md")
	require.NoError(t, err)
	require.NotEmpty(t, names)
	for _, name := range append(names, "README.zh-CN.md") {
		text, err := os.ReadFile(name)
		require.NoError(t, err)
		require.Empty(t, illWritten(string(text), words), name)
	}
}

func TestIllWrittenChineseIsReported(t *testing.T) {
	words := avoided("| a | b | c |\n|---|---|---|\n| 一 | 二 | 三 |\n\n| word | Chinese | not |\n|---|---|---|\n| park | 挂起 | 停靠、泊车 |\n| hub | hub | |\n")
	require.Equal(t, []string{"停靠", "泊车"}, words)
	require.Empty(t, illWritten("一个 hub，用 `x` 挂起（共 2 次）：%d 个。Go: no Chinese.", words))
	for _, text := range []string{"一个hub", "hub挂起", "挂起,", "(挂起)", "2次", "`x`挂起", "挂起 。", "它停靠在", "共%d 次"} {
		require.Len(t, illWritten("好\n"+text, words), 1, text)
	}
}
