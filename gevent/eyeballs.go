package gevent

import (
	"cmp"
	"net"
	"slices"
	"time"
)

// A race is a dial to the addresses of one host ("happy eyeballs", RFC 8305 §5): attempts that begin one after the other
// and go on at the same time, until the first of them is connected. One greenlet waits for all.
type race struct {
	*asker
	dialer  *Dialer
	network string
	local   *net.TCPAddr   // to dial from; nil
	addrs   []*net.TCPAddr // that have not been tried, in the order in which they will be
	begun   int
	running []*attempt
	due     time.Duration // when the next one is tried, though none has failed
	first   error         // of the first address
}

// from leaves the addresses that can be dialled from local.
func (r *race) from(local net.Addr, addrs []*net.TCPAddr) ([]*net.TCPAddr, error) {
	l, ok := local.(*net.TCPAddr)
	if !ok || l == nil {
		return nil, mismatched(local)
	}
	r.local = l
	addrs = slices.DeleteFunc(addrs, func(a *net.TCPAddr) bool {
		return !canDialFrom(l, a)
	})
	if len(addrs) == 0 {
		return nil, &net.AddrError{Err: noSuitableAddress, Addr: local.String()}
	}
	return addrs, nil
}

// canDialFrom reports whether both ends are of one family, as far as they say so.
func canDialFrom(from, to *net.TCPAddr) bool {
	return isAnywhere(from) || isAnywhere(to) || isIPv4(from) == isIPv4(to)
}

// mismatched refuses a LocalAddr that is not of the network's kind.
func mismatched(local net.Addr) error {
	return &net.AddrError{Err: "mismatched local address type", Addr: local.String()}
}

func isAnywhere(a *net.TCPAddr) bool { return len(a.IP) == 0 || a.IP.IsUnspecified() }

func isIPv4(a *net.TCPAddr) bool { return a.IP.To4() != nil }

// interleaved returns the addresses with both families by turns, beginning with that of the first (RFC 8305 §4).
func interleaved(addrs []*net.TCPAddr) []*net.TCPAddr {
	if len(addrs) < 3 {
		return addrs
	}
	var families [2][]*net.TCPAddr
	for _, a := range addrs {
		other := 0
		if isIPv4(a) != isIPv4(addrs[0]) {
			other = 1
		}
		families[other] = append(families[other], a)
	}
	mixed := addrs[:0]
	for i := range max(len(families[0]), len(families[1])) {
		for _, family := range families {
			if i < len(family) {
				mixed = append(mixed, family[i])
			}
		}
	}
	return mixed
}

// run returns the connection that was first.
func (r *race) run() (*TCPConn, error) {
	defer r.close() // also if we are killed meanwhile
	for {
		if c := r.winner(); c != nil {
			return c, nil
		}
		if err := r.over(); err != nil {
			return nil, r.ended(err)
		}
		switch {
		case len(r.addrs) > 0 && (len(r.running) == 0 || r.due <= r.hub.sched.Now()):
			r.begin()
		case len(r.running) == 0:
			return nil, r.first
		default:
			if err := r.await(); err != nil {
				return nil, r.ended(err)
			}
		}
	}
}

// winner returns the first connection that is established, nil if there is none yet, and takes note of those that failed.
func (r *race) winner() (won *TCPConn) {
	r.running = slices.DeleteFunc(r.running, func(a *attempt) bool {
		if won != nil || !a.settled() {
			return false
		}
		err := a.settle()
		if err == nil {
			won = a.conn
		} else {
			_ = a.conn.Close()
			r.failed(a.place, a.conn.remote, err)
		}
		return true
	})
	return won
}

// begin begins the next attempt.
func (r *race) begin() {
	to, place := r.addrs[0], r.begun
	r.addrs = r.addrs[1:]
	r.begun++
	a, err := r.attempt(to, place)
	now := r.hub.sched.Now()
	switch delay := r.dialer.FallbackDelay; {
	case err != nil:
		r.failed(place, to, err)
		return
	case delay < 0:
		r.due, a.until = Never, r.share(now)
	default:
		r.due, a.until = r.hub.sched.After(cmp.Or(delay, fallbackDelay)), Never
	}
	r.running = append(r.running, a)
}

// fallbackDelay is the default, package net's. RFC 8305 §8 recommends 250 ms, not less than 100 ms nor more than 2 s.
const fallbackDelay = 300 * time.Millisecond

// share returns up to when one address may take, if they are tried one after the other: an equal part of the time for each,
// but 2 seconds at least, so that the first ones have a chance. The last one ends with the dial.
func (r *race) share(now time.Duration) time.Duration {
	if r.deadline == Never || len(r.addrs) == 0 {
		return Never
	}
	left := r.deadline - now
	return now + max(left/time.Duration(len(r.addrs)+1), min(left, 2*time.Second))
}

// failed takes note that an attempt has come to nothing: the next one need not wait.
func (r *race) failed(place int, to net.Addr, err error) {
	r.due = 0
	if place == 0 {
		r.first = r.fail(to, err)
	}
}

// await waits until something becomes of an attempt, or another one is to begin or to be given up.
func (r *race) await() error {
	until := Never
	if len(r.addrs) > 0 {
		until = r.due
	}
	for _, a := range r.running {
		if err := r.hub.poll.Arm(&a.conn.fd.watcher, writable); err != nil {
			return err
		}
		until = min(until, a.until)
	}
	r.hub.waiting++
	defer r.waited() // also if we are killed meanwhile
	return r.wait(nil, toConnect, until)
}

func (r *race) waited() { r.hub.waiting-- }

// ended returns the error of a race that something else has ended: of the address that has been waited for longest.
func (r *race) ended(err error) error {
	if len(r.running) > 0 {
		return r.fail(r.running[0].conn.remote, err)
	}
	return r.fail(nil, err)
}

func (r *race) fail(to net.Addr, err error) error {
	return &net.OpError{Op: "dial", Net: r.network, Source: r.dialer.LocalAddr, Addr: to, Err: err}
}

// close closes all but the winner.
func (r *race) close() {
	for _, a := range r.running {
		_ = a.conn.Close()
	}
}
