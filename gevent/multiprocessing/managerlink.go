package multiprocessing

import (
	"errors"
	"fmt"
	"net"
	"slices"
	"sync"
	"syscall"

	"greenloop/gevent"
)

// A managerPlace is where a manager is, and what is needed to talk to it.
type managerPlace struct {
	address string
	key     []byte
}

// managerClients has the one connection that each hub has to a manager, under the place.
var managerClients = struct {
	sync.Mutex
	of map[*gevent.Hub]map[string]*managerClient
}{of: map[*gevent.Hub]map[string]*managerClient{}}

// A managerClient connects a hub to a manager, as often as that is needed.
type managerClient struct {
	place   *managerPlace
	hub     *gevent.Hub
	dialers int // greenlets that want a link
	dialing gevent.Lock
	failed  int          // attempts to connect
	failure error        // of the last of them
	link    *managerLink // the last one
}

// client returns the client of this hub.
func (p *managerPlace) client() *managerClient {
	hub := gevent.GetHub()
	if hub == nil {
		panic("mp: a manager is called outside a hub: do it inside gevent.Run")
	}
	name := p.address + "\x00" + string(p.key)
	managerClients.Lock()
	defer managerClients.Unlock()
	c := managerClients.of[hub][name]
	if c == nil {
		c = &managerClient{place: p, hub: hub}
		if managerClients.of[hub] == nil {
			managerClients.of[hub] = map[string]*managerClient{}
		}
		managerClients.of[hub][name] = c
	}
	return c
}

// forget lets go of a client that has no link and gets none: the next call makes another client.
func (c *managerClient) forget() {
	if c.dialers > 0 || c.link != nil && !c.link.over {
		return
	}
	name := c.place.address + "\x00" + string(c.place.key)
	managerClients.Lock()
	defer managerClients.Unlock()
	clients := managerClients.of[c.hub]
	if clients[name] != c {
		return
	}
	delete(clients, name)
	if len(clients) == 0 {
		delete(managerClients.of, c.hub)
	}
}

// connected returns a link that was alive a moment ago, and may be over. Parks.
func (c *managerClient) connected() (*managerLink, error) {
	if c.link != nil && !c.link.over {
		return c.link, nil
	}
	c.dialers++
	defer func() { // also if we are killed
		c.dialers--
		c.forget()
	}()
	failed := c.failed
	if err := c.dialing.Acquire(); err != nil {
		return nil, err
	}
	defer c.dialing.Release()
	if c.link != nil && !c.link.over {
		return c.link, nil
	}
	if c.failed != failed { // while we waited: it is our failure, too
		return nil, c.failure
	}
	return c.connect()
}

// connect makes a link. It is called by who has the turn. Parks.
func (c *managerClient) connect() (*managerLink, error) {
	conn, err := Dial(c.place.address, c.place.key)
	if err != nil {
		return nil, c.fail(err)
	}
	kept := false
	defer func() { // also if we are killed
		if !kept {
			_ = conn.Close()
		}
	}()
	limit, err := hello(conn)
	if err != nil {
		return nil, c.fail(err)
	}
	conn.SetLimit(maxShort) // it has proven itself
	conn.bare = true
	kept = true
	c.link = newManagerLink(c, conn, limit)
	gevent.Yield() // let its reader begin: from then on that sees to the link's end
	return c.link, nil
}

// fail returns why there is no link, and remembers it for those who wait for the same, unless it is this greenlet's own
// affair.
func (c *managerClient) fail(err error) error {
	err = unreachable(err)
	if errors.Is(err, ErrNoManager) || errors.Is(err, ErrAuthentication) {
		c.failed++
		c.failure = err
	}
	return err
}

// hello waits for what a manager says first.
func hello(conn *Connection) (limit int, err error) {
	conn.SetLimit(handshakeLimit)
	b, err := conn.RecvBytesTimeout(handshakeTimeout)
	if err == gevent.ErrTimeout { // that very value: else it is a scope's
		return 0, fmt.Errorf("%w: what listens there says nothing for %v", ErrNoManager, handshakeTimeout)
	}
	if err != nil {
		return 0, unproven(err)
	}
	f := fieldReader{rest: b}
	number, note := f.uint(), managerStatus(f.byte())
	limit = int(f.uint())
	if number != 0 || note != noteHello || !f.done() || limit <= 0 || limit > maxShort {
		return 0, fmt.Errorf("%w: what listens there is no manager", ErrNoManager)
	}
	return limit, nil
}

