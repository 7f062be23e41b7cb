package gevent

import (
	"container/list"
	"errors"
	"net"
	"net/netip"
	"time"
)

// A hostCache keeps what look-ups have found for a short time, up to a number of names; then the one goes that nobody has
// asked for longest.
type hostCache struct {
	entries map[hostName]*list.Element // of *hostEntry
	order   list.List                  // by the latest use, newest first
}

type hostEntry struct {
	name  hostName
	addrs []netip.Addr
	err   error
	until time.Duration
}

// find returns what is known of a name at the time now, nil if that is nothing.
func (c *hostCache) find(name hostName, now time.Duration) *hostEntry {
	place := c.entries[name]
	if place == nil {
		return nil
	}
	entry := place.Value.(*hostEntry)
	if entry.until <= now {
		c.drop(place)
		return nil
	}
	c.order.MoveToFront(place)
	return entry
}

// keep takes note of the outcome of a look-up, of a name that is not in the cache, for as long as r's settings say.
func (c *hostCache) keep(r *Resolver, name hostName, addrs []netip.Addr, err error) {
	ttl := r.ttl(err)
	if ttl <= 0 {
		return
	}
	if c.entries == nil {
		c.entries = make(map[hostName]*list.Element)
	}
	for c.order.Len() >= r.size() {
		c.drop(c.order.Back())
	}
	c.entries[name] = c.order.PushFront(&hostEntry{name, addrs, err, r.hub.sched.After(ttl)})
}

func (c *hostCache) drop(place *list.Element) {
	delete(c.entries, c.order.Remove(place).(*hostEntry).name)
}

// isUnknown reports whether err says for certain that there is no such name.
func isUnknown(err error) bool {
	var e *net.DNSError
	return errors.As(err, &e) && e.IsNotFound && !e.IsTimeout && !e.IsTemporary
}
