package multiprocessing

import (
	"bytes"
	"encoding/gob"
	"fmt"
)

// A proxy is what all proxies of a manager's objects are. It can be copied, and can travel: in the arguments of a
// process, and in any value that is sent or put into another object of a manager. It is where the manager is, the key
// and the number of the object; so whoever gets a proxy can use the whole manager.
type proxy struct {
	place  *managerPlace
	object uint64
}

// A proxyPassport is a proxy on its way.
type proxyPassport struct {
	Address string
	Key     []byte
	Object  uint64
}

// GobEncode lets the proxy travel, for package gob. The bytes have the key in them.
func (p proxy) GobEncode() ([]byte, error) {
	if p.place == nil {
		return nil, ErrNoObject
	}
	var b bytes.Buffer
	err := gob.NewEncoder(&b).Encode(proxyPassport{p.place.address, p.place.key, p.object})
	return b.Bytes(), err
}

// GobDecode makes the proxy that has come, for package gob.
func (p *proxy) GobDecode(b []byte) error {
	var from proxyPassport
	if err := gob.NewDecoder(bytes.NewReader(b)).Decode(&from); err != nil {
		return err
	}
	p.place, p.object = &managerPlace{from.Address, from.Key}, from.Object
	return nil
}

// String returns the number of the object and where it is, without the key.
func (p proxy) String() string {
	if p.place == nil {
		return "object of no manager"
	}
	return fmt.Sprintf("object %d of the manager at %s", p.object, p.place.address)
}

// GoString is String.
func (p proxy) GoString() string { return p.String() }

// Drop deletes the object in the manager, for everybody: calls that wait there, and all later ones, fail with
// ErrNoObject. An object that nobody drops lives as long as its manager. Parks. Hub thread only.
func (p proxy) Drop() error {
	_, err := p.to(0, opDrop, func(b []byte) []byte { return appendUint(b, p.object) })
	return err
}

// call calls an operation of the object. Parks.
func (p proxy) call(op managerOp, args func(b []byte) []byte) ([]byte, error) {
	return p.to(p.object, op, args)
}

// count calls an operation whose result is a number. Parks.
func (p proxy) count(op managerOp, args func(b []byte) []byte) (int, error) {
	b, err := p.call(op, args)
	if err != nil {
		return 0, err
	}
	f := fieldReader{rest: b}
	n := f.int()
	if !f.done() {
		return 0, errBadRequest
	}
	return n, nil
}

// isYes reports whether a result is the number that stands for yes.
func isYes(b []byte) bool {
	f := fieldReader{rest: b}
	return f.int() == 1 && f.done()
}

// flag calls an operation whose result is yes or no. Parks.
func (p proxy) flag(op managerOp, args func(b []byte) []byte) (bool, error) {
	n, err := p.count(op, args)
	return n != 0, err
}

func (p proxy) to(object uint64, op managerOp, args func(b []byte) []byte) ([]byte, error) {
	return p.ask(&managerAsk{object: object, op: op, args: args})
}

func (p proxy) ask(ask *managerAsk) ([]byte, error) {
	if p.place == nil {
		return nil, ErrNoObject
	}
	return p.place.do(ask)
}

// create makes an object and returns its proxy. Parks.
func (m *Manager) create(kind, typ string, args func(b []byte) []byte) (proxy, error) {
	switch {
	case m.place == nil:
		return proxy{}, ErrNoManager
	case m.over:
		return proxy{}, lostManager(errShutDown)
	}
	ask := &managerAsk{op: opCreate, args: func(b []byte) []byte {
		b = appendBytes(appendBytes(appendBytes(b, kind), m.name), typ)
		if args != nil {
			b = args(b)
		}
		return b
	}}
	if m.name == "" { // nobody else could find it
		ask.undo = func(l *managerLink, _ uint64, r *managerReply) {
			if r.status == statusDone {
				l.note(0, opDrop, func(b []byte) []byte { return append(b, r.result...) })
			}
		}
	}
	b, err := m.place.do(ask)
	if err != nil {
		return proxy{}, err
	}
	f := fieldReader{rest: b}
	p := proxy{m.place, f.uint()}
	if !f.done() {
		return proxy{}, errBadRequest
	}
	return p, nil
}

// toManager returns v as the bytes that a manager keeps.
func toManager[T any](c *codec[T], v *T) ([]byte, error) {
	var t *transfer
	if c.handles {
		t = new(transfer)
	}
	b, err := c.encode(nil, v, t)
	if err == nil && t != nil && t.handles != nil {
		err = errStays
	}
	if err != nil {
		return nil, encodeFailed[T](err)
	}
	return b, nil
}

// fromManager returns the value of which b is the bytes.
func fromManager[T any](c *codec[T], b []byte) (v T, err error) {
	var t *transfer
	if c.handles {
		t = new(transfer)
	}
	if err := c.decode(b, &v, t); err != nil {
		return *new(T), decodeFailed[T](err)
	}
	return v, nil
}

// allToManager returns the values one behind the other.
func allToManager[T any](b []byte, c *codec[T], vs []T) ([]byte, error) {
	b = appendUint(b, len(vs))
	for i := range vs {
		one, err := toManager(c, &vs[i])
		if err != nil {
			return nil, err
		}
		b = appendBytes(b, one)
	}
	return b, nil
}

// allFromManager is the other way round.
func allFromManager[T any](f *fieldReader, c *codec[T]) ([]T, error) {
	n := f.count()
	vs := make([]T, 0, min(n, firstItems))
	for range n {
		v, err := fromManager(c, f.bytes())
		if err != nil {
			return nil, err
		}
		vs = append(vs, v)
	}
	if !f.done() {
		return nil, errBadRequest
	}
	return vs, nil
}
