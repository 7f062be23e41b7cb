package eventlog

// A place is who does something: a task, and inside it the raw greenlet that has control, "" if it has none.
type place struct {
	task uint64
	raw  string
}

// runs returns who has the CPU in a state.
func (s *State) runs() place { return place{s.Running, s.Control[s.Running]} }

// rawGreenlets returns those of each task, in the order in which they come up. The host's have no place in the views.
func (r *Recording) rawGreenlets() map[uint64][]string {
	all := make(map[uint64][]string)
	known := make(map[place]bool)
	for _, e := range r.Events {
		if e.Kind != Pass || e.Task == 0 {
			continue
		}
		for _, raw := range []string{e.From, e.To} {
			if p := (place{e.Task, raw}); raw != "" && !known[p] {
				known[p] = true
				all[e.Task] = append(all[e.Task], raw)
			}
		}
	}
	return all
}
