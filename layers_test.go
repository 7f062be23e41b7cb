package greenloop_test

import (
	"cmp"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"
)

// A layer says what the packages of one directory may import beside the standard library. Paths without a dot in their
// first element are the module's own; "a/..." is a and all below it.
type layer struct {
	dir     string
	imports []string
	tests   []string // what only its _test.go files may import, beside inTests
}

const unix = "golang.org/x/sys/unix"

// The layers, from the bottom up; the first row that matches a directory counts.
//
// This is a statement of policy: do not change it to make a build pass. A package that wants an import that is not
// here is in the wrong layer, or asks for an interface that it declares itself, as sched does with its Poller. Change a row
// only together with docs/DESIGN.md, and say there why.
var layers = []layer{
	{dir: "."},
	{dir: "runtime"},
	{dir: "runtime/coro"},
	{dir: "netpoll", imports: []string{unix}},
	{dir: "sched", imports: []string{"runtime/coro"}, tests: []string{"sched/schedtest"}},
	{dir: "sched/schedtest", imports: []string{"runtime/coro", "sched"}},
	{dir: "sched/eventlog", imports: []string{"sched"}, tests: []string{"greenlet", "sched/schedtest"}},
	{dir: "greenlet", imports: []string{"runtime/coro"}},
	{dir: "gevent", imports: []string{unix, "runtime/coro", "sched", "netpoll", "greenlet"}, tests: []string{"sched/schedtest", "gevent/..."}},
	{dir: "gevent/debug", imports: []string{"gevent", "sched", "sched/eventlog"}, tests: []string{"gevent/...", "sched/schedtest"}},
	{dir: "gevent/...", imports: []string{unix, "gevent/..."}, tests: []string{"sched", "sched/schedtest"}},
	{dir: "internal/...", imports: []string{"internal/...", "runtime/coro", "sched", "netpoll", "greenlet", "gevent/..."}, tests: []string{"sched/schedtest"}},
	{dir: "examples/...", imports: []string{unix, "examples/...", "runtime/coro", "sched/...", "netpoll", "greenlet", "gevent/..."}},
}

// inTests is what each _test.go file may import on top of its layer's row, besides the package that it tests.
var inTests = []string{
	"internal/...",
	"github.com/stretchr/testify/...",
	"go.uber.org/goleak",
	"golang.org/x/exp/stats",
	"golang.org/x/exp/trace",
	"golang.org/x/net/nettest",
	"pgregory.net/rapid",
}

// joint is the only file outside examples and tests that may import both a scheduler and a poller.
const joint = "gevent/hub.go"

// topLevel is everything that may lie at the top of the module.
var topLevel = []string{
	".ci", ".git", ".gitignore", ".golangci.yml", "CHANGELOG.md", "CONTRIBUTING.md", "LICENSE", "Makefile", "README*.md",
	"SECURITY.md", "bench", "docs", "docs_test.go", "examples", "gevent", "go.mod", "go.sum", "greenlet", "internal",
	"layers_test.go", "netpoll", "runtime", "sched",
}

const maxLines = 500

// A goFile is one .go file of the module or of a module nested in it, whatever GOOS and build tags it is for.
type goFile struct {
	name   string
	lines  int
	syntax *ast.File
	nested bool // in a module of its own, with requirements of its own
}

func (f *goFile) test() bool { return strings.HasSuffix(f.name, "_test.go") }

func (f *goFile) imports() []string {
	var paths []string
	for _, spec := range f.syntax.Imports {
		p, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			panic(err) // the parser has seen to it
		}
		paths = append(paths, p)
	}
	return paths
}

