package gevent

import "time"

// Spin calls try again and again, for no longer than d, and reports whether that returned true: a short look before a wait
// which another process may end within microseconds. It returns false, at once or on the way, when anything else on the hub
// could use the time, and when events were not looked at for a millisecond: park then. try must not park. Does not park.
// Hub thread only.
func (h *Hub) Spin(d time.Duration, try func() bool) bool { return h.sched.Spin(d, try) }
