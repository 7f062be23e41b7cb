package multiprocessing

import (
	"bytes"
	"io"
	"iter"
	"time"
)

// A Sender sends values of type T to the Receiver at the other end of a Pipe. What is said of a Connection holds for
// it; its methods are there, too, for bytes and descriptors between the values.
//
// []byte and string travel as they are; an int, what has a fixed size, and slices of these as by package
// encoding/binary; all else by package gob: exported fields, and types that encode themselves. Fields that are not
// exported, functions and channels are left out. An empty slice arrives as nil, and so does a pointer in a field if it
// points to zero, false or ""; what two pointers share arrives twice. A type that is in an interface needs gob.Register in
// an init function, unless it is a basic one or a slice of such. A value that points to itself, or has more than 100,000
// pointers, maps and slices within one another, is an error.
//
// Handles inside a value are moved to the process that receives it: Senders, Receivers, Conns and Connections, and Files,
// NetConns and Listeners. A type that has a handle of this package in a field that is not exported is refused by a panic;
// so is a struct that embeds one, which is then all that package gob sees, unless it has a GobEncode of its own.
type Sender[T any] struct {
	*Connection
	codec codec[T]
	own   bool // the codec is one of WithCodec
	value T    // while it is encoded: there, no memory is needed for it
}

// A Receiver receives values of type T, see Sender.
type Receiver[T any] struct {
	*Connection
	codec codec[T]
	own   bool
	value T // while it is decoded
}

// A Conn is one end of a Duplex: it sends values of type S and receives values of type R.
type Conn[S, R any] struct {
	*Connection
	out Sender[S]
	in  Receiver[R]
}

// Pipe returns the two ends of a new pipe: what s sends, r receives. Each is good for the process that has made it
// until it is moved to another one, in the arguments of a process or in a value that is sent. Close the end that is not
// moved and not used, or the other one never sees io.EOF. The error is as with NewConnections. Hub thread only.
func Pipe[T any]() (r *Receiver[T], s *Sender[T], err error) {
	code := codecOf[T]() // first, for it may panic
	a, b, err := oneWay()
	if err != nil {
		return nil, nil, err
	}
	return &Receiver[T]{Connection: a, codec: code}, &Sender[T]{Connection: b, codec: code}, nil
}

// Duplex returns two ends, each of which receives what the other one sends; see Pipe. Hub thread only.
func Duplex[S, R any]() (*Conn[S, R], *Conn[R, S], error) {
	_, _ = codecOf[S](), codecOf[R]() // first, for they may panic
	a, b, err := NewConnections()
	if err != nil {
		return nil, nil, err
	}
	return newConn[S, R](a, false), newConn[R, S](b, false), nil
}

func newConn[S, R any](c *Connection, own bool) *Conn[S, R] {
	return &Conn[S, R]{
		c,
		Sender[S]{Connection: c, codec: codecUnless[S](own), own: own},
		Receiver[R]{Connection: c, codec: codecUnless[R](own), own: own},
	}
}

// codecUnless returns no codec for an end that had one of its own elsewhere: functions do not travel.
func codecUnless[T any](own bool) codec[T] {
	if own {
		return codec[T]{}
	}
	return codecOf[T]()
}

// WithCodec has values encoded by enc, and returns s. The other end needs the decoder, and a process to which s is
// moved must call it again. Handles do not travel by it. Hub thread only.
func (s *Sender[T]) WithCodec(enc func(v T) ([]byte, error)) *Sender[T] {
	if enc == nil {
		panic("mp: WithCodec of a nil function")
	}
	s.own, s.codec.handles = true, false
	s.codec.encode = func(b []byte, v *T, _ *transfer) ([]byte, error) {
		more, err := enc(*v)
		return append(b, more...), err
	}
	return s
}

// WithCodec has values decoded by dec, which may keep what it is given, and returns r. See the Sender's. Hub thread
// only.
func (r *Receiver[T]) WithCodec(dec func(b []byte) (T, error)) *Receiver[T] {
	if dec == nil {
		panic("mp: WithCodec of a nil function")
	}
	r.own, r.codec.handles = true, false
	r.codec.decode = func(b []byte, v *T, _ *transfer) (err error) {
		*v, err = dec(bytes.Clone(b))
		return err
	}
	return r
}

// WithCodec is that of a Sender and of a Receiver. Hub thread only.
func (c *Conn[S, R]) WithCodec(enc func(v S) ([]byte, error), dec func(b []byte) (R, error)) *Conn[S, R] {
	c.out.WithCodec(enc)
	c.in.WithCodec(dec)
	return c
}

