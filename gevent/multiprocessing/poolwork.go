package multiprocessing

import (
	"encoding/binary"
	"errors"
	"io"
	"syscall"
	"time"

	"greenloop/gevent"
)

// A poolWork is what a worker is told: the arguments of its process.
type poolWork struct {
	Conn    *Connection
	Journal File
	Nice    int
	Init    string // name of the initializer, empty for none
	InitArg []byte
}

var poolWorker = Define("greenloop/gevent/multiprocessing.Pool", poolWork.run)

// run is the life of a worker.
func (w poolWork) run() error {
	defer w.Conn.Close()
	j, err := openJournal(w.Journal.File)
	w.Journal.Close()
	if err != nil {
		return err
	}
	defer j.close()
	if w.Nice != 0 {
		if err := beNice(w.Nice); err != nil {
			return quietly(w.fail(err))
		}
	}
	if w.Init != "" {
		if _, err := funcNamed(w.Init).call(nil, w.InitArg); err != nil {
			return quietly(w.fail(err))
		}
	}
	if err := w.Conn.SendBytes([]byte{saysReady}); err != nil {
		return quietly(err)
	}
	buffer := make([]byte, maxKept)
	for {
		m, err := w.Conn.take(buffer)
		if err != nil {
			return quietly(err)
		}
		if len(m.bytes) == 0 {
			return nil
		}
		o, err := parseOrder(m.bytes)
		if err == nil {
			s := shift{poolOrder: o, call: funcNamed(o.fn), journal: j, conn: w.Conn}
			err = s.work()
		}
		w.Conn.done(m)
		if err != nil {
			return quietly(err)
		}
	}
}

// quietly is how a worker ends whose parent has no use for it.
func quietly(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, syscall.EPIPE) {
		return nil
	}
	return err
}

func (w poolWork) fail(why error) error {
	if err := w.Conn.SendBytes(append([]byte{saysFailed}, encodeError(why)...)); err != nil {
		return err
	}
	return ExitStatus(1)
}

// An order of a pool is a message with a chunk: its number, its slot in the journal, the name of the function, and the
// arguments.
type poolOrder struct {
	number uint32
	slot   int
	fn     string
	args   []byte // each after its length in four bytes
}

func appendOrder(b []byte, number uint32, slot int, fn string) []byte {
	b = binary.BigEndian.AppendUint32(b, number)
	b = append(b, byte(slot))
	b = binary.BigEndian.AppendUint32(b, uint32(len(fn)))
	return append(b, fn...)
}

func parseOrder(b []byte) (o poolOrder, err error) {
	if len(b) < 9 || int(binary.BigEndian.Uint32(b[5:])) > len(b)-9 || b[4] >= inHands {
		return o, errWrongKind
	}
	name := b[9 : 9+binary.BigEndian.Uint32(b[5:])]
	return poolOrder{binary.BigEndian.Uint32(b), int(b[4]), string(name), b[9+len(name):]}, nil
}

// nextArg takes the next argument off the order.
func (o *poolOrder) nextArg() (arg []byte, ok bool) {
	if len(o.args) < 4 {
		return nil, false
	}
	size := uint64(binary.BigEndian.Uint32(o.args))
	if size > uint64(len(o.args)-4) {
		return nil, false
	}
	arg, o.args = o.args[4:4+size], o.args[4+size:]
	return arg, true
}

// A shift is the work at one chunk.
type shift struct {
	poolOrder
	call    encodedFunc
	journal *journal
	conn    *Connection
	index   int // the call under way
	done    bool
}

// flushAfter is how long outcomes wait for others, so that the parent need not read a message for each of them.
const flushAfter = 5 * time.Millisecond

var errCallKilled = errors.New("mp: the greenlet that made the call was killed by it")

// work makes the calls in a greenlet, and, if a call ends that, the others in another one.
func (s *shift) work() error {
	for {
		g := gevent.SpawnNamed(s.fn, s.run)
		if err := g.Join(); err != nil {
			return err
		}
		if s.done {
			return g.Err()
		}
		if err := s.put(s.failure(errCallKilled)); err != nil {
			return err
		}
	}
}

func (s *shift) run() error {
	flushed := time.Now()
	for s.begin() {
		arg, ok := s.nextArg()
		if !ok {
			return s.end(errWrongKind)
		}
		room := s.journal.room()
		b, err := s.call.call(startRecord(room, s.number, s.index), arg)
		if err != nil {
			b = s.failure(err)
		}
		if err := s.put(b); err != nil {
			return s.end(err)
		}
		if now := time.Now(); now.Sub(flushed) > flushAfter {
			if err := s.journal.flush(s.conn); err != nil {
				return s.end(err)
			}
			flushed = now
		}
	}
	return s.end(s.journal.flush(s.conn))
}

func (s *shift) begin() (ok bool) {
	s.index, ok = s.journal.begin(s.slot, s.number)
	return ok
}

func (s *shift) end(err error) error {
	s.done = true
	return err
}

func (s *shift) failure(err error) []byte {
	b := startRecord(nil, s.number, s.index)
	b[failedAt] = 1
	return append(b, encodeError(err)...)
}

// put keeps a record in the journal, or sends it if it is too long for that.
func (s *shift) put(record []byte) error {
	finishRecord(record)
	if s.journal.put(record) {
		return nil
	}
	if err := s.journal.flush(s.conn); err != nil {
		return err
	}
	if s.journal.put(record) {
		return nil
	}
	return s.conn.SendBytes(record)
}
