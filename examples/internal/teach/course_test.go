package teach

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"
)

// whole returns a course of two parts without a fault.
func whole() (*Course, fstest.MapFS) {
	files := fstest.MapFS{}
	for name, text := range map[string]string{
		"tea.go":         "package p\n\nfunc tea() {\n\ts.say(\"  %d cups of %s\", 2, \"tea\")\n\ts.say(\"\")\n}\n",
		"bun.go":         "package p\n\nfunc bun() { s.say(\"bun\") }\n",
		"text/tea.en.md": "# Tea\n\nTwo cups.\n\nWater\nfirst.\n\nThen leaves.\n\n---\n\nTry: milk.\n",
		"text/tea.zh.md": "# 茶\n\n两杯。\n\n先放水。\n\n再放茶叶。\n\n---\n\n试一试：牛奶。\n\n---\n\n%d cups of %s\n%d 杯%s\n",
		"text/bun.en.md": "# Bun\n\nOne.\n\nBake.\n\n---\n\nTry: two.\n",
		"text/bun.zh.md": "# 面包\n\n一个。\n\n烤。\n\n---\n\n试一试：两个。\n\n---\n\nbun\n面包\n",
	} {
		files[name] = &fstest.MapFile{Data: []byte(text)}
	}
	parts := []Part{{"1", "tea.go", "tea"}, {"2", "bun.go", "bun"}}
	find := func(word, lang string) (int, error) {
		if n := slices.IndexFunc(parts, func(p Part) bool { return p.Name == word }); n >= 0 {
			return n, nil
		}
		return 0, errors.New(lang + ": no " + word)
	}
	return &Course{Name: "meals", Noun: "meal", Files: files, Parts: parts, Find: find, Title: "%s. %s",
		Item: "%3s %s (%s)\n", Phrases: map[string]Phrases{"en": {"Meals\n", "Eat\n"}}}, files
}

func TestShow(t *testing.T) {
	c, files := whole()
	for r, want := range map[Request]string{
		{Lang: "en"}: "1. Tea\nTwo cups.\n\nWater\nfirst.\n\nThen leaves.\n\nIt prints:\n\n      2 cups of tea\n\nTry: milk.\n",
		{Lang: "zh", Source: true}: "1. 茶\n两杯。\n\n先放水。\n\n再放茶叶。\n\n程序 examples/meals/tea.go：\n\n" +
			"    package p\n\n    func tea() {\n    \ts.say(\"  %d cups of %s\", 2, \"tea\")\n    \ts.say(\"\")\n    }\n\n" +
			"程序输出：\n\n      2 杯tea\n\n试一试：牛奶。\n",
	} {
		var b strings.Builder
		require.NoError(t, c.Show(&b, 0, r, func(w Words) error {
			_, err := io.WriteString(&b, w.Line("  %d cups of %s", 2, "tea"))
			return err
		}))
		require.Equal(t, want, b.String())
	}
	failed := errors.New("burnt")
	require.Equal(t, failed, c.Show(io.Discard, 1, Request{Lang: "en"}, func(Words) error { return failed }))
	require.Equal(t, "\n", Words(nil).Line(""), "without a margin")
	delete(files, "bun.go")
	require.Panics(t, func() { c.Source(1) })
}

func TestRequest(t *testing.T) {
	c, _ := whole()
	for args, want := range map[string]string{
		"":             "[] <nil>",
		"2 -lang zh 1": "[1 0] <nil>",
		"1 all -- 1":   "[0 0 1 0] <nil>",
		"1 3 -lang zh": "[] zh: no 3",
		"3 -lang tlh":  `[] no meal in the language "tlh", only in ["en" "zh"]`,
	} {
		flags := flag.NewFlagSet("meals", flag.ExitOnError)
		lang := flags.String("lang", "en", "")
		places, err := c.which(operands(flags, strings.Fields(args)), *lang)
		require.Equal(t, want, fmt.Sprint(places, err), args)
	}
}
