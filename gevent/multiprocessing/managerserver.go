package multiprocessing

import (
	"crypto/rand"
	"encoding/binary"
	"errors"
	"time"

	"greenloop/gevent"
)

// A managerServer is what holds the objects.
type managerServer struct {
	listener *ConnectionListener
	limit    int
	objects  map[uint64]*managerEntry
	named    map[string]uint64
	last     uint64 // object made
	sessions map[*managerSession]struct{}
	greenlet *gevent.Greenlet
	over     bool
}

// A managerEntry is an object, and as what it was made.
type managerEntry struct {
	object           managedObject
	kind, name, kept string
}

// A managedObject is one that clients call.
type managedObject interface {
	// do begins a call: it answers it now, or has it wait in a line. It does neither if the operation is not one of
	// this kind of object or the arguments are not done. It does not park.
	do(c *managerCall, op managerOp, args *fieldReader)
}

// managedKinds make objects of the arguments.
var managedKinds = map[string]func(args *fieldReader) managedObject{}

// maxObjects is how many there may be. It is less in tests.
var maxObjects = 1 << 20

func newManagerServer(l *ConnectionListener, limit int) *managerServer {
	m := &managerServer{
		listener: l, limit: limit, objects: map[uint64]*managerEntry{}, named: map[string]uint64{},
		sessions: map[*managerSession]struct{}{},
	}
	var from [8]byte // so that the proxies of an earlier run at this address find nothing
	rand.Read(from[:])
	m.last = binary.BigEndian.Uint64(from[:]) >> 1
	m.greenlet = gevent.SpawnNamed("manager", m.accept)
	return m
}

// accept makes sessions.
func (m *managerServer) accept() error {
	for {
		c, err := m.listener.Accept()
		if errors.Is(err, ErrAuthentication) {
			continue
		}
		if err != nil { // it is closed
			return nil
		}
		if m.over { // it had come before that
			return c.Close()
		}
		m.welcome(c)
	}
}

// welcome makes a session for a client.
func (m *managerServer) welcome(c *Connection) {
	c.bare = true
	c.SetLimit(int64(m.limit + answerRoom))
	s := &managerSession{
		server: m, c: c,
		waiting: map[uint64]*managerCall{}, taken: map[uint64]loan{}, held: map[*managedLock]struct{}{},
	}
	s.mail = newManagerMail(c, m.limit+answerRoom, func() { s.greenlet.KillAsync() })
	m.sessions[s] = struct{}{}
	s.greenlet = gevent.SpawnNamed("manager's session", s.serve)
}

// answerRoom is what may stand around a value that is as long as the limit.
const answerRoom = 64

// do is what the manager itself does.
func (m *managerServer) do(c *managerCall, op managerOp, args *fieldReader) {
	switch op {
	case opCreate:
		kind, name, typ := args.string(), args.string(), args.string()
		if !args.bad {
			m.create(c, managerEntry{kind: kind, name: name, kept: typ}, args)
		}
	case opDrop:
		if id := args.uint(); args.done() {
			m.drop(c, id)
		}
	case opCancel:
		if number := args.uint(); args.done() {
			c.session.cancel(number)
			c.settled = true
		}
	case opConfirm:
		if number := args.uint(); args.done() {
			delete(c.session.taken, number)
			c.settled = true
		}
	case opReject:
		if number := args.uint(); args.done() {
			c.session.giveBack(number)
			c.settled = true
		}
	}
}

// create makes an object, or finds the one that has the name already.
func (m *managerServer) create(c *managerCall, e managerEntry, args *fieldReader) {
	if id, there := m.named[e.name]; there && e.name != "" {
		if old := m.objects[id]; old.kind != e.kind || old.kept != e.kept {
			c.fail(ErrObjectKind)
			return
		}
		c.object(id)
		return
	}
	if len(m.objects) >= maxObjects {
		c.fail(ErrTooMany)
		return
	}
	if e.kind == kindOfType {
		m.construct(c, e, args)
		return
	}
	build := managedKinds[e.kind]
	if build == nil {
		c.fail(ErrNotDefined)
		return
	}
	if e.object = build(args); !args.done() {
		return
	}
	c.object(m.add(e))
}

func (m *managerServer) add(e managerEntry) (id uint64) {
	m.last++
	m.objects[m.last] = &e
	if e.name != "" {
		m.named[e.name] = m.last
	}
	return m.last
}

// object answers with the number of an object.
func (c *managerCall) object(id uint64) {
	c.done(func(b []byte) []byte { return appendUint(b, id) })
}

// A dropper is an object that others may wait for when it is dropped.
type dropper interface{ dropped() }

func (m *managerServer) drop(c *managerCall, id uint64) {
	e := m.objects[id]
	if e == nil {
		c.fail(ErrNoObject)
		return
	}
	delete(m.objects, id)
	delete(m.named, e.name)
	if d, ok := e.object.(dropper); ok {
		d.dropped()
	}
	c.done()
}

// farewellTime is how long clients have to take what they are told at the end.
const farewellTime = time.Second

// shutdown ends the server: clients are told. Parks.
func (m *managerServer) shutdown() error {
	if err := m.listener.Close(); err != nil {
		return err
	}
	m.over = true
	m.greenlet.KillAsync()
	var greenlets []*gevent.Greenlet
	for s := range m.sessions {
		greenlets = append(greenlets, s.greenlet)
		s.mail.open()
		s.mail.pending = append(appendUint(s.mail.pending, 0), byte(noteFarewell))
		s.mail.post()
	}
	defer func() { // also if we are killed
		for s := range m.sessions {
			s.greenlet.KillAsync()
			if !s.begun {
				s.end()
			}
		}
	}()
	err := within(farewellTime, func() error {
		for s := range m.sessions {
			if err := s.mail.flush(); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil && err != gevent.ErrTimeout {
		return err
	}
	return gevent.KillAll(greenlets...)
}