// goFiles reads all files with os.ReadFile underneath, so that go test knows that its cached result depends on them.
func goFiles(module fs.FS) ([]*goFile, error) {
	var files []*goFile
	var nested []string
	err := fs.WalkDir(module, ".", func(name string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir():
			if name != "." && (strings.HasPrefix(entry.Name(), ".") || strings.HasPrefix(entry.Name(), "_") || entry.Name() == "testdata") {
				return fs.SkipDir // as the go command does
			}
			if _, err := fs.Stat(module, path.Join(name, "go.mod")); err == nil && name != "." {
				nested = append(nested, name+"/")
			}
			return nil
		case path.Ext(name) != ".go":
			return nil
		}
		src, err := fs.ReadFile(module, name)
		if err != nil {
			return err
		}
		syntax, err := parser.ParseFile(token.NewFileSet(), name, src, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		inNested := slices.ContainsFunc(nested, func(dir string) bool { return strings.HasPrefix(name, dir) })
		files = append(files, &goFile{name, strings.Count(string(src), "\n"), syntax, inNested})
		return nil
	})
	return files, err
}

// modulePath reads the module's path from its go.mod, the one place where it is written down.
func modulePath(module fs.FS) (string, error) {
	mod, err := fs.ReadFile(module, "go.mod")
	if err != nil {
		return "", err
	}
	for line := range strings.Lines(string(mod)) {
		if words := strings.Fields(line); len(words) >= 2 && words[0] == "module" {
			return words[1], nil
		}
	}
	return "", fmt.Errorf("go.mod has no module line")
}

// violations lists what in the module breaks the policy above, in the order of the files.
func violations(module fs.FS) ([]string, error) {
	self, err := modulePath(module)
	if err != nil {
		return nil, err
	}
	files, err := goFiles(module)
	if err != nil {
		return nil, err
	}
	var found []string
	for _, f := range files {
		found = append(found, magic(f)...)
		if !f.nested {
			found = append(found, imports(self, f)...)
		}
		if f.lines > maxLines && !f.test() {
			found = append(found, fmt.Sprintf("%s has %d lines, more than %d: split it by noun", f.name, f.lines, maxLines))
		}
	}
	return found, nil
}

// magic finds what makes a program depend on a C compiler or on the inside of the runtime. Only bench, which compares
// against just that, may.
func magic(f *goFile) []string {
	if strings.HasPrefix(f.name, "bench/") {
		return nil
	}
	var found []string
	if slices.Contains(f.imports(), "C") {
		found = append(found, f.name+` imports "C"`)
	}
	for _, group := range f.syntax.Comments {
		for _, comment := range group.List {
			if strings.HasPrefix(comment.Text, "//go:linkname") {
				found = append(found, f.name+" uses //go:linkname")
			}
		}
	}
	return found
}

// imports finds the imports of f that its layer must not have.
func imports(self string, f *goFile) []string {
	dir := path.Dir(f.name)
	at := slices.IndexFunc(layers, func(l layer) bool { return matches(l.dir, dir) })
	if at < 0 {
		return []string{fmt.Sprintf("%s: the directory %s belongs to no layer", f.name, dir)}
	}
	allowed := layers[at].imports
	if f.test() {
		allowed = slices.Concat(allowed, layers[at].tests, inTests, []string{dir})
	}
	var found, own []string
	for _, p := range f.imports() {
		p, ours := strings.CutPrefix(p, self+"/")
		first, _, _ := strings.Cut(p, "/")
		if !ours && !strings.Contains(first, ".") {
			continue // the standard library's
		}
		if ours {
			own = append(own, p)
		}
		if !slices.ContainsFunc(allowed, func(pattern string) bool { return ours == isOwn(pattern) && matches(pattern, p) }) {
			found = append(found, fmt.Sprintf("%s imports %s; beside the standard library, it may import %s",
				f.name, p, cmp.Or(strings.Join(allowed, ", "), "nothing")))
		}
	}
	if slices.Contains(own, "sched") && slices.Contains(own, "netpoll") &&
		f.name != joint && !f.test() && !strings.HasPrefix(f.name, "examples/") {
		found = append(found, fmt.Sprintf("%s imports both sched and netpoll; only %s may", f.name, joint))
	}
	return found
}

