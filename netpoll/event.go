package netpoll

import "strings"

// Mode is a set of ways to be ready.
type Mode uint8

const (
	// Readable: a read, an accept or a receive will not block.
	Readable Mode = 1 << iota
	// Writable: a write will not block, or a connect has ended, well or badly.
	Writable
	// Hangup: the peer closed its side, or the fd failed, or (on epoll) urgent data came: a short read does not mean that the next
	// one would block. It never comes alone, but with the modes whose operation will not block:
	// Readable after a half-close, both after an error or a full hang-up. So it is a hint beside them, for who wants to know
	// of a lost peer while not reading. A kqueue reports it also after the owner's own shutdown; poll(2) sees a half-close on
	// Linux and FreeBSD only, and elsewhere a plain Readable.
	Hangup
)

const everyMode = Readable | Writable | Hangup

// String names the modes, as in "Readable|Hangup"; the empty set is "none".
func (m Mode) String() string {
	var names []string
	for i, name := range [...]string{"Readable", "Writable", "Hangup"} {
		if m&(1<<i) != 0 {
			names = append(names, name)
		}
	}
	if rest := m &^ everyMode; rest != 0 {
		names = append(names, "invalid")
	}
	if len(names) == 0 {
		return "none"
	}
	return strings.Join(names, "|")
}

// Event says that the watched fd became ready. Its Watcher is nil if the watcher was removed after Wait returned: skip it.
type Event struct {
	Watcher *Watcher
	Ready   Mode
}

// Watcher is a registered fd. Embed it in what owns the fd: 32 bytes (on 64-bit machines), and no allocation per registration.
// The zero value is unregistered. While registered it must not be copied or moved; after Remove it can be added again.
type Watcher struct {
	// Owner leads from an event back to what it is for. Set by the user, never read here.
	Owner any

	fd         int32
	index      uint32 // of its entry in the registry; valid while registered
	generation uint32 // of its entry when it was added; 0 while unregistered
	slot       uint32 // its place in the latest batch that reported it; a guess, compare the event's Watcher
}
