package main

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// Around its output, a program has its words, and its source if that is asked for.
func TestShowPrintsAllParts(t *testing.T) {
	for _, p := range programs {
		for _, lang := range languages {
			words := textOf(p, lang)
			silent := program{p.name, func(s stage) error { s.say("OUTPUT"); return nil }}
			var plain, sourced bytes.Buffer
			require.NoError(t, show(&plain, silent, request{lang: lang}))
			require.NoError(t, show(&sourced, silent, request{lang: lang, source: true}))

			head := fmt.Sprintf("%s: %s\n%s\n\n%s\n\n", p.name, words.title, words.summary, words.before)
			tail := fmt.Sprintf("%s\n\n    OUTPUT\n\n%s\n", phrases[lang].output, words.after)
			require.Equal(t, head+tail, plain.String())
			source, ok := strings.CutPrefix(sourced.String(), head)
			require.True(t, ok)
			source, ok = strings.CutSuffix(source, tail)
			require.True(t, ok)
			require.Contains(t, source, p.name+".go")
			require.Contains(t, strings.ReplaceAll(source, "\n"+margin, "\n"), read(p.name+".go"))
		}
	}
}
