//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd

package gevent

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// outsideTheSuite are the calls that park and have no row in the suite: those that are no more than others in a loop or around
// a function, and those that do not fit, with the test that has them instead.
var outsideTheSuite = map[string]string{
	"Channel.All":         "Get, in a loop",
	"outlet.All":          "Get, in a loop",
	"RecvAll":             "Recv, in a loop",
	"SharedQueue.All":     "Get, in a loop",
	"Signals.All":         "Wait, in a loop",
	"Condition.WaitFor":   "Wait, in a loop",
	"Lock.With":           "Acquire, around a function",
	"RLock.With":          "Acquire, around a function",
	"Semaphore.With":      "Acquire, around a function",
	"Dial":                "TestInterruptedDial",      // nobody can admit it soon
	"File.Close":          "TestKilledOpenAndClose",   // once only
	"Idle":                "TestIdleWhileOthersSleep", // it is over as soon as the test waits
	"Listen":              "TestInterruptedLookUp",    // it parks for the look-up of a name alone, as Dial does
	"ListenConfig.Listen": "TestInterruptedLookUp",
	"StreamServer.Serve":  "TestServerKilled",    // once only
	"StreamServer.Stop":   "TestInterruptedStop", // it returns no error

	"StreamServer.ServeContext": "TestServeContextInterrupted", // once only
}

// standFor are exported types for those that are a part of several, whose calls these have.
var standFor = map[string][]string{
	"conn":       {"TCPConn", "UnixConn"},
	"listener":   {"TCPListener", "UnixListener"},
	"members":    {"Group"},
	"outlet":     {"Queue", "LifoQueue", "PriorityQueue", "SimpleQueue"},
	"queue":      {"Queue", "LifoQueue", "PriorityQueue"},
	"streamConn": {"TCPConn", "UnixConn"},
}

func TestEachCallThatParksIsInTheSuite(t *testing.T) {
	calls, tests := parkingCalls(t)
	require.Greater(t, len(calls), 100)
	rows := map[string]bool{}   // calls that have a row
	limits := map[string]bool{} // with a timeout
	for name, row := range suite {
		name, _, _ = strings.Cut(name, "/")
		rows[name] = true
		row.in(t, func(w interruptible) {
			limits[name] = limits[name] || w.timed != nil
			g := Spawn(w.call)
			parked(t, g)
			w.admit()
			require.NoError(t, g.Get())
			w.over(t)
		})
	}
	excused := map[string]bool{}
	for call := range calls {
		base, timed := strings.CutSuffix(call, "Timeout")
		typ, method, isMethod := strings.Cut(base, ".")
		names := []string{base}
		if types := standFor[typ]; isMethod && types != nil {
			names = nil
			for _, typ := range types {
				names = append(names, typ+"."+method)
			}
		}
		for _, name := range names {
			switch reason, out := outsideTheSuite[base]; {
			case rows[name] && (!timed || limits[name]):
				require.False(t, out, "%s has a row, and is excused", name)
			case out:
				excused[base] = true
				require.True(t, !strings.HasPrefix(reason, "Test") || tests[reason], "%s: there is no %s", base, reason)
			default:
				t.Errorf("%s parks, and has no row in the suite (see addInterruptible)", call)
			}
		}
	}
	for call := range outsideTheSuite {
		require.True(t, excused[call], "%s does not park", call)
	}
}

// parkingCalls returns the exported functions and methods of the package of which their text says that they park, and its tests.
func parkingCalls(t *testing.T) (calls, tests map[string]bool) {
	entries, err := os.ReadDir(".")
	require.NoError(t, err)
	calls, tests = map[string]bool{}, map[string]bool{}
	for _, e := range entries {
		if !strings.HasSuffix(e.Name(), ".go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), e.Name(), nil, parser.ParseComments|parser.SkipObjectResolution)
		require.NoError(t, err)
		for _, d := range file.Decls {
			fn, ok := d.(*ast.FuncDecl)
			switch {
			case !ok:
			case strings.HasSuffix(e.Name(), "_test.go"):
				tests[fn.Name.Name] = fn.Recv == nil || tests[fn.Name.Name]
			case fn.Name.IsExported() && strings.Contains(strings.Join(strings.Fields(fn.Doc.Text()), " "), "Parks"):
				calls[receiver(fn)+fn.Name.Name] = true
			}
		}
	}
	return calls, tests
}

// receiver returns the name of the type of which fn is a method, with a dot, empty for a function.
func receiver(fn *ast.FuncDecl) string {
	if fn.Recv == nil {
		return ""
	}
	typ := fn.Recv.List[0].Type
	for {
		switch x := typ.(type) {
		case *ast.StarExpr:
			typ = x.X
		case *ast.IndexExpr:
			typ = x.X
		case *ast.IndexListExpr:
			typ = x.X
		default:
			return typ.(*ast.Ident).Name + "."
		}
	}
}