func isOwn(pattern string) bool {
	first, _, _ := strings.Cut(pattern, "/")
	return first == "." || !strings.Contains(first, ".")
}

func matches(pattern, p string) bool {
	if below, ok := strings.CutSuffix(pattern, "/..."); ok {
		return p == below || strings.HasPrefix(p, below+"/")
	}
	return p == pattern
}

// strays lists the top-level entries that are neither in topLevel nor ignored by git.
func strays(module fs.FS) ([]string, error) {
	entries, err := fs.ReadDir(module, ".")
	if err != nil {
		return nil, err
	}
	ignored, err := fs.ReadFile(module, ".gitignore")
	if err != nil {
		return nil, err
	}
	patterns := slices.Concat(topLevel, strings.Fields(string(ignored)))
	var found []string
	for _, entry := range entries {
		if !slices.ContainsFunc(patterns, func(pattern string) bool {
			ok, err := path.Match(pattern, entry.Name())
			return ok && err == nil
		}) {
			found = append(found, entry.Name())
		}
	}
	return found, nil
}

func TestLayers(t *testing.T) {
	module := os.DirFS(".")
	files, err := goFiles(module)
	require.NoError(t, err)
	require.True(t, slices.ContainsFunc(files, func(f *goFile) bool { return f.name == "runtime/coro/coro.go" }), "the check has not seen the module")
	found, err := violations(module)
	require.NoError(t, err)
	require.Empty(t, found, strings.Join(found, "\n"))
}

func TestTopLevelHoldsWhatTheDesignNames(t *testing.T) {
	found, err := strays(os.DirFS("."))
	require.NoError(t, err)
	require.Empty(t, found, "put them where they belong: code in a layer, texts in docs, tools in .ci or bench")
}

// The checks above pass when they find nothing; the tests below show that they do find something.

func fixture(files map[string]string) fs.FS {
	module := fstest.MapFS{"go.mod": {Data: []byte("module example.org/some/module\n\ngo 1.26.0\n")}, ".gitignore": {Data: []byte("*.out\n")}}
	for name, src := range files {
		module[name] = &fstest.MapFile{Data: []byte(src)}
	}
	return module
}

func importing(paths ...string) string {
	src := "package p\n"
	for _, p := range paths {
		src += "import _ " + strconv.Quote(strings.Replace(p, "@", "example.org/some/module", 1)) + "\n"
	}
	return src
}

