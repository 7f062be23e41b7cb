package multiprocessing

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"slices"
	"syscall"
	"time"

	"greenloop/gevent"
)

// Whoever connects proves that it has the key, then the listener does. Each proof is HMAC-SHA256, under the key, of the
// role of whoever proves and of two numbers, one of each side, which are fresh for the connection. So neither the key
// is sent nor anything that would be a proof elsewhere: not what the other side has sent, and not in another connection.
//
//	listener → dialer  greeting, number of the listener
//	dialer → listener  number of the dialer, its proof
//	listener → dialer  its proof, or refusal
const (
	greeting  = "greenloop mp 1\n"
	refusal   = "refused"
	nonceSize = 32
	proofSize = sha256.Size
)

// handshakeLimit is the longest message of a handshake.
const handshakeLimit = 256

// HandshakeTimeout is how long the authentication of a connection may take.
const HandshakeTimeout = 10 * time.Second

// handshakeTimeout is another one in tests.
var handshakeTimeout = HandshakeTimeout

type role string

const (
	dialerRole   role = "dialer"
	listenerRole role = "listener"
)

// proof is what only who has the key can say.
func (r role) proof(key, listeners, dialers []byte) []byte {
	h := hmac.New(sha256.New, key)
	h.Write([]byte(greeting + string(r) + "\n"))
	h.Write(listeners)
	h.Write(dialers)
	return h.Sum(nil)
}

func freshNonce() []byte {
	b := make([]byte, nonceSize)
	rand.Read(b)
	return b
}

// authenticate runs one side of the handshake, in bounded time and with bounded messages. Without it there are no
// descriptors for anybody.
func (c *Connection) authenticate(side func(*Connection, []byte) error, key []byte) error {
	limit, bare := c.in.limit, c.bare
	c.in.limit, c.bare = handshakeLimit, true
	err := within(handshakeTimeout, func() error { return side(c, key) })
	c.in.limit, c.bare = limit, bare
	if err == gevent.ErrTimeout { // that very value: else it is a scope's
		return fmt.Errorf("%w: no answer for %v", ErrAuthentication, handshakeTimeout)
	}
	return err
}

// challenge is the side of the listener.
func challenge(c *Connection, key []byte) error {
	ours := freshNonce()
	if err := c.SendBytes(append([]byte(greeting), ours...)); err != nil {
		return unproven(err)
	}
	b, err := c.RecvBytes()
	if err != nil {
		return unproven(err)
	}
	if len(b) != nonceSize+proofSize || !hmac.Equal(b[nonceSize:], dialerRole.proof(key, ours, b[:nonceSize])) {
		_ = c.SendBytes([]byte(refusal)) // it may be gone
		return ErrAuthentication
	}
	if err := c.SendBytes(listenerRole.proof(key, ours, b[:nonceSize])); err != nil {
		return unproven(err)
	}
	return nil
}

// respond is the side of the dialer.
func respond(c *Connection, key []byte) error {
	b, err := c.RecvBytes()
	if err != nil {
		return unproven(err)
	}
	if len(b) != len(greeting)+nonceSize || string(b[:len(greeting)]) != greeting {
		return fmt.Errorf("%w: what listens there asks for no key", ErrAuthentication)
	}
	ours, theirs := freshNonce(), b[len(greeting):]
	if err := c.SendBytes(append(ours, dialerRole.proof(key, theirs, ours)...)); err != nil {
		return unproven(err)
	}
	if b, err = c.RecvBytes(); err != nil {
		return unproven(err)
	}
	if !hmac.Equal(b, listenerRole.proof(key, theirs, ours)) {
		return ErrAuthentication
	}
	return nil
}

// unproven is the error of a handshake that was cut short. What was thrown at the greenlet stays what it is.
func unproven(err error) error {
	if _, ofSystem := errors.AsType[syscall.Errno](err); ofSystem || slices.Contains(cutShort, err) {
		return fmt.Errorf("%w: %w", ErrAuthentication, err)
	}
	return err
}

var cutShort = []error{io.EOF, io.ErrUnexpectedEOF, ErrTooLarge, errLost}
