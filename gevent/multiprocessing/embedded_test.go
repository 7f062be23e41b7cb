//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd

package multiprocessing_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	mp "greenloop/gevent/multiprocessing"
)

type (
	embeddedLock struct {
		*mp.Lock
		Count int
	}
	embeddedFile struct { // by value only a pointer to it has the methods
		Name string
		mp.File
	}
	embeddedQueue struct {
		*mp.Queue[int]
		Next *embeddedQueue
	}
	embeddedDeep struct {
		Rest int
		embeddedLower
	}
	embeddedLower  struct{ *mp.Sender[int] }
	embeddedHidden = struct{ *embeddedAlias }
	embeddedAlias  = mp.Conn[int, int]
	embeddedInside struct {
		All map[string][]*embeddedCondition
	}
	embeddedCondition struct {
		*mp.Condition
		Count int
	}
	embeddedLoop struct { // its own handle is nearer than that of the loop
		*embeddedBack
		mp.NetConn
	}
	embeddedBack struct {
		*embeddedLoop
		*mp.Event
	}
	embeddedKept struct{ kept embeddedLock }
)

type (
	embeddedTwo struct { // of two methods of that name none is promoted
		*mp.Lock
		*mp.Event
		Count int
	}
	embeddedOwn struct {
		*mp.Lock
		Count int
	}
	embeddedOwnValue struct {
		*mp.Lock
		Count int
	}
	embeddedGeneric[T any] struct {
		*mp.Lock
		Value T
	}
	embeddedGenericOwn[T any] struct {
		*mp.Lock
		Value T
	}
	embeddedOfOwn struct {
		embeddedOwn
		Count int
	}
	embeddedNone struct {
		time.Time // that is between package gob and the program
		Next      *embeddedNone
	}
	embeddedPlain struct {
		Kit struct{ Lock *mp.Lock }
		EmbeddedPart
	}
	EmbeddedPart struct{ Event *mp.Event }
)

func (e *embeddedOwn) GobEncode() ([]byte, error) { return e.Lock.GobEncode() }

func (e *embeddedOwn) GobDecode(b []byte) error {
	e.Lock = new(mp.Lock)
	return e.Lock.GobDecode(b)
}

func (e embeddedOwnValue) GobEncode() ([]byte, error) { return nil, errMade }
func (e *embeddedOwnValue) GobDecode(b []byte) error  { return errMade }

func (e *embeddedGenericOwn[T]) GobEncode() ([]byte, error) { return nil, errMade }
func (e *embeddedGenericOwn[T]) GobDecode(b []byte) error   { return errMade }

// A handle that is embedded gives the struct its own encoding: the other fields would be lost in silence.
func TestEmbeddedHandleIsRefused(t *testing.T) {
	_ = embeddedKept{}.kept
	text := func(typ, field string) string {
		return "mp: " + typ + ": field " + field + " is embedded, so no other field would travel: give the field a name"
	}
	refused := func(text string, calls ...func()) {
		t.Helper()
		for _, call := range calls {
			require.PanicsWithValue(t, text, call)
		}
	}
	refused(text("multiprocessing_test.embeddedLock", "Lock"),
		func() { mp.Define("embedded", func(embeddedLock) error { return nil }) },
		func() { mp.Define("embedded", func([]*embeddedLock) error { return nil }) },
		func() { mp.Define("embedded", func(map[embeddedLock]int) error { return nil }) },
		func() { mp.DefineFunc("embedded", func(embeddedLock) (n int, err error) { return }) },
		func() { mp.DefineFunc("embedded", func(int) (l [2]embeddedLock, err error) { return }) },
		func() { mp.DefineManaged("embedded", func(embeddedLock) (n *int, err error) { return }) },
		func() { _, _ = mp.NewQueue[embeddedLock](1) },
		func() { _, _ = mp.NewSimpleQueue[*embeddedLock]() },
	)
	refused(text("multiprocessing_test.embeddedGeneric[string]", "Lock"),
		func() { _, _ = mp.NewQueue[embeddedGeneric[string]](1) })
	refused(text("multiprocessing_test.embeddedFile", "File"),
		func() { mp.DefineType[embeddedWorker]("embedded") })
	refused(text("multiprocessing_test.embeddedQueue", "Queue"),
		func() { _, _ = mp.NewQueue[embeddedQueue](1) })
	refused(text("multiprocessing_test.embeddedDeep", "embeddedLower"),
		func() { _, _ = mp.NewQueue[embeddedDeep](1) })
	refused(text("struct { *multiprocessing.Conn[int,int] }", "embeddedAlias"),
		func() { _, _ = mp.NewQueue[embeddedHidden](1) })
	refused(text("multiprocessing_test.embeddedCondition", "Condition"),
		func() { _, _ = mp.NewQueue[embeddedInside](1) })
	refused(text("multiprocessing_test.embeddedLoop", "NetConn"),
		func() { _, _ = mp.NewQueue[embeddedLoop](1) })
	refused("mp: multiprocessing_test.embeddedKept: field kept is not exported, so it does not travel",
		func() { _, _ = mp.NewQueue[embeddedKept](1) })
	run(t, func() error {
		lock := text("multiprocessing_test.embeddedLock", "Lock")
		refused(lock, func() { _, _, _ = mp.Pipe[embeddedLock]() }, func() { _, _, _ = mp.Duplex[int, embeddedLock]() })
		notRefused[embeddedTwo](t)
		notRefused[embeddedOwn](t)
		notRefused[*embeddedOwn](t)
		notRefused[embeddedOwnValue](t)
		notRefused[embeddedGenericOwn[int]](t)
		notRefused[embeddedGenericOwn[*string]](t)
		notRefused[embeddedOfOwn](t)
		notRefused[embeddedNone](t)
		notRefused[embeddedPlain](t)
		return nil
	})
}

type embeddedWorker struct{ Files []embeddedFile }

func (*embeddedWorker) Run() error { return nil }

func notRefused[T any](t *testing.T) {
	t.Helper()
	r, s := pipe[T](t)
	closeAll(t, r, s)
}