func TestViolationsAreReported(t *testing.T) {
	const nothing = ""
	cases := []struct{ name, src, want string }{
		{"runtime/coro/a.go", importing("iter", "net/http"), nothing},
		{"runtime/coro/a.go", importing("@/internal/x"), "imports internal/x; beside the standard library, it may import nothing"},
		{"runtime/coro/a_plan9.go", importing("@/sched"), "imports sched"},
		{"runtime/coro/a.go", "//go:build ignore\n\n" + importing("@/sched"), "imports sched"},
		{"runtime/coro/a.go", importing(unix), "imports " + unix},
		{"runtime/coro/a_test.go", importing("testing", "@/runtime/coro", "github.com/stretchr/testify/require", "go.uber.org/goleak"), nothing},
		{"runtime/coro/a_test.go", importing("@/sched"), "imports sched"},
		{"netpoll/a.go", importing(unix), nothing},
		{"netpoll/a.go", importing("golang.org/x/sys/unix/more"), "imports golang.org/x/sys/unix/more"},
		{"netpoll/a.go", importing("@/runtime/coro"), "imports runtime/coro"},
		{"netpoll/a.go", importing("example.org/some/modulelike"), "imports example.org/some/modulelike"},
		{"sched/a.go", importing("@/runtime/coro"), nothing},
		{"sched/a.go", importing("@/netpoll"), "imports netpoll"},
		{"sched/a.go", importing("@/sched/schedtest"), "imports sched/schedtest"},
		{"sched/a.go", importing("sched"), nothing},
		{"sched/a_test.go", importing("@/sched/schedtest", "pgregory.net/rapid"), nothing},
		{"sched/schedtest/a.go", importing("@/sched", "@/runtime/coro"), nothing},
		{"sched/schedtest/a.go", importing("github.com/stretchr/testify/require"), "imports github.com/stretchr/testify/require"},
		{"greenlet/a.go", importing("@/runtime/coro"), nothing},
		{"greenlet/a.go", importing("@/sched"), "imports sched"},
		{"gevent/hub.go", importing("@/sched", "@/netpoll", "@/greenlet", unix), nothing},
		{"gevent/a.go", importing("@/sched", "@/netpoll"), "only gevent/hub.go may"},
		{"gevent/a.go", importing("golang.org/x/exp/trace"), "imports golang.org/x/exp/trace"},
		{"gevent/http/a.go", importing("@/gevent", "@/gevent/http/x"), nothing},
		{"gevent/http/a.go", importing("@/sched"), "imports sched"},
		{"examples/x/a.go", importing("@/gevent/http", "@/sched", "@/netpoll"), nothing},
		{"examples/x/a.go", importing("github.com/gorilla/websocket"), "imports github.com/gorilla/websocket"},
		{"elsewhere/a.go", importing("fmt"), "the directory elsewhere belongs to no layer"},
		{"sched/a.go", importing("C"), `imports "C"`},
		{"sched/a_test.go", importing("C"), `imports "C"`},
		{"sched/a.go", "package p\n\nimport _ \"unsafe\"\n\n//go:linkname f runtime.f\nfunc f()\n", "uses //go:linkname"},
		{"sched/a.go", "package p\n\nconst s = \"//go:linkname\"\n", nothing},
		{"sched/a.go", "package p\n" + strings.Repeat("\n", maxLines), "has 501 lines"},
		{"sched/a.go", "package p\n" + strings.Repeat("\n", maxLines-1), nothing},
		{"sched/a_test.go", "package p\n" + strings.Repeat("\n", maxLines), nothing},
		{"sched/testdata/a.go", importing("@/netpoll"), nothing},
	}
	for _, c := range cases {
		found, err := violations(fixture(map[string]string{c.name: c.src}))
		require.NoError(t, err)
		if c.want == nothing {
			require.Empty(t, found, c.src)
			continue
		}
		require.Len(t, found, 1, c.src)
		require.Contains(t, found[0], c.name)
		require.Contains(t, found[0], c.want)
	}
}

func TestNestedModulesChooseTheirOwnImports(t *testing.T) {
	found, err := violations(fixture(map[string]string{
		"bench/go.mod":        "module example.org/some/module/bench\n",
		"bench/x/a.go":        importing("C", "github.com/cloudwego/netpoll"),
		"examples/ws/go.mod":  "module example.org/some/module/examples/ws\n",
		"examples/ws/a.go":    importing("github.com/gorilla/websocket"),
		"examples/ws/b.go":    importing("C"),
		"examples/wsx/sub.go": importing("github.com/gorilla/websocket"),
	}))
	require.NoError(t, err)
	require.Len(t, found, 2)
	require.Contains(t, found[0], `examples/ws/b.go imports "C"`)
	require.Contains(t, found[1], "examples/wsx/sub.go imports github.com/gorilla/websocket")
}

func TestWhatCannotBeCheckedIsAnError(t *testing.T) {
	_, err := violations(fixture(map[string]string{"sched/a.go": "not go"}))
	require.Error(t, err)
	_, err = violations(fixture(map[string]string{"go.mod": "go 1.26\n"}))
	require.ErrorContains(t, err, "no module line")
	_, err = violations(fstest.MapFS{})
	require.ErrorIs(t, err, fs.ErrNotExist)
}

func TestStraysAreReported(t *testing.T) {
	found, err := strays(fixture(map[string]string{"README.de.md": "", "cpu.out": "", "util/a.go": "", "Dockerfile": "", "sched/x": ""}))
	require.NoError(t, err)
	require.Equal(t, []string{"Dockerfile", "util"}, found)
}