// unreachable says that there is no manager, if the system has said so or the connection has ended before it began.
// Nothing else is changed: a wrong key, or what was thrown at the greenlet.
func unreachable(err error) error {
	errno, ofSystem := errors.AsType[syscall.Errno](err)
	switch {
	case ofSystem && errno == syscall.EMFILE, ofSystem && errno == syscall.ENFILE, errors.Is(err, ErrNoManager):
		return err
	case ofSystem && !slices.Contains(absent, errno):
		return lostManager(errno)
	case ofSystem, errors.Is(err, ErrAuthentication) && isCut(err):
		return lostManager(errNotThere)
	}
	if op, ok := errors.AsType[*net.OpError](err); ok && !op.Timeout() && !errors.Is(err, ErrAuthentication) {
		if _, lookup := errors.AsType[*net.DNSError](err); lookup {
			return lostManager(err)
		}
		return op.Err
	}
	return err
}

// absent is what the system says where nobody listens any more.
var absent = []syscall.Errno{syscall.ECONNREFUSED, syscall.ENOENT, syscall.ECONNRESET, syscall.EPIPE}

// isCut reports whether a handshake failed since the other side was gone.
func isCut(err error) bool {
	for _, cut := range cutShort[:2] {
		if errors.Is(err, cut) {
			return true
		}
	}
	return false
}

// A managerLink is a connection to a manager. Any number of calls are under way on it at the same time: a greenlet reads
// the answers.
type managerLink struct {
	client  *managerClient
	c       *Connection
	mail    *managerMail
	reader  *gevent.Greenlet
	last    uint64 // request
	replies map[uint64]*managerReply
	over    bool
	bye     bool // the manager has said that it shuts down
}

// A managerReply is the answer to a request, or will be.
type managerReply struct {
	ask    *managerAsk
	told   gevent.Event
	status managerStatus
	result []byte
	err    error // there is no answer
	taken  bool  // by the caller
	gone   bool  // nobody waits for it any more
}

func newManagerLink(client *managerClient, c *Connection, limit int) *managerLink {
	l := &managerLink{client: client, c: c, replies: map[uint64]*managerReply{}}
	l.mail = newManagerMail(c, limit, l.deaf)
	l.reader = gevent.SpawnNamed("answers of a manager", l.read)
	return l
}

// deaf is called when the manager takes nothing any more: it has ended, or something is wrong with it. What it has said
// before is still to be read, such as that it shuts down. Does not park.
func (l *managerLink) deaf() {
	gevent.SpawnNamed("end of a manager", func() error {
		_ = l.reader.JoinTimeout(farewellTime)
		return l.reader.Kill()
	})
}

// read is the greenlet that reads answers.
func (l *managerLink) read() error {
	defer l.end()
	for {
		m, err := l.c.take(nil)
		if err != nil {
			return nil
		}
		l.handle(&fieldReader{rest: m.bytes})
		l.c.done(m)
	}
}

func (l *managerLink) handle(f *fieldReader) {
	number, status := f.uint(), managerStatus(f.byte())
	if number == 0 {
		l.bye = l.bye || status == noteFarewell
		return
	}
	r := l.replies[number]
	if r == nil || f.bad {
		return
	}
	delete(l.replies, number)
	r.status, r.result = status, append([]byte(nil), f.rest...)
	if r.gone {
		l.reject(number, r)
		return
	}
	r.told.Set()
}

// reject gives back what an answer has brought that nobody waits for.
func (l *managerLink) reject(number uint64, r *managerReply) {
	if r.ask.undo != nil {
		r.ask.undo(l, number, r)
	}
}

// note sends what has no answer. Does not park.
func (l *managerLink) note(object uint64, op managerOp, args func(b []byte) []byte) {
	if l.over {
		return
	}
	l.mail.open()
	l.mail.pending = args(append(appendUint(appendUint(l.mail.pending, 0), object), byte(op)))
	l.mail.post()
}

// end ends all calls that are under way. It does not park: another kill must not keep it from its end.
func (l *managerLink) end() {
	l.over = true
	for _, r := range l.replies {
		r.err = ErrUncertain
		if l.bye && r.ask.op != opMethod {
			r.err = lostManager(errShutDown)
		}
		r.told.Set()
	}
	l.replies = nil
	l.client.forget()
	l.mail.end()
	l.c.sever()
}

// hangUp closes the connection that this hub has to the manager, if it has one. Parks.
func (p *managerPlace) hangUp() error {
	c := p.client()
	defer c.forget()
	if c.link == nil {
		return nil
	}
	err := c.link.reader.Kill()
	if !c.link.over { // it had not begun
		c.link.end()
	}
	return err
}
