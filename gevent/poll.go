package gevent

import (
	"cmp"
	"time"
)

// Poll waits until at least one of rs is ready, and returns all that are then, in the order of the arguments; what is
// given twice comes back twice. It lets all others that are ready run once, also if it does not wait. If one is closed,
// meanwhile or before, it is returned with the others that are ready, and with an error that is net.ErrClosed; any other
// error is one thrown at the caller. Parks. Hub thread only.
//
//	ready, err := gevent.Poll(a.Readable(), b.Readable(), b.Writable())
//	if slices.Contains(ready, a.Readable()) {
func Poll(rs ...Readiness) ([]Readiness, error) { return current("Poll").pollFor(Never, rs) }

// PollTimeout is Poll that waits no longer than d, and returns ErrTimeout then; with a d of zero or less it still lets
// all run that is ready. Parks. Hub thread only.
func PollTimeout(d time.Duration, rs ...Readiness) ([]Readiness, error) {
	return current("PollTimeout").pollFor(d, rs)
}

func (h *Hub) pollFor(d time.Duration, rs []Readiness) ([]Readiness, error) {
	deadline := h.sched.After(d)
	objs := make([]Waitable, len(rs))
	for i, r := range rs {
		objs[i] = r
	}
	for waited := false; ; waited = true {
		ready, err := readyOf(rs)
		switch {
		case len(ready) > 0 && waited:
			return ready, err
		case len(ready) > 0 || d <= 0 && !waited:
			h.sched.Yield() // and look again: somebody may have taken it
		case deadline <= h.sched.Now():
			return nil, ErrTimeout
		default:
			w := Until{Count: 1}.waiting(h, objs)
			w.deadline = deadline
			if err := w.first(); err != nil {
				return nil, err
			}
		}
	}
}

// readyOf returns those that are ready, and the error of the first that is closed.
func readyOf(rs []Readiness) (ready []Readiness, err error) {
	for _, r := range rs {
		if r.Ready() {
			ready = append(ready, r)
			err = cmp.Or(err, r.Err())
		}
	}
	return ready, err
}

// first waits until one of the things is ready, at least for a moment.
func (w *waiting) first() error {
	defer w.end()
	w.begin()
	_, err := w.next()
	return err
}
