package teach

import (
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"
)

// The check passes when it finds nothing; this shows that it does find something.
func TestFaults(t *testing.T) {
	c, _ := whole()
	require.Empty(t, c.Faults())
	for _, x := range []struct{ file, old, young, want string }{
		{"pie.go", "", "package p", "*.go: 3 files, not 2"},
		{"text/pie.en.md", "", "# Pie", "text/*.md: 5 files, not 4"},
		{"text/tea.zh.md", "放水。\n\n再", "放水，再", "text/tea: [1 0] paragraphs, in Chinese [0 0]"},
		{"text/tea.en.md", "# Tea", "# ", "tea.go: a text begins with its title and a summary in a line"},
		{"text/tea.en.md", "Two", "Two\nor three", "tea.go: a text begins with its title and a summary in a line"},
		{"text/tea.zh.md", "试一试", "试", "tea.go: a text ends with what to try: 试：牛奶。"},
		{"text/bun.en.md", "Bake", strings.Repeat("Bake", 26), "bun.go: too wide: BakeBake"},
		{"text/bun.en.md", "One", strings.Repeat("One", 33), "bun.go: too wide:   2 Bun (OneOne"},
		{"text/bun.zh.md", "烤", strings.Repeat("烤", 50), "bun.go: too wide: 烤烤"},
		{"tea.go", "}", "s.say(\"milk\")}", "tea.go: not translated: milk"},
		{"tea.go", "s.say(\"\")", "s.say(x)", "tea.go: a format is written where it is said"},
		{"tea.go", "s.say(\"\")", "s.say(\"milk\" + x)", "tea.go: a format is written where it is said"},
		{"text/bun.zh.md", "bun\n", "milk\n", "bun.go: translated, but not said: milk"},
		{"text/tea.zh.md", "%d 杯%s", "%s：%d 杯", "tea.go: translated with other verbs, or in several lines: %d cups of %s"},
		{"text/tea.zh.md", "%d 杯%s", "%d 杯\n%s", "tea.go: translated with other verbs, or in several lines: %d cups of %s"},
	} {
		c, files := whole()
		text := x.young
		if f := files[x.file]; f != nil {
			at := strings.LastIndex(string(f.Data), x.old)
			text = string(f.Data[:at]) + x.young + string(f.Data[at+len(x.old):])
		}
		files[x.file] = &fstest.MapFile{Data: []byte(text)}
		require.Contains(t, strings.Join(c.Faults(), "\n"), x.want)
	}
}
