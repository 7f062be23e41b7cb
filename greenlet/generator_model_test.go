package greenlet

import (
	"fmt"
	"runtime"
	"testing"

	"pgregory.net/rapid"
)

// Random programs of a handful of generators, which ask, end and yield through one another, are run twice: by this
// package, and by a model that knows no stacks, only a position in each program (generator_machine_test.go). Both must
// write down the same.

type genKind int

const (
	genYield genKind = iota // through the Yielder of arg: its own, or that of one inside which it runs
	genYieldErr
	genNext
	genSend
	genThrow
	genClose
	genFrom
	genPanic
	genGoexit
	genReturn
	genFail
)

func (k genKind) String() string {
	return [...]string{"yield", "yieldErr", "next", "send", "throw", "close", "from", "panic", "goexit", "return", "fail"}[k]
}

// A genOp is one step of a program; arg is the number of a generator, counted from 1. One that is deferred runs when
// the body ends.
type genOp struct {
	kind     genKind
	arg      int
	by       int // of genFrom: whose Yielder
	deferred bool
}

func (o genOp) String() string {
	text := fmt.Sprint(o.kind, " ", o.arg)
	if o.kind == genFrom {
		text += fmt.Sprint(" by ", o.by)
	}
	if o.deferred {
		return "defer " + text
	}
	return text
}

// A genScript is what each generator does; number 0 is their consumer, each step of which is a greenlet of its own.
// Those that catch go on after a panic.
type genScript struct {
	ops     [][]genOp
	catches []bool
}

func drawGenScript(t *rapid.T) genScript {
	n := rapid.IntRange(1, 4).Draw(t, "generators")
	p := genScript{}
	for i := range n + 1 {
		kinds := []genKind{
			genNext, genNext, genNext, genSend, genThrow, genClose, genFrom, genFrom, genYield, genYield, genYield, genYield,
			genYieldErr, genYieldErr, genPanic, genGoexit, genReturn, genFail,
		}
		if i == 0 {
			kinds = kinds[:6]
		}
		p.ops = append(p.ops, rapid.SliceOfN(rapid.Custom(func(t *rapid.T) genOp {
			o := genOp{kind: rapid.SampledFrom(kinds).Draw(t, "kind"), arg: rapid.IntRange(1, n).Draw(t, "arg")}
			if o.kind <= genYieldErr && rapid.Bool().Draw(t, "own") {
				o.arg = i
			}
			if o.kind == genFrom {
				if o.by = i; rapid.Bool().Draw(t, "other's") {
					o.by = rapid.IntRange(1, n).Draw(t, "by")
				}
			}
			o.deferred = i > 0 && o.kind < genReturn && rapid.IntRange(0, 3).Draw(t, "deferred") == 0
			return o
		}), 1, 7+3*(1-min(i, 1))).Draw(t, fmt.Sprint("program ", i)))
		p.catches = append(p.catches, i == 0 || rapid.Bool().Draw(t, "catches"))
	}
	return p
}

// A genWorld runs a program with this package.
type genWorld struct {
	genScript
	gs    []*Generator[int, int]
	lines []string
}

// through returns the Yielder of a generator, which may not have started.
func (w *genWorld) through(i int) *Yielder[int, int] { return w.gs[i].yielder }

func (w *genWorld) say(format string, args ...any) {
	w.lines = append(w.lines, fmt.Sprintf(format, args...))
}

func (p genScript) real() []string {
	w := &genWorld{genScript: p, gs: make([]*Generator[int, int], len(p.ops))}
	for i := 1; i < len(w.gs); i++ {
		w.gs[i] = Generate(func(*Yielder[int, int]) error { return w.body(i) })
	}
	w.main()
	for i, g := range w.gs[1:] {
		w.say("%d in the end: %v", i+1, g.Err())
	}
	return w.lines
}

func (w *genWorld) main() {
	defer func() {
		if v := recover(); v != nil {
			w.say("the end panics: %v", v)
		}
	}()
	_ = Run(func() error {
		for at, o := range w.ops[0] {
			ended := false
			_, _ = New(func(...any) (any, error) {
				w.step(0, at, o)
				ended = true
				return nil, nil
			}).Switch()
			if !ended {
				w.say("0 exits")
			}
		}
		for i, g := range w.gs[1:] {
			w.say("%d: %v", i+1, g.Err())
		}
		return nil
	})
}

func (w *genWorld) body(i int) error {
	w.say("%d starts", i)
	defer w.say("%d ends", i)
	for at, o := range w.ops[i] {
		switch {
		case o.deferred:
			defer w.step(i, at, o)
		case o.kind == genReturn:
			return nil
		case o.kind == genFail:
			return fmt.Errorf("error of %d", i)
		default:
			w.step(i, at, o)
		}
	}
	return nil
}

// value is what op number at of i yields, sends or panics with.
func value(i, at int) int { return 100*i + at + 1 }

func genError(i, at int) error { return fmt.Errorf("thrown %d", value(i, at)) }

func (w *genWorld) step(i, at int, o genOp) {
	if w.catches[i] {
		defer func() {
			if v := recover(); v != nil {
				w.say("%d caught %v", i, v)
			}
		}()
	}
	g, n := w.gs[o.arg], value(i, at)
	switch o.kind {
	case genYield:
		w.say("%d yield: %v", i, w.through(o.arg).Yield(n))
	case genYieldErr:
		v, err := w.through(o.arg).YieldErr(n)
		w.say("%d yieldErr: %v %v", i, v, err)
	case genNext:
		v, ok := g.Next()
		w.say("%d next: %v %v %v", i, v, ok, g.Err())
	case genSend:
		v, err := g.Send(n)
		w.say("%d send: %v %v", i, v, err)
	case genThrow:
		v, err := g.Throw(genError(i, at))
		w.say("%d throw: %v %v", i, v, err)
	case genClose:
		w.say("%d close: %v", i, g.Close())
	case genFrom:
		w.say("%d from: %v", i, w.through(o.by).From(g))
	case genPanic:
		panic(fmt.Sprint("panic ", n))
	case genGoexit:
		runtime.Goexit()
	}
}

func TestRandomGeneratorsBehaveAsTheModel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := drawGenScript(t)
		real, want := p.real(), p.modelled()
		for i := range max(len(real), len(want)) {
			if i >= len(real) || i >= len(want) || real[i] != want[i] {
				t.Fatalf("line %d differs\nprogram %v\nreal  %q\nmodel %q", i, p, real, want)
			}
		}
	})
}
