package multiprocessing

import (
	"errors"
	"fmt"
	"net"
	"os"
	"slices"
	"time"

	"greenloop/gevent"
)

// A ConnectionListener takes connections from other processes, also from unrelated ones, which call Dial. It belongs to
// the hub on which it was made, and is closed when that ends.
type ConnectionListener struct {
	l        net.Listener
	dir      string      // of a private address
	file     os.FileInfo // of its socket, nil if there is none
	key      []byte
	accepter *gevent.Greenlet
	shaking  []*welcome // handshakes under way, the oldest first
	done     *gevent.Queue[arrival]
	closed   bool
}

// An arrival is a connection whose handshake is over, or why there is none.
type arrival struct {
	c   *Connection
	err error
}

const (
	maxShaking  = 256 // handshakes at once
	maxArrivals = 128 // connections that wait for Accept
	acceptPause = 10 * time.Millisecond
)

// Listen listens at an address: host:port for TCP, or the name of a Unix domain socket, which has a slash in it or, on
// Linux, begins with an "@" and needs no file. "" is a new Unix address that nobody can guess. The file of a Unix socket
// is removed by Close; a socket's file that a dead process has left there is replaced, by one of those that start at once.
//
// On Linux every user of the machine can list the addresses without a file, also that of "", and connect: have a key.
//
// Both sides must have the same key and prove it to each other, without sending it. Nothing is encrypted, and who can
// change what is on its way can do as whoever has the key: over a network that others use, go through a tunnel. With an
// empty key nobody proves anything, which TCP refuses with ErrNoKey. Who has the key is trusted with what the connection
// is used for. The error is ErrNoKey, that of the system, or one thrown at the greenlet: it may wait for others that begin
// to listen in the same directory. Parks. Hub thread only.
func Listen(address string, key []byte) (*ConnectionListener, error) {
	if len(key) == 0 && address != "" && networkOfAddress(address) == "tcp" {
		return nil, ErrNoKey
	}
	l, dir, err := listenAt(address)
	if err != nil {
		return nil, err
	}
	return listenOn(l, dir, key), nil
}

// listenOn takes over l, and the directory that was made for it.
func listenOn(l net.Listener, dir string, key []byte) *ConnectionListener {
	cl := &ConnectionListener{l: l, dir: dir, key: slices.Clone(key), done: gevent.NewQueue[arrival](maxArrivals)}
	cl.file = fileOf(l)
	cl.accepter = gevent.SpawnNamed("accept", cl.accept)
	return cl
}

// accept gives each connection a greenlet for its handshake. If there are too many, the oldest one has to go: so
// clients that say nothing keep nobody out.
func (l *ConnectionListener) accept() error {
	defer func() { // also if the hub ends
		spareFile(l.l, l.file)
		removeDir(l.dir)
	}()
	for {
		conn, err := l.l.Accept()
		if errors.Is(err, net.ErrClosed) {
			l.done.Shutdown(false)
			return nil
		}
		if err != nil { // such as too many descriptors: some may be closed meanwhile
			if err := gevent.Sleep(acceptPause); err != nil {
				return err
			}
			continue
		}
		c, err := asConnection(conn)
		if err != nil {
			continue // its socket is closed
		}
		l.shaking = slices.DeleteFunc(l.shaking, func(w *welcome) bool { return w.greenlet.Ready() })
		if len(l.shaking) >= maxShaking {
			l.shaking[0].end()
			l.shaking = l.shaking[1:]
		}
		w := &welcome{l: l, c: c}
		w.greenlet = gevent.SpawnNamed("handshake", w.shake)
		l.shaking = append(l.shaking, w)
	}
}

func asConnection(conn net.Conn) (*Connection, error) {
	s, err := asSocket(conn)
	if err != nil {
		return nil, err
	}
	c, err := newConnection(s)
	if err != nil {
		conn.Close()
		return nil, err
	}
	return c, nil
}

// A welcome is a handshake.
type welcome struct {
	l        *ConnectionListener
	c        *Connection
	greenlet *gevent.Greenlet
	begun    bool // from then on its own deferred function closes the connection
	kept     bool
}

func (w *welcome) end() {
	w.greenlet.KillAsync()
	if !w.begun {
		_ = w.c.Close()
	}
}

func (w *welcome) shake() error {
	w.begun = true
	defer func() { // also if it is killed
		if !w.kept {
			_ = w.c.Close()
		}
	}()
	if len(w.l.key) > 0 {
		if err := w.c.authenticate(challenge, w.l.key); err != nil {
			_ = w.l.done.TryPut(arrival{err: err}) // if nobody listens, nobody misses it
			return nil
		}
	}
	if err := w.l.done.Put(arrival{c: w.c}); err != nil {
		return nil
	}
	w.kept = true
	return nil
}

// Accept waits for the next connection and returns it. ErrAuthentication says that somebody has tried who has not the
// key, or did not answer within HandshakeTimeout: call Accept again. A client that says nothing holds up no other one.
// After Close the error is ErrClosed; else it was thrown at the greenlet. Parks. Hub thread only.
func (l *ConnectionListener) Accept() (*Connection, error) {
	a, err := l.done.Get()
	switch {
	case err == gevent.ErrShutdown:
		return nil, ErrClosed
	case err != nil:
		return nil, err
	}
	return a.c, a.err
}

// Address returns where it listens, for Dial. Hub thread only.
func (l *ConnectionListener) Address() string { return addressOf(l.l) }

// String returns where it listens, without the key.
func (l *ConnectionListener) String() string { return "listener at " + l.Address() }

// GoString is String.
func (l *ConnectionListener) GoString() string { return l.String() }

// Close stops listening. Connections that nobody has accepted are closed, those that were accepted stay. A second one
// returns ErrClosed. Does not park. Hub thread only.
func (l *ConnectionListener) Close() error {
	if l.closed {
		return ErrClosed
	}
	l.closed = true
	spareFile(l.l, l.file)
	err := l.l.Close()
	removeDir(l.dir)
	l.accepter.KillAsync()
	for _, w := range l.shaking {
		w.end()
	}
	l.shaking = nil
	for {
		a, none := l.done.TryGet()
		if none != nil {
			break
		}
		if a.c != nil {
			_ = a.c.Close()
		}
	}
	l.done.Shutdown(true)
	return err
}

// Dial connects to what listens at an address, with the key of both: see Listen. The error is ErrAuthentication if they
// have not the same key, or no proof of that comes within HandshakeTimeout; or that of the system; or it was thrown at
// the greenlet. Parks. Hub thread only.
func Dial(address string, key []byte) (*Connection, error) {
	network := networkOfAddress(address)
	if len(key) == 0 && network == "tcp" {
		return nil, ErrNoKey
	}
	conn, err := gevent.Dial(network, address)
	if err != nil {
		return nil, fmt.Errorf("mp: %w", err)
	}
	c, err := asConnection(conn)
	if err != nil || len(key) == 0 {
		return c, err
	}
	proven := false
	defer func() { // also if we are killed
		if !proven {
			_ = c.Close()
		}
	}()
	if err := c.authenticate(respond, key); err != nil {
		return nil, err
	}
	proven = true
	return c, nil
}
