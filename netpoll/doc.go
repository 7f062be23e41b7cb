// Package netpoll tells which file descriptors are ready for reading or writing, and does nothing else: it never reads, writes,
// accepts, closes, logs, starts a goroutine or runs a callback. epoll on Linux, kqueue on macOS and the BSDs, poll(2) on the other
// Unix systems and, with the build tag netpoll_poll, on all of them.
//
// # Terms
//
// A watcher is a registered fd; it lives inside whatever owns the fd. An event says in which modes a watcher became ready. The
// polling goroutine is the one that calls Wait. All calls belong to it, except Wake, which is safe from any goroutine.
//
// # The contract
//
// An fd is registered once in its life, for reading, writing and hang-up together, and events are edges: one is sent when a mode
// becomes ready (or is ready at Add), not again while it stays so. So the owner of an fd, which must be non-blocking:
//
//  1. tries the operation first, always;
//  2. on EAGAIN, or after a read that filled only part of its buffer, calls Arm and waits for the next event of that mode;
//  3. after an event starts again at 1, and takes no offence at EAGAIN: an event is a hint and may be false;
//  4. calls Remove before it closes the fd. After that, no event of the watcher is seen any more, not even one fetched before.
//
// Arm is free on epoll and kqueue, where the kernel itself remembers edges; poll(2) knows only levels, and needs to be told.
//
//	p, err := netpoll.Open()
//	…
//	c := &conn{fd: fd}
//	c.watcher.Owner = c
//	err = p.Add(c.fd, &c.watcher)
//	…
//	events := make([]netpoll.Event, 128)
//	for {
//		n, err := p.Wait(events, timeUntilNextTimer())
//		…
//		for i := range events[:n] {
//			if w := events[i].Watcher; w != nil { // nil: removed by the owner of an earlier event
//				w.Owner.(*conn).ready(events[i].Ready)
//			}
//		}
//	}
package netpoll
