package greenlet

import (
	"errors"
	"fmt"
	"runtime"
	"testing"

	"pgregory.net/rapid"
)

// Random programs of a handful of greenlets are run twice: by this package, and by a model that knows no stacks, only a
// position in each program. Both must write down the same.

type opKind int

const (
	opSwitch opKind = iota
	opThrow
	opExit // throws ErrExit
	opKill
	opParent
	opReturn
	opFail
	opPanic
	opGoexit
)

// An op is one step of a program; arg is the number of a greenlet, 0 the main one; opParent makes it the parent of child.
type op struct {
	kind  opKind
	arg   int
	child int
}

// A program is what each greenlet does; those that catch go on after an error or a panic.
type program struct {
	ops     [][]op
	catches []bool
	traced  bool // write down what a tracer is told, too
}

func genProgram(t *rapid.T) program {
	n := rapid.IntRange(2, 6).Draw(t, "greenlets")
	p := program{traced: rapid.Bool().Draw(t, "traced")}
	for i := range n {
		p.ops = append(p.ops, rapid.SliceOfN(rapid.Custom(func(t *rapid.T) op {
			kinds := []opKind{opSwitch, opSwitch, opSwitch, opSwitch, opThrow, opExit, opKill, opParent, opReturn, opFail, opPanic, opGoexit}
			if i == 0 {
				kinds = kinds[:8] // main ends with its program
			}
			o := op{kind: rapid.SampledFrom(kinds).Draw(t, "kind"), arg: rapid.IntRange(0, n-1).Draw(t, "arg")}
			if o.kind == opParent {
				o.child = rapid.IntRange(0, n-1).Draw(t, "child")
			}
			return o
		}), 1, 6).Draw(t, fmt.Sprint("program ", i)))
		p.catches = append(p.catches, i == 0 || rapid.Bool().Draw(t, "catches"))
	}
	return p
}

func sayGot(i int, v any, err error) string { return fmt.Sprintf("%d got %v %v", i, v, err) }

// real runs p with this package.
func (p program) real() (lines []string) {
	say := func(format string, args ...any) { lines = append(lines, fmt.Sprintf(format, args...)) }
	_ = Run(func() error {
		gs := make([]*Greenlet, len(p.ops))
		gs[0] = Current()
		step := func(i int, o op) (v, caught any, err error) {
			if p.catches[i] {
				defer func() { caught = recover() }()
			}
			switch o.kind {
			case opSwitch:
				v, err = gs[o.arg].Switch(i)
			case opThrow:
				v, err = gs[o.arg].Throw(fmt.Errorf("thrown by %d", i))
			case opExit:
				v, err = gs[o.arg].Throw(ErrExit)
			case opKill:
				if o.arg != 0 {
					v, err = gs[o.arg].Kill()
				}
			case opParent:
				v = gs[o.child].SetParent(gs[o.arg])
			case opPanic:
				panic(fmt.Sprintf("panic of %d", i))
			case opGoexit:
				runtime.Goexit()
			}
			return v, nil, err
		}
		play := func(i int) (any, error) {
			for _, o := range p.ops[i] {
				switch o.kind {
				case opReturn:
					return fmt.Sprintf("value of %d", i), nil
				case opFail:
					return nil, fmt.Errorf("error of %d", i)
				}
				v, caught, err := step(i, o)
				if caught != nil {
					say("%d caught %v", i, caught)
					continue
				}
				say("%s", sayGot(i, v, err))
				if err != nil && !p.catches[i] {
					return nil, err
				}
			}
			return fmt.Sprintf("end of %d", i), nil
		}
		for i := 1; i < len(gs); i++ {
			gs[i] = New(func(args ...any) (any, error) {
				say("%d starts with %v", i, args)
				defer say("%d ends", i)
				return play(i)
			})
		}
		if p.traced {
			numbers := map[*Greenlet]int{}
			for i, g := range gs {
				numbers[g] = i
			}
			SetTrace(func(e Event, from, to *Greenlet) { say("%v %d>%d", e, numbers[from], numbers[to]) })
		}
		_, err := play(0)
		for i, g := range gs {
			say("%d %v %v", i, g.Started(), g.Dead())
		}
		return err
	})
	return lines
}

// A modelled greenlet has a position in its program instead of a stack.
type modelled struct {
	state  state
	begun  bool
	parent int // -1 for main
	pos    int
}

type sent struct {
	value any
	err   error
	panic any
}

type model struct {
	program
	gs      []modelled
	order   []int // started and not dead, the oldest first
	current int
	in      *sent // what the current one's pending call comes out with
	lines   []string
}

func (m *model) say(format string, args ...any) {
	m.lines = append(m.lines, fmt.Sprintf(format, args...))
}

