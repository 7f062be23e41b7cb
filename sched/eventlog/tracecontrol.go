package eventlog

// control opens the slice of the raw greenlet that has control now, and closes that of who had it, with an arrow if that one
// has passed it on.
func (t *tracer) control(passed bool) {
	former, now := t.rules, t.state.runs()
	from, to := t.raws[former], t.raws[now]
	if former == now || from == 0 && to == 0 {
		return
	}
	t.rules = now
	flow := record{Name: "passes control", Cat: "flow"}
	if passed = passed && from != 0 && to != 0; passed {
		t.flows++
		flow.Phase, flow.Tid, flow.ID = "s", from, t.flows
		t.write(flow)
	}
	if from != 0 {
		t.write(record{Phase: "E", Tid: from})
	}
	if to == 0 {
		return
	}
	t.write(record{Phase: "B", Name: now.raw, Cat: "control", Tid: to})
	if passed {
		flow.Phase, flow.Tid, flow.Bind = "f", to, "e"
		t.write(flow)
	}
}
