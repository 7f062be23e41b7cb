package http

import (
	"compress/gzip"
	"errors"
	"io"

	"greenloop/gevent"
)

var (
	errTrReadClosed  = errors.New("http: read on closed response body")
	errTrReadTwice   = errors.New("http: concurrent read on response body")
	errTrReadOutside = errors.New("http: response body of a Transport read outside its hub: read it in a greenlet of that hub")
)

// A trBody is the body of a response. What it hands out is read from the connection, which goes back to the pool at its
// end.
type trBody struct {
	e       *trExchange
	src     io.Reader // of package net/http; holds a Go lock while it reads, so only one greenlet at a time may call it
	keep    bool      // the connection is of use after it
	reading bool
	closed  bool
	err     error // what each Read returns from now on
}

// Read reads what has come of the body, waiting for at least one byte. It returns io.EOF at the end, an error of the
// connection, the cause of the request's context once that is done, or what ended the wait; an error stays. Parks. Hub
// thread only; elsewhere it returns an error.
func (b *trBody) Read(p []byte) (n int, err error) {
	switch {
	case gevent.GetHub() != b.e.hub:
		return 0, errTrReadOutside
	case b.closed:
		return 0, errTrReadClosed
	case b.reading:
		return 0, errTrReadTwice
	case b.err != nil:
		return 0, b.err
	}
	b.reading, b.err = true, io.ErrUnexpectedEOF
	defer func() { // if the read was ended by a kill, b.err is what it was set to
		b.reading = false
		switch {
		case b.err == io.EOF:
			b.e.finish(b.keep)
		case b.err != nil:
			b.e.abort()
		}
	}()
	n, err = b.src.Read(p)
	err = b.e.c.reason(err)
	switch {
	case err == nil || err == io.EOF:
	case b.e.cause != nil:
		err = b.e.cause
	case b.closed:
		err = errTrReadClosed
	}
	b.err = err
	return n, err
}

// Close ends the exchange; unless the body has been read to its end, that closes the connection. Does not park. Safe from
// any goroutine.
func (b *trBody) Close() error {
	b.e.onHub(func() {
		b.closed = true
		b.e.abort()
	})
	return nil
}

// A trUnpacked is the body of a response whose packing was our idea.
type trUnpacked struct {
	packed  *trBody
	zr      *gzip.Reader // nil until the first Read
	reading bool
	err     error
}

// Read is that of the body beneath, unpacked; a body that is no gzip is an error, too. Parks. Hub thread only.
func (u *trUnpacked) Read(p []byte) (n int, err error) {
	switch {
	case gevent.GetHub() != u.packed.e.hub:
		return 0, errTrReadOutside
	case u.packed.closed:
		return 0, errTrReadClosed
	case u.reading:
		return 0, errTrReadTwice
	case u.err != nil:
		return 0, u.err
	}
	u.reading, u.err = true, io.ErrUnexpectedEOF // which stays if a kill ends this half-way
	defer func() { u.reading = false }()
	if u.zr == nil {
		zr, err := gzip.NewReader(u.packed)
		if err != nil {
			u.err = err
			return 0, err
		}
		u.zr = zr
	}
	n, u.err = u.zr.Read(p)
	return n, u.err
}

// Close is that of the body beneath. Safe from any goroutine.
func (u *trUnpacked) Close() error { return u.packed.Close() }
