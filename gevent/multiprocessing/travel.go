package multiprocessing

import (
	"bytes"
	"encoding/gob"
	"math"
	"net"
	"os"

	"greenloop/gevent"
)

// A passport is a Connection on its way to another process: what it is, and what it has received that nobody has taken
// yet.
type passport struct {
	Number          int // of its descriptor
	Receives, Sends bool
	OwnCodec        bool
	Limit           int64
	Block, Long     []byte
	Size            int64
	Handles         int
	Files           []int // numbers of the descriptors that came with Block
}

// GobEncode makes the connection a part of the transfer that is under way, for package gob. It returns ErrLocked while
// the connection is in use.
func (c *Connection) GobEncode() ([]byte, error) { return c.encode(false) }

// GobDecode opens the connection that has come, for package gob. In one value it may come once.
func (c *Connection) GobDecode(b []byte) error {
	from, _, err := decodeConnection(b, true)
	if err != nil {
		return err
	}
	c.waitable, c.conn, c.raw, c.bare = from.waitable, from.conn, from.raw, from.bare
	c.receives, c.sends, c.in = from.receives, from.sends, from.in
	c.bind()
	from.pull, from.in = nil, inbox{}
	opened := transfers.current.opened
	opened[len(opened)-1] = c // which has all that from had
	return nil
}

func (c *Connection) encode(ownCodec bool) ([]byte, error) {
	t, err := outgoing()
	if err != nil {
		return nil, err
	}
	if err := c.usable(true); err != nil {
		return nil, err
	}
	if c.users > 0 || c.out.rest != nil || c.writing.Locked() { // the last one by who sends a rest
		return nil, ErrLocked
	}
	in := &c.in
	p := passport{
		Receives: c.receives, Sends: c.sends, OwnCodec: ownCodec,
		Limit: in.limit, Long: in.long, Size: in.size, Handles: in.handles,
	}
	if in.block != nil {
		p.Block = in.bytes[in.from:in.to]
	}
	if p.Number, err = t.lend(c, c.conn.File, c.depart); err != nil {
		return nil, err
	}
	for _, sysfd := range in.files {
		number, err := t.lend(strayKey{c, sysfd}, func() (*os.File, error) { return dupFile(sysfd, "descriptor") }, func() {})
		if err != nil {
			return nil, err
		}
		p.Files = append(p.Files, number)
	}
	var b bytes.Buffer
	err = gob.NewEncoder(&b).Encode(p)
	return b.Bytes(), err
}

type strayKey struct {
	c     *Connection
	sysfd int
}

// depart ends the connection here: it is another process's now.
func (c *Connection) depart() {
	c.moved = true
	_ = c.end() // it was open
}

// decodeConnection returns the connection that has come; if it came twice in one value, the same one. A bare Connection
// takes all out of what is returned, so it must not come twice.
func decodeConnection(b []byte, bare bool) (c *Connection, ownCodec bool, err error) {
	var p passport
	if err := gob.NewDecoder(bytes.NewReader(b)).Decode(&p); err != nil {
		return nil, false, err
	}
	if t := transfers.current; t != nil && t.made[p.Number] != nil {
		if c = t.made[p.Number]; bare || c.pull == nil {
			return nil, false, errTwice
		}
		return c, p.OwnCodec, nil
	}
	sysfd, t, err := arrived(p.Number)
	if err != nil {
		return nil, false, err
	}
	conn, err := adopt(sysfd, gevent.FileConn)
	if err != nil {
		return nil, false, err
	}
	over, err := asSocket(conn)
	if err != nil {
		return nil, false, err
	}
	if c, err = newConnection(over); err != nil {
		return nil, false, err
	}
	c.receives, c.sends = p.Receives, p.Sends
	in := &c.in
	in.limit, in.size, in.handles = min(p.Limit, math.MaxInt), p.Size, p.Handles
	if p.Long != nil {
		in.long = append(make([]byte, 0, min(p.Size, max(firstPart, int64(len(p.Long))))), p.Long...)
	}
	if len(p.Block) > 0 {
		in.to = copy(in.room(), p.Block)
	}
	for _, number := range p.Files {
		sysfd, _, err := arrived(number)
		if err != nil {
			_ = c.end()
			return nil, false, err
		}
		in.files = append(in.files, sysfd)
	}
	if t.made == nil {
		t.made = map[int]*Connection{}
	}
	t.made[p.Number] = c
	t.opened = append(t.opened, c)
	return c, p.OwnCodec, nil
}

