package eventlog

import (
	"cmp"
	"embed"
	"html/template"
	"io"
	"strings"
)

//go:embed page
var pageFiles embed.FS

var pageTemplate = template.Must(template.ParseFS(pageFiles, "page/page.html"))

// pageScripts are the page's own code, in the order in which it stands there.
var pageScripts = []string{"words.js", "replay.js", "rows.js", "timeline.js", "draw.js", "panels.js", "lists.js", "page.js"}

// HTMLOptions is what WriteHTML takes. The zero value is fine.
type HTMLOptions struct {
	Title string // "" means "Recording"
	Lang  string // of the words of the page: "en", which "" means, or "zh"; the program's own texts stay as they are
}

// WriteHTML writes a page that steps through r, forward and back: who runs, who waits, for what, and who woke whom. It is
// one file that loads nothing. Where r has lines of the program (Config.Lines), and their files can be read now, those
// lines and a few around them are in it, too: mind that before you show it around. Safe from any goroutine.
//
// It fails with w, and for a language that it does not know.
func (r *Recording) WriteHTML(w io.Writer, o HTMLOptions) error {
	words, err := wordsOf(o.Lang)
	if err != nil {
		return err
	}
	var script strings.Builder
	for _, name := range pageScripts {
		script.Write(pageFile(name))
	}
	return pageTemplate.Execute(w, map[string]any{
		"Title":     cmp.Or(o.Title, words.recording),
		"Lang":      words.lang,
		"Style":     template.CSS(pageFile("page.css")),
		"Script":    template.JS(script.String()),
		"Recording": r.page(),
	})
}

func pageFile(name string) []byte {
	text, err := pageFiles.ReadFile("page/" + name)
	if err != nil {
		panic(err) // they are in the binary
	}
	return text
}
