package debug

import (
	"bytes"
	_ "embed"
	"html/template"
	"regexp"
	"slices"
	"strings"
	"time"
)

//go:embed index.html
var indexText string

// shown is how many tasks the index shows.
const shown = 500

var indexTemplate = template.Must(template.New("index").Funcs(template.FuncMap{
	"short": short,
	"terse": func(d any) string { // *time.Duration, too
		if p, ok := d.(*time.Duration); ok {
			return digits(*p, 3)
		}
		return digits(d.(time.Duration), 3)
	},
	"order": func(name string, hub int, present string) order { return order{name, hub, name == present} },
	"brief": func(text string) string {
		text = directories.ReplaceAllString(strings.TrimPrefix(text, "spawned at "), "$1")
		return packages.ReplaceAllString(text, "$1")
	},
	"number": func(column string) bool { return !slices.Contains(words, column) },
	"percent": func(part, whole time.Duration) float64 {
		return 100 * float64(part) / float64(max(whole, 1))
	},
}).Parse(indexText))

// shownCycles is how many cycles of tasks the index shows.
const shownCycles = 20

// directories finds places in files, whose names are brief with the last directory alone.
var directories = regexp.MustCompile(`[^\s(]*/([^/\s]+/[^/\s]+:\d+)`)

// packages finds functions, whose names are brief without the path of their package.
var packages = regexp.MustCompile(`\bin [^\s(]*/([^/\s]+ \()`)

// An order is a link that sorts.
type order struct {
	Name    string
	Hub     int
	Current bool
}

// columns are those of the table: holders are shown with what is waited for, and the parent with the name.
var columns = slices.DeleteFunc(slices.Clone(orderNames), func(name string) bool {
	return name == "holders" || name == "parent"
})

// words are the columns that hold no numbers.
var words = []string{"name", "state", "waits", "site"}

// listed is how many of the longest the index shows.
const listed = 5

// An overview is what the index shows.
type overview struct {
	Figures figures
	Table   *table
	Latency latency
	Hubs    []int // the numbers of all, if there are several
	Order   string
	Columns []string
	More    int // tasks that are not shown

	Chains     []string
	MoreChains int // that are not shown
}

func index(q *request) (*answer, error) {
	order, err := q.choice("sort", orderNames...)
	if err != nil {
		return nil, err
	}
	v := q.view
	seen, err := v.looks.ask(q.Context(), v, q.handler.patience, v.look)
	if err != nil {
		return nil, err
	}
	o := overview{Latency: seen.latency, Figures: seen.figures, Order: order, Columns: columns}
	if len(q.handler.views) > 1 {
		for i := range q.handler.views {
			o.Hubs = append(o.Hubs, i)
		}
	}
	return &answer{
		kind: "text/html; charset=utf-8", secure: "default-src 'none'; style-src 'unsafe-inline'; img-src data:; form-action 'self'",
		write: func() ([]byte, error) {
			o.Table = seen.table.sorted(order)
			o.More = max(len(o.Table.Tasks)-shown, 0)
			o.Table.Tasks = o.Table.Tasks[:len(o.Table.Tasks)-o.More]
			o.Chains = o.Table.chains[:min(len(o.Table.chains), shownCycles)]
			o.MoreChains = len(o.Table.chains) - len(o.Chains)
			for _, h := range []*histogram{&o.Latency.Delays, &o.Latency.Runs} {
				h.Longest = h.Longest[:min(len(h.Longest), listed)]
			}
			var b bytes.Buffer
			err := indexTemplate.Execute(&b, o)
			return b.Bytes(), err
		},
	}, nil
}
