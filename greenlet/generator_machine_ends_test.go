package greenlet

import (
	"errors"
	"fmt"
	"slices"
)

// How the model's ops and generators end.

// from is the next stage of a From of i.
func (m *genMachine) from(i int, r genReply) {
	f := &m.frames[i]
	j := f.op.arg
	switch {
	case f.stage == fromCloses && r.goexit:
		f.then.goexit, f.then.panic = true, r.panic
	case f.stage == fromCloses && r.panic != nil:
		f.then.panic = r.panic
	case f.stage == fromCloses:
	case r.ends():
		f.then = r
	case f.stage == fromAsks && r.err == nil:
		f.stage = fromYields
		m.yield(i, f.op.by, r.v)
		return
	case f.stage == fromAsks:
		if f.then = (genReply{err: r.err}); f.asking == genNext || errors.Is(r.err, ErrStop) {
			f.then.err = m.errOf(j)
		}
	case r.err != nil:
		f.stage = fromAsks
		m.ask(i, j, genThrow, 0, r.err)
		return
	default:
		f.stage = fromAsks
		m.ask(i, j, genSend, r.v, nil)
		return
	}
	switch {
	case f.stage != fromCloses:
		f.stage = fromCloses
		m.ask(i, j, genClose, 0, nil)
	case f.then.ends():
		m.unwind(i, f.then)
	default:
		m.say("%d from: %v", i, f.then.err)
	}
}

// unwind is for a panic or a Goexit in an op of i.
func (m *genMachine) unwind(i int, r genReply) {
	f := &m.frames[i]
	if r.panic != nil && m.catches[i] {
		m.say("%d caught %v", i, r.panic)
		r.panic = nil
	}
	switch {
	case !r.ends():
	case i == 0:
		m.say("0 exits")
	default:
		f.unwinding, f.goexit, f.panic = true, f.goexit || r.goexit, r.panic
	}
}

// finish ends j.
func (m *genMachine) finish(j int) {
	m.say("%d ends", j)
	g := &m.frames[j]
	r := genReply{panic: g.panic}
	switch {
	case !g.goexit:
		g.err = g.ret
	case g.upTo != 0:
		r.goexit, g.err = true, ErrExit
	case g.ignored:
		g.err = ErrIgnored
	case g.closing:
		g.err = nil
	case g.uncaught != nil:
		g.err = g.uncaught
	default:
		r.goexit, g.err = true, ErrExit
	}
	if g.panic != nil {
		g.err = fmt.Errorf("panic: %v", g.panic)
	}
	g.state = ended
	m.begun = slices.DeleteFunc(m.begun, func(i int) bool { return i == j })
	m.chain = m.chain[:len(m.chain)-1]
	i := m.top()
	f := &m.frames[i]
	switch {
	case r.ends():
		f.reply = &r
		if g.upTo != 0 && i != g.upTo {
			f.upTo = g.upTo
		}
	case f.asking == genClose && g.ignored:
		f.reply = &genReply{err: ErrIgnored}
	default:
		f.reply = m.outcome(j, f.asking)
	}
}

// endAll closes what is suspended, the newest first. What executes ends with another one.
func (m *genMachine) endAll() {
	var failure any
	for len(m.begun) > 0 {
		j := m.begun[len(m.begun)-1]
		for at := len(m.begun) - 1; m.frames[j].state == executing; at-- {
			j = m.begun[at]
		}
		m.frames[0].op = genOp{kind: genClose, arg: j}
		m.ask(0, j, genClose, 0, nil)
		for m.top() != 0 {
			m.step()
		}
		r := m.frames[0].reply
		m.frames[0].reply = nil
		if failure == nil {
			failure = r.panic
		}
		if m.frames[j].err == nil {
			m.frames[j].err = ErrExit
		}
	}
	if failure != nil {
		m.say("the end panics: %v", failure)
	}
}
