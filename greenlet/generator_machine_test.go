package greenlet

import (
	"fmt"
	"slices"
)

// A genMachine is the model of generator_model_test.go. Who executes is a chain of numbers: the consumer, 0, then the
// generator that it has asked, then the one which that has asked, and so on. A yield cuts the chain off at the
// generator whose Yielder it is; the next one who asks that generator puts the piece back, behind itself.
type genMachine struct {
	genScript
	frames []genFrame
	chain  []int
	begun  []int // started and not ended, the oldest first
	lines  []string
}

// A genFrame is where a generator, or the consumer, stands in its program.
type genFrame struct {
	// as a generator
	state             phase
	closing, ignored  bool
	thrown            error // and not arrived
	uncaught          error // it ends because of that
	err               error // how it has ended
	in                int
	piece             []int // of the chain, while it is suspended
	upTo              int   // it ends as a part of that one; 0 if it does not
	pos               int
	deferred          []int // positions of its deferred ops
	unwinding, goexit bool  // it executes its deferred ops
	panic             any   // because of it
	ret               error

	// as one that executes an op
	op     genOp
	asking genKind   // genNext, genSend, genThrow or genClose
	stage  fromStage // of genFrom
	then   genReply  // how that comes out, once the other one is closed
	reply  *genReply // what the call that it waits in comes out with
}

type fromStage int

const (
	fromAsks fromStage = iota
	fromYields
	fromCloses
)

// A genReply is how a call comes out.
type genReply struct {
	v      int
	err    error
	goexit bool
	panic  any
}

func (r genReply) ends() bool { return r.goexit || r.panic != nil }

func (p genScript) modelled() []string {
	m := &genMachine{genScript: p, frames: make([]genFrame, len(p.ops)), chain: []int{0}}
	for at, o := range p.ops[0] {
		m.do(0, at, o)
		m.run()
	}
	for i := range m.frames[1:] {
		m.say("%d: %v", i+1, m.errOf(i+1))
	}
	m.endAll()
	for i := range m.frames[1:] {
		m.say("%d in the end: %v", i+1, m.errOf(i+1))
	}
	return m.lines
}

func (m *genMachine) say(format string, args ...any) {
	m.lines = append(m.lines, fmt.Sprintf(format, args...))
}

func (m *genMachine) top() int { return m.chain[len(m.chain)-1] }

func (m *genMachine) errOf(j int) error {
	switch f := &m.frames[j]; f.state {
	case executing:
		return ErrExecuting
	case ended:
		return f.err
	default:
		return nil
	}
}

// run goes on until the consumer has had the outcome of its op.
func (m *genMachine) run() {
	for m.top() != 0 || m.frames[0].reply != nil {
		m.step()
	}
}

func (m *genMachine) step() {
	i := m.top()
	f := &m.frames[i]
	switch {
	case f.reply != nil:
		r := *f.reply
		f.reply = nil
		m.answer(i, r)
	case !f.unwinding && f.pos < len(m.ops[i]):
		f.pos++
		m.begin(i, f.pos-1)
	case len(f.deferred) > 0:
		f.unwinding = true
		at := f.deferred[len(f.deferred)-1]
		f.deferred = f.deferred[:len(f.deferred)-1]
		m.do(i, at, m.ops[i][at])
	default:
		m.finish(i)
	}
}

// begin is what i does when it comes to an op.
func (m *genMachine) begin(i, at int) {
	f := &m.frames[i]
	switch o := m.ops[i][at]; {
	case o.deferred:
		f.deferred = append(f.deferred, at)
	case o.kind == genReturn:
		f.unwinding = true
	case o.kind == genFail:
		f.unwinding, f.ret = true, fmt.Errorf("error of %d", i)
	default:
		m.do(i, at, o)
	}
}