// Send sends v, and waits as long as there is no room for it. It ends early as SendBytes does, or with the error of the
// codec; then nothing is sent. Encoding must not park. Parks. Hub thread only.
func (s *Sender[T]) Send(v T) error {
	if err := s.usable(s.sends); err != nil {
		return err
	}
	if s.codec.encode == nil {
		return errNoCodec
	}
	s.value = v
	if b, ok := rawOf(&s.value); ok && !s.own {
		s.value = *new(T)
		return s.SendBytes(b)
	}
	buffer := buffers.Get().(*[]byte)
	defer giveBuffer(buffer)
	var t *transfer
	if s.codec.handles {
		t = new(transfer)
	}
	b, err := s.codec.encode((*buffer)[:maxHead], &s.value, t)
	s.value = *new(T)
	if err != nil {
		return encodeFailed[T](err)
	}
	*buffer = b
	if t == nil || t.handles == nil {
		return s.post(address(b, int64(len(b)-maxHead), 0), nil, nil)
	}
	return s.postWith(b, t)
}

// postWith sends a message with handles, which are moved unless nothing is sent.
func (c *Connection) postWith(b []byte, t *transfer) error {
	if err := t.open(); err != nil {
		return err
	}
	p := &parcel{files: t.out}
	defer func() { t.settle(p.gone) }() // also if we are killed
	return c.post(address(b, int64(len(b)-maxHead), len(t.out)), nil, p)
}

// SendTimeout is Send that waits no longer than d, see SendBytesTimeout. Parks. Hub thread only.
func (s *Sender[T]) SendTimeout(d time.Duration, v T) error {
	return within(d, func() error { return s.Send(v) })
}

// Recv waits for a value and returns it. It ends early as RecvBytes does. If the value cannot be decoded it is lost,
// and the error says why; those behind it are not. Decoding must not park. Parks. Hub thread only.
func (r *Receiver[T]) Recv() (v T, err error) {
	if r.codec.decode == nil {
		return v, errNoCodec
	}
	m, err := r.take(nil)
	if err != nil {
		return v, err
	}
	defer r.done(m)
	var t *transfer
	if r.codec.handles {
		t = &transfer{files: m.files}
	}
	r.value = *new(T) // a decoder that has panicked has left something
	err = r.codec.decode(m.bytes, &r.value, t)
	v, r.value = r.value, *new(T)
	if err != nil {
		return *new(T), decodeFailed[T](err)
	}
	return v, nil
}

// RecvTimeout is Recv that waits no longer than d, see RecvBytesTimeout. Parks. Hub thread only.
func (r *Receiver[T]) RecvTimeout(d time.Duration) (v T, err error) {
	err = within(d, func() (err error) {
		v, err = r.Recv()
		return err
	})
	return v, err
}

// All yields one value after the other, until the other end is gone. Any other error is yielded as the last thing, with
// no value. Parks. Hub thread only.
func (r *Receiver[T]) All() iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for {
			v, err := r.Recv()
			if err == io.EOF || !yield(v, err) || err != nil {
				return
			}
		}
	}
}

// Send is that of a Sender. Parks. Hub thread only.
func (c *Conn[S, R]) Send(v S) error { return c.out.Send(v) }

// SendTimeout is that of a Sender. Parks. Hub thread only.
func (c *Conn[S, R]) SendTimeout(d time.Duration, v S) error { return c.out.SendTimeout(d, v) }

// Recv is that of a Receiver. Parks. Hub thread only.
func (c *Conn[S, R]) Recv() (R, error) { return c.in.Recv() }

// RecvTimeout is that of a Receiver. Parks. Hub thread only.
func (c *Conn[S, R]) RecvTimeout(d time.Duration) (R, error) { return c.in.RecvTimeout(d) }

// All is that of a Receiver. Parks. Hub thread only.
func (c *Conn[S, R]) All() iter.Seq2[R, error] { return c.in.All() }

// GobEncode makes the end a part of the transfer that is under way, for package gob.
func (s *Sender[T]) GobEncode() ([]byte, error) { return s.encode(s.own) }

// GobDecode opens the end that has come, for package gob.
func (s *Sender[T]) GobDecode(b []byte) (err error) {
	s.Connection, s.own, err = decodeConnection(b, false)
	s.codec = codecUnless[T](s.own)
	return err
}

// GobEncode makes the end a part of the transfer that is under way, for package gob.
func (r *Receiver[T]) GobEncode() ([]byte, error) { return r.encode(r.own) }

// GobDecode opens the end that has come, for package gob.
func (r *Receiver[T]) GobDecode(b []byte) (err error) {
	r.Connection, r.own, err = decodeConnection(b, false)
	r.codec = codecUnless[T](r.own)
	return err
}

// GobEncode makes the end a part of the transfer that is under way, for package gob.
func (c *Conn[S, R]) GobEncode() ([]byte, error) { return c.encode(c.out.own) }

// GobDecode opens the end that has come, for package gob.
func (c *Conn[S, R]) GobDecode(b []byte) error {
	conn, own, err := decodeConnection(b, false)
	if err == nil {
		*c = *newConn[S, R](conn, own)
	}
	return err
}