// adopt has open make something of a descriptor that has come, which is closed.
func adopt[T any](sysfd int, open func(*os.File) (T, error)) (T, error) {
	f := os.NewFile(uintptr(sysfd), "descriptor")
	defer f.Close()
	return open(f)
}

// A File is an *os.File that can travel: in the arguments of a process and in values that a Sender sends. It is moved:
// closed here, and open over there, with the same position. A program's own field of type *os.File does not travel.
type File struct{ *os.File }

// GobEncode makes the file a part of the transfer that is under way, for package gob.
func (f File) GobEncode() ([]byte, error) {
	return encodeHandle(f.File, func() (*os.File, error) { return dupOf(f.File) }, func() { f.Close() })
}

// GobDecode opens the file that has come, for package gob.
func (f *File) GobDecode(b []byte) error {
	sysfd, t, err := decodeHandle(b)
	if err != nil {
		return err
	}
	f.File = os.NewFile(uintptr(sysfd), string(b[1:]))
	t.opened = append(t.opened, f.File)
	return nil
}

// A NetConn is a connection of package gevent that can travel as a File does: a *gevent.TCPConn and the like, which it
// is over there, too, on the hub of the receiver.
type NetConn struct{ net.Conn }

// GobEncode makes the connection a part of the transfer that is under way, for package gob.
func (c NetConn) GobEncode() ([]byte, error) { return encodeSocket(c.Conn) }

// GobDecode opens the connection that has come, for package gob.
func (c *NetConn) GobDecode(b []byte) error {
	sysfd, t, err := decodeHandle(b)
	if err != nil {
		return err
	}
	if c.Conn, err = adopt(sysfd, gevent.FileConn); err == nil {
		t.opened = append(t.opened, c.Conn)
	}
	return err
}

// A Listener is a listener of package gevent that can travel as a NetConn does.
type Listener struct{ net.Listener }

// GobEncode makes the listener a part of the transfer that is under way, for package gob.
func (l Listener) GobEncode() ([]byte, error) { return encodeSocket(l.Listener) }

// GobDecode opens the listener that has come, for package gob.
func (l *Listener) GobDecode(b []byte) error {
	sysfd, t, err := decodeHandle(b)
	if err != nil {
		return err
	}
	if l.Listener, err = adopt(sysfd, gevent.FileListener); err == nil {
		t.opened = append(t.opened, l.Listener)
	}
	return err
}

func encodeSocket(s interface{ Close() error }) ([]byte, error) {
	filer, ok := s.(interface{ File() (*os.File, error) })
	if !ok {
		return nil, errNoHandle
	}
	return encodeHandle(s, filer.File, func() {
		if l, ok := s.(interface{ SetUnlinkOnClose(bool) }); ok {
			l.SetUnlinkOnClose(false) // the other process listens there now
		}
		s.Close()
	})
}

// encodeHandle returns the number of a handle in one byte, and the name of its descriptor.
func encodeHandle(key any, dup func() (*os.File, error), gone func()) ([]byte, error) {
	t, err := outgoing()
	if err != nil {
		return nil, err
	}
	name := ""
	if f, ok := key.(*os.File); ok {
		if f == nil {
			return nil, errNoHandle
		}
		name = f.Name()
	}
	number, err := t.lend(key, dup, gone)
	if err != nil {
		return nil, err
	}
	return append([]byte{byte(number)}, name...), nil
}

func decodeHandle(b []byte) (sysfd int, t *transfer, err error) {
	if len(b) == 0 {
		return -1, nil, errWrongKind
	}
	return arrived(int(b[0]))
}
