//go:build unix

package main

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
)

var update = flag.Bool("update", false, "write testdata anew")

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var (
	figure = regexp.MustCompile(`[ ]*[0-9][0-9.,]*`)
	frame  = regexp.MustCompile(`stage\.go:[0-9]+`) // where a hub's main comes from, in a report of tasks
)

// expected returns what is compared of an output: of a measured lesson, each figure is an N.
func expected(l lesson, out string) string {
	if l.measured {
		return figure.ReplaceAllString(out, " N")
	}
	return frame.ReplaceAllString(out, "stage.go:N")
}

// output returns what the lesson's program prints.
func output(t *testing.T, n int, lang string) string {
	t.Helper()
	var out bytes.Buffer
	s := &stage{out: &out, words: textOf(n, lang).words}
	require.NoError(t, lessons[n].run(s), file(n))
	return expected(lessons[n], out.String())
}

// Each lesson prints exactly this, in each language, each time.
func TestLessonsPrintWhatIsExpected(t *testing.T) {
	for n := range lessons {
		for _, lang := range languages {
			t.Run(fmt.Sprintf("%02d.%s", n+1, lang), func(t *testing.T) {
				got, name := output(t, n, lang), filepath.Join("testdata", fmt.Sprintf("%02d.%s.txt", n+1, lang))
				if *update {
					require.NoError(t, os.WriteFile(name, []byte(got), 0o600))
				}
				want, err := os.ReadFile(name)
				require.NoError(t, err)
				require.Equal(t, string(want), got)
				for line := range strings.Lines(got) {
					require.LessOrEqual(t, columns(line), 100, line)
				}
			})
		}
	}
}

// Around its output, a lesson prints its words, and its program if that is asked for.
func TestTeachPrintsAllParts(t *testing.T) {
	for n, l := range lessons {
		for _, lang := range languages {
			words := textOf(n, lang)
			lessons[n].run = func(s *stage) error { s.say("OUTPUT"); return nil }
			var plain, sourced bytes.Buffer
			require.NoError(t, teach(&plain, n, request{lang: lang}))
			require.NoError(t, teach(&sourced, n, request{lang: lang, source: true}))
			lessons[n].run = l.run

			head := fmt.Sprintf("%d. %s\n%s\n\n%s\n\n", n+1, words.title, words.summary, words.before)
			tail := fmt.Sprintf("%s\n\n    OUTPUT\n\n%s\n", phrases[lang].output, words.after)
			require.Equal(t, head+tail, plain.String())
			program, ok := strings.CutPrefix(sourced.String(), head)
			require.True(t, ok)
			program, ok = strings.CutSuffix(program, tail)
			require.True(t, ok)
			require.Contains(t, program, file(n))
			require.Contains(t, strings.ReplaceAll(program, "\n"+margin, "\n"), read(file(n)))
		}
	}
}