func (p program) modelled() []string {
	m := &model{program: p}
	m.gs = make([]modelled, len(p.ops))
	m.gs[0] = modelled{state: running, begun: true, parent: -1}
	for m.step() {
	}
	for i, g := range m.gs {
		m.say("%d %v %v", i, g.begun, g.state == dead)
	}
	for len(m.order) > 0 {
		i := m.order[len(m.order)-1]
		m.trace(EventThrow, 0, i)
		m.bury(i)
		m.trace(EventSwitch, i, 0)
	}
	return m.lines
}

func (m *model) trace(e Event, from, to int) {
	if m.traced {
		m.say("%v %d>%d", e, from, to)
	}
}

// step runs what the current greenlet does next; it reports false at the end of main.
func (m *model) step() bool {
	i := m.current
	g := &m.gs[i]
	if in := m.in; in != nil {
		m.in = nil
		switch {
		case in.panic != nil && m.catches[i]:
			m.say("%d caught %v", i, in.panic)
		case in.panic != nil:
			m.end(i, *in)
		default:
			m.say("%s", sayGot(i, in.value, in.err))
			if in.err != nil && !m.catches[i] {
				m.end(i, sent{err: in.err})
			}
		}
		return true
	}
	if g.pos == len(m.ops[i]) {
		if i == 0 {
			return false
		}
		m.end(i, sent{value: fmt.Sprintf("end of %d", i)})
		return true
	}
	o := m.ops[i][g.pos]
	g.pos++
	m.do(i, o)
	return true
}

func (m *model) do(i int, o op) {
	switch o.kind {
	case opSwitch:
		m.send(o.arg, sent{value: i})
	case opThrow:
		m.send(o.arg, sent{err: fmt.Errorf("thrown by %d", i)})
	case opExit:
		m.send(o.arg, sent{err: ErrExit})
	case opKill:
		m.kill(i, o.arg)
	case opParent:
		m.in = &sent{value: m.adopt(o.child, o.arg)}
	case opReturn:
		m.end(i, sent{value: fmt.Sprintf("value of %d", i)})
	case opFail:
		m.end(i, sent{err: fmt.Errorf("error of %d", i)})
	case opPanic:
		if m.catches[i] {
			m.say("%d caught panic of %d", i, i)
			return
		}
		m.end(i, sent{panic: fmt.Sprintf("panic of %d", i)})
	case opGoexit:
		m.end(i, sent{err: ErrExit})
	}
}

// send resumes to, or who is to be in its place, with s.
func (m *model) send(to int, s sent) {
	for {
		g := &m.gs[to]
		if g.state == pending && (s.err != nil || s.panic != nil) {
			g.state = dead
		}
		if g.state != dead {
			break
		}
		if errors.Is(s.err, ErrExit) {
			s = sent{value: s.err}
		}
		to = g.parent
	}
	if g := &m.gs[m.current]; g.state == running && to != m.current {
		g.state = suspended
	}
	e := EventSwitch
	if s.err != nil || s.panic != nil {
		e = EventThrow
	}
	m.trace(e, m.current, to)
	m.current = to
	g := &m.gs[to]
	if g.state == pending {
		g.begun = true
		m.order = append(m.order, to)
		m.say("%d starts with %v", to, []any{s.value})
	} else {
		m.in = &s
	}
	g.state = running
}

func (m *model) bury(i int) {
	m.say("%d ends", i)
	m.gs[i].state = dead
	for at, j := range m.order {
		if j == i {
			m.order = append(m.order[:at:at], m.order[at+1:]...)
			break
		}
	}
}

// end ends the current greenlet.
func (m *model) end(i int, s sent) {
	m.bury(i)
	if errors.Is(s.err, ErrExit) {
		s = sent{value: s.err}
	}
	m.send(m.gs[i].parent, s)
}

func (m *model) kill(i, target int) {
	g := &m.gs[target]
	switch {
	case target == 0 || g.state == dead:
		m.in = &sent{}
	case g.state == pending:
		g.state = dead
		m.in = &sent{value: ErrExit}
	case target == i:
		m.end(i, sent{err: ErrExit})
	default: // its deferred functions do not switch: nothing can come between
		m.trace(EventThrow, i, target)
		m.bury(target)
		m.trace(EventSwitch, target, i)
		m.in = &sent{value: ErrExit}
	}
}

func (m *model) adopt(i, p int) error {
	if i == 0 {
		return ErrRoot
	}
	for a := p; a >= 0; a = m.gs[a].parent {
		if a == i {
			return ErrCycle
		}
	}
	m.gs[i].parent = p
	return nil
}

func TestRandomProgramsBehaveAsTheModel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := genProgram(t)
		real, want := p.real(), p.modelled()
		for i := range max(len(real), len(want)) {
			if i >= len(real) || i >= len(want) || real[i] != want[i] {
				t.Fatalf("line %d differs\nprogram %v\nreal  %q\nmodel %q", i, p, real, want)
			}
		}
	})
}