func (m *genMachine) do(i, at int, o genOp) {
	f := &m.frames[i]
	f.op = o
	n := value(i, at)
	switch o.kind {
	case genYield, genYieldErr:
		m.yield(i, o.arg, n)
	case genNext, genClose:
		m.ask(i, o.arg, o.kind, 0, nil)
	case genSend:
		m.ask(i, o.arg, o.kind, n, nil)
	case genThrow:
		m.ask(i, o.arg, o.kind, 0, genError(i, at))
	case genFrom:
		f.stage = fromAsks
		m.ask(i, o.arg, genNext, 0, nil)
	case genPanic:
		f.reply = &genReply{panic: fmt.Sprint("panic ", n)}
	case genGoexit:
		f.reply = &genReply{goexit: true}
	}
}

// ask has i call j.
func (m *genMachine) ask(i, j int, how genKind, v int, err error) {
	f, g := &m.frames[i], &m.frames[j]
	f.asking = how
	switch {
	case g.state == executing:
		f.reply = &genReply{err: ErrExecuting}
	case g.state == fresh && how == genSend:
		f.reply = &genReply{err: ErrNotStarted}
	case g.state == fresh && how != genNext: // it never runs
		g.state, g.err = ended, err
		f.reply = &genReply{err: err}
	case g.state == ended && how == genThrow:
		f.reply = &genReply{err: err}
	case g.state == ended:
		f.reply = m.outcome(j, how)
	case g.state == fresh:
		g.state = executing
		m.begun = append(m.begun, j)
		m.chain = append(m.chain, j)
		m.say("%d starts", j)
	default:
		g.state, g.in, g.thrown, g.closing = executing, v, err, how == genClose
		m.chain = append(m.chain, g.piece...)
		m.wake(m.top(), j)
	}
}

// outcome is what a call of j, which has ended, comes out with.
func (m *genMachine) outcome(j int, how genKind) *genReply {
	err := m.frames[j].err
	switch {
	case how == genClose:
		return &genReply{}
	case err == nil || how == genNext:
		return &genReply{err: ErrStop}
	default:
		return &genReply{err: err}
	}
}

// yield has i yield through j.
func (m *genMachine) yield(i, j, v int) {
	at := slices.Index(m.chain, j)
	g := &m.frames[j]
	switch {
	case at < 0:
		m.frames[i].reply = &genReply{panic: yieldOutside}
	case slices.ContainsFunc(m.chain[at:], func(r int) bool { // whoever asked j is to end with one of these
		return m.frames[r].upTo != 0 && slices.Index(m.chain, m.frames[r].upTo) < at
	}):
		m.frames[i].reply = &genReply{goexit: true}
	case g.closing:
		g.ignored = true
		m.quit(i, j)
	default:
		g.piece = slices.Clone(m.chain[at:])
		m.chain = m.chain[:at]
		g.state = yielded
		m.frames[m.top()].reply = &genReply{v: v}
	}
}

// wake resumes i, which has yielded through j.
func (m *genMachine) wake(i, j int) {
	f, g := &m.frames[i], &m.frames[j]
	switch {
	case g.closing:
		m.quit(i, j)
	case g.thrown != nil && f.op.kind == genYield:
		g.uncaught, g.thrown = g.thrown, nil
		m.quit(i, j)
	default:
		f.reply = &genReply{v: g.in, err: g.thrown}
		g.in, g.thrown = 0, nil
	}
}

// quit ends i as a part of j.
func (m *genMachine) quit(i, j int) {
	m.frames[i].reply = &genReply{goexit: true}
	if i != j {
		m.frames[i].upTo = j
	}
}

// answer gives i what its call comes out with.
func (m *genMachine) answer(i int, r genReply) {
	f := &m.frames[i]
	kind := f.op.kind
	switch {
	case kind == genFrom:
		m.from(i, r)
	case r.ends():
		m.unwind(i, r)
	case kind == genYield:
		m.say("%d yield: %v", i, r.v)
	case kind == genNext:
		m.say("%d next: %v %v %v", i, r.v, r.err == nil, m.errOf(f.op.arg))
	case kind == genClose:
		m.say("%d close: %v", i, r.err)
	default:
		m.say("%d %v: %v %v", i, kind, r.v, r.err)
	}
}
