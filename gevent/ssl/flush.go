package ssl

import (
	"errors"
	"net"
	"os"
	"time"

	"greenloop/gevent"
)

// This file is how what crypto/tls has written is sent. Who waits for that may be killed, and could not tell any more how
// far it got: so a greenlet of its own, the flusher, waits for room. Where there is room, push needs none.

// open makes conn the connection underneath.
func (w *wire) open(conn net.Conn) {
	w.conn = conn
	switch c := conn.(type) { // these very types: one that embeds them may have a Write of its own
	case *gevent.TCPConn:
		w.raw, _ = c.SyscallConn()
	case *gevent.UnixConn:
		w.raw, _ = c.SyscallConn()
	}
}

// drain waits until all that was written has been sent.
func (w *wire) drain() error {
	for {
		switch {
		case w.closed:
			return net.ErrClosed
		case w.outErr != nil:
			return w.outErr
		case over(w.writeBy):
			return os.ErrDeadlineExceeded
		case w.idle():
			return nil
		}
		w.push()
		if w.idle() || w.outErr != nil {
			continue // it was done at once
		}
		if err := w.await(); err != nil {
			return err
		}
	}
}

// push sends what is pending as far as there is room, in the current greenlet, and has the flusher send the rest. It does
// not wait for the peer, but it may let others run first, as all IO does that never waits. Much is left to the flusher
// altogether, for which it costs little: so who reads it runs in between, while it is in the processor's cache.
func (w *wire) push() {
	if w.raw == nil || len(w.pending) > maxPush || !w.ripe() {
		w.flush()
		return
	}
	if w.step == nil {
		w.step = func(sysfd uintptr) bool {
			w.sent = writeNow(sysfd, w.sending)
			return true // also if there was no room
		}
	}
	w.sending, w.pending, w.sent, w.unasked = w.pending, nil, 0, 0
	defer func() { // also if we are killed before the step
		rest, later := copy(w.sending, w.sending[w.sent:]), w.pending
		if rest > 0 {
			w.pending = append(w.sending[:rest], later...)
			w.sending = later
		}
		w.sent = 0
		w.release()
		w.flush()
	}()
	_ = w.raw.Write(w.step) // the flusher finds out why it has failed
}

// ripe reports whether something is pending that is to be sent, and nobody does so.
func (w *wire) ripe() bool {
	return len(w.pending) > 0 && w.sending == nil && w.outErr == nil && (w.flusher == nil || w.flusher.Ready())
}

// flush has the flusher send what is pending. It does not park.
func (w *wire) flush() {
	if !w.ripe() {
		return
	}
	if w.run == nil {
		w.run = w.sendAll
	}
	w.flusher = gevent.SpawnNamed("TLS flush", w.run)
	if w.flusher.Ready() { // the hub is ending, no greenlet starts there any more
		_ = w.run()
	}
}

// sendAll is the flusher.
func (w *wire) sendAll() error {
	for len(w.pending) > 0 && w.sending == nil && w.outErr == nil {
		w.send()
	}
	return nil
}

// send sends what is pending now.
func (w *wire) send() {
	w.sending, w.pending, w.unasked = w.pending, nil, 0
	err := net.ErrClosed // if the hub ends meanwhile: nobody knows how much has been sent
	defer func() {
		if w.outErr == nil {
			w.outErr = err
		}
		w.release()
	}()
	_, err = w.conn.Write(w.sending)
}

// release takes leave of what was being sent.
func (w *wire) release() {
	if cap(w.sending) == len(block{}) { // else it has outgrown its block
		blocks.Put((*block)(w.sending[:len(block{})]))
	}
	w.sending = nil
	w.tell()
}

// conclude sends what is pending at once, in the current greenlet, if there is room: the last that is ever sent, for which
// nobody waits as a rule. If there is none that fails all that waits, too.
func (w *wire) conclude() {
	if len(w.pending) == 0 || w.sending != nil || w.outErr != nil {
		return
	}
	_ = w.conn.SetWriteDeadline(time.Now().Add(linger)) // where it fails the write fails, too
	defer func() {
		_ = w.conn.SetWriteDeadline(time.Time{})
		if errors.Is(w.outErr, os.ErrDeadlineExceeded) { // which was no deadline of the caller's
			w.outErr = errNoRoom
		}
	}()
	w.send()
}

// idle reports whether all that was written has been sent.
func (w *wire) idle() bool { return len(w.pending) == 0 && w.sending == nil }

// await waits for the flusher, until something has changed.
func (w *wire) await() error {
	by := w.writeBy
	if by.IsZero() {
		return w.moved.Wait()
	}
	err := w.moved.WaitTimeout(time.Until(by))
	switch {
	case err != gevent.ErrTimeout: // that very value: else it is a scope's
		return err
	case !w.writeBy.Equal(by):
		return nil // it was moved in the same moment
	}
	return os.ErrDeadlineExceeded
}

// tell has those who wait for the flusher look again.
func (w *wire) tell() {
	w.moved.Set()
	w.moved.Clear()
}
