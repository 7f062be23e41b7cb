package chart

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"html"
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"greenloop/internal/browser"
)

func page(t *testing.T) string {
	return saved(t, "page.html", func(w io.Writer) error { return HTML(w, example(), "go run . -html 'a <b>.html'") })
}

// What a browser makes of the page is what the report says, and nothing is wrong with it.
func TestHTML(t *testing.T) {
	const script = `({
		heat: [...document.querySelectorAll(".heat td")].map(td =>
			[td.className, ...td.querySelectorAll("b, span")].map(e => e.textContent ?? e).join(" ").trim()),
		figures: [...document.querySelectorAll("#ring .figures tr:nth-child(2) td")].map(td => td.lastChild.textContent.trim()),
		skipped: document.querySelector(".skipped").textContent,
		anchors: [...document.querySelectorAll("a")].map(a => document.querySelector(a.hash).querySelector("h2").textContent),
		bars: [...document.querySelectorAll("#ring .bar")].map(bar => bar.getBoundingClientRect().width),
		texts: ["header .machine", "#sum .what", "#sum .conclusion p", "code"].map(s => document.querySelector(s).textContent),
	})`
	var got struct {
		Heat, Figures, Anchors, Texts []string
		Skipped                       string
		Bars                          []float64
	}
	require.NoError(t, json.Unmarshal([]byte(browser.Open(t, page(t), script)), &got))
	require.Equal(t, []string{
		"same 1.0× 151 ns", "more1 1.3× 198 ns", "more1 2.1× 312 ns", "more3 35× 5.21 µs", "more3 11× 1.72 µs",
		"more4 208× 31.4 µs", "none –",
		"same 1.0× 0.310 ns", "same 1.0× 0.312 ns", "less3 0.084× 0.0260 ns", "none – skipped", "more1 2.9× 0.900 ns", "none –",
		"more2 3.5× 1.10 ns",
	}, got.Heat)
	require.Equal(t, []string{"10,000", "1.98 ms", "198 ns", "1.3×", "184 ns – 228 ns", "1.98 ms", "3.0 MiB", "–", "12,345"},
		got.Figures)
	require.Contains(t, got.Skipped, `skipped: python3 has "no" <gevent> & 'more' ]]> [31mred`)
	require.Equal(t, []string{"Thread ring", `A "sum" <of> numbers & more`}, got.Anchors)
	require.Len(t, got.Bars, 6)
	bars := got.Bars
	require.IsIncreasing(t, []float64{bars[0], bars[1], bars[2], bars[4], bars[3], bars[5]})
	require.Equal(t, []string{
		machine(example().Machine), "Eight members share a sum.", "Cores win.", "go run . -html 'a <b>.html'",
	}, got.Texts)
}

//go:embed look_test.js
var look string

// In wide and narrow windows, light and dark, nothing is cut off or covered, and all text has the contrast of WCAG's AA.
func TestHTMLLooks(t *testing.T) {
	var text strings.Builder
	require.NoError(t, HTML(&text, example(), "go run . -html report.html"))
	frames := saved(t, "frames.html", func(w io.Writer) error {
		_, err := io.WriteString(w, "<!doctype html><meta charset=utf-8>")
		for _, scheme := range []string{"light", "dark"} {
			for _, width := range []int{380, 960, 961, 1200} {
				fmt.Fprintf(w, `<iframe title="%s %d" width=%d height=800 style="border:0;color-scheme:%s" srcdoc="%s"></iframe>`,
					scheme, width, width, scheme, html.EscapeString(text.String()))
			}
		}
		return err
	})
	var got map[string]struct {
		Dark, Scrolls bool
		Faint, Cut    []string
		Texts         int
	}
	require.NoError(t, json.Unmarshal([]byte(browser.Open(t, frames, look)), &got))
	require.Len(t, got, 8)
	for name, page := range got {
		require.Equal(t, strings.HasPrefix(name, "dark"), page.Dark, name)
		require.False(t, page.Scrolls, name)
		require.Empty(t, page.Faint, name)
		require.Empty(t, page.Cut, name)
		require.Greater(t, page.Texts, 100, name)
	}
}
