package multiprocessing

import (
	"encoding/binary"
	"errors"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"

	"greenloop/gevent"
)

// A poolWork is what a worker is told: the arguments of its process.
type poolWork struct {
	Conn       *Connection
	Journal    File
	Nice       int
	Background bool
	Init       string // name of the initializer, empty for none
	InitArg    []byte
}

var poolWorker = Define("greenloop/gevent/multiprocessing.Pool", poolWork.run)

// run is the life of a worker. Ctrl-C, which goes to the parent, too, is that one's affair.
func (w poolWork) run() error {
	signal.Ignore(os.Interrupt)
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
	if w.Background {
		if err := beInTheBackground(); err != nil {
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
		j.since = time.Now()
		for rest := m.bytes; err == nil && len(rest) > 0; {
			var o poolOrder
			if o, rest, err = parseOrder(rest); err == nil {
				w.Conn.sleeps = o.crowd
				s := shift{poolOrder: o, encodedFunc: funcNamed(o.fn), journal: j, conn: w.Conn}
				err = s.work()
				j.finish() // its results, before those of another chunk
			}
		}
		w.Conn.done(m)
		if err == nil {
			err = j.flush(w.Conn)
		}
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

// An order of a pool is the work at a chunk: the length of all of it in eight bytes, the chunk's number in four, its slot
// in the journal in one, whether it works on a crowded computer in one, the length of the function's name in four, the
// name, and the arguments. A message has some.
type poolOrder struct {
	number uint32
	slot   int
	crowd  bool
	fn     string
	args   []byte // see parts
}

const orderHead = 8 + 4 + 1 + 1 + 4

// startOrder appends all but the arguments, and no length yet.
func startOrder(b []byte, number uint32, slot int, crowd bool, fn string) []byte {
	b = binary.BigEndian.AppendUint64(b, 0)
	b = binary.BigEndian.AppendUint32(b, number)
	b = append(b, byte(slot), 0)
	if crowd {
		b[len(b)-1] = 1
	}
	b = binary.BigEndian.AppendUint32(b, uint32(len(fn)))
	return append(b, fn...)
}

func finishOrder(b []byte) { binary.BigEndian.PutUint64(b, uint64(len(b))) }

func parseOrder(b []byte) (o poolOrder, rest []byte, err error) {
	if len(b) < orderHead || b[12] >= inHands {
		return o, nil, errWrongKind
	}
	size, name := binary.BigEndian.Uint64(b), uint64(binary.BigEndian.Uint32(b[14:]))
	if size > uint64(len(b)) || orderHead+name > size {
		return o, nil, errWrongKind
	}
	fn := string(b[orderHead : orderHead+name])
	return poolOrder{binary.BigEndian.Uint32(b[8:]), int(b[12]), b[13] == 1, fn, b[orderHead+name : size]}, b[size:], nil
}

// A shift is the work at one chunk.
type shift struct {
	poolOrder
	*encodedFunc
	journal *journal
	conn    *Connection
	index   int // the call under way
	done    bool
}

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
	err := s.callAll()
	s.done = true
	return err
}

// callAll makes the calls. What recovers from a panic is not made anew for each: that would cost as much as all else.
func (s *shift) callAll() error {
	for {
		panicked, err := s.untilPanic()
		if panicked == nil {
			return err
		}
		if err := s.put(s.failure(panicked)); err != nil {
			return err
		}
	}
}

// untilPanic makes the calls up to one that panics.
func (s *shift) untilPanic() (panicked, err error) {
	defer recovered(&panicked)
	argSize, resultSize := 0, 0
	if s.encodedFunc != nil {
		argSize, resultSize = s.argSize, s.resultSize
	}
	wanted := s.journal.wanted()
	for s.begin() {
		arg, rest, ok := part(s.args, argSize)
		if !ok {
			return nil, errWrongKind
		}
		s.args = rest
		if err := s.callOne(arg, resultSize); err != nil {
			return nil, err
		}
		if wanted.Load() == 1 {
			wanted.Store(0)
			if err := s.journal.flush(s.conn); err != nil {
				return nil, err
			}
		}
	}
	return nil, nil
}

// callOne makes a call and notes its outcome: with others of the same size, or in a record of its own.
func (s *shift) callOne(arg []byte, size int) error {
	j := s.journal
	if size > 0 && j.opened == 0 && !j.start(s.slot, s.number, s.index, size) {
		size = 0
	}
	room := j.room()
	if size > 0 && cap(room) >= size {
		b, err := s.callOrPanic(room, arg)
		if err == nil {
			copy(room[:size], b) // onto itself, if it was made there
			j.extend(size)
			return nil
		}
		return s.put(s.failure(err))
	}
	b, err := s.callOrPanic(startRecord(room, oneResult, s.number, s.index), arg)
	if err != nil {
		b = s.failure(err)
	}
	return s.put(b)
}

func (s *shift) begin() (ok bool) {
	s.index, ok = s.journal.begin(s.slot, s.number)
	return ok
}

func (s *shift) failure(err error) []byte {
	return append(startRecord(nil, oneError, s.number, s.index), encodeError(err)...)
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
