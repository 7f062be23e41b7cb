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

	"greenloop/examples/internal/teach"
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
	s := &stage{out: &out, words: course.Text(n, lang).Words}
	require.NoError(t, lessons[n].run(s), lessons[n].name)
	return expected(lessons[n], out.String())
}

// Each lesson prints exactly this, in each language, each time.
func TestLessonsPrintWhatIsExpected(t *testing.T) {
	for n := range lessons {
		for _, lang := range teach.Languages {
			t.Run(fmt.Sprintf("%02d.%s", n+1, lang), func(t *testing.T) {
				got, name := output(t, n, lang), filepath.Join("testdata", fmt.Sprintf("%02d.%s.txt", n+1, lang))
				if *update {
					require.NoError(t, os.WriteFile(name, []byte(got), 0o600))
				}
				want, err := os.ReadFile(name)
				require.NoError(t, err)
				require.Equal(t, string(want), got)
				require.Empty(t, teach.Wide(got))
			})
		}
	}
}

// The texts are whole, and a program is a page.
func TestTextsOfTheLessons(t *testing.T) {
	require.Empty(t, course.Faults())
	for n := range lessons {
		require.LessOrEqual(t, strings.Count(course.Source(n), "\n"), 80, lessons[n].name)
	}
}
