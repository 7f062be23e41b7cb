package multiprocessing

import (
	"fmt"
	"sync"
)

// A Target is a function that can be run in a process of its own. Make it with Define or DefineType, in a variable at
// package level: then it is known, by its name, in the child, too, which is the same program.
type Target[A any] struct {
	name  string
	codec codec[A]
}

// targets are all that were defined. They are many threads' only because a package may be initialized on any.
var targets = struct {
	sync.Mutex
	run map[string]func(args []byte, t *transfer) (func() error, error)
}{run: map[string]func([]byte, *transfer) (func() error, error){}}

// Define makes fn a target under a name. The arguments travel as values do that a Sender sends: what package gob can
// encode, with handles, which are moved. Fields that are not exported, functions and channels are left out, and an
// empty slice arrives as nil; see Sender for the rest. It panics if one of those fields is for a handle, if a handle is
// embedded, after Main, and at a name that is taken.
//
//	var count = mp.Define("count", func(a Args) error { … })
func Define[A any](name string, fn func(args A) error) *Target[A] {
	if fn == nil {
		panic("mp: Define of a nil function")
	}
	t := &Target[A]{name, codecOf[A]()}
	targets.Lock()
	defer targets.Unlock()
	if targets.run[name] != nil {
		panic(fmt.Sprintf("mp: Define of the name %q, which is taken", name))
	}
	mustBeEarly("Define", name)
	targets.run[name] = func(b []byte, with *transfer) (func() error, error) {
		var args A
		if err := t.codec.decode(b, &args, with); err != nil {
			return nil, decodeFailed[A](err)
		}
		return func() error { return fn(args) }, nil
	}
	return t
}

// mustBeEarly refuses what no child would know: in a child Main does not return.
func mustBeEarly(call, name string) {
	if mainCalled.Load() {
		panic(fmt.Sprintf("mp: %s of %q after Main: define it in a variable at package level", call, name))
	}
}

// DefineType makes the Run method of a type a target: its exported fields are the arguments.
//
//	type Worker struct {
//		Jobs *mp.Receiver[Job]
//	}
//
//	func (w *Worker) Run() error { … }
//
//	var worker = mp.DefineType[Worker]("worker")
//	…
//	p, err := worker.Start(Worker{Jobs: r})
func DefineType[W any, P interface {
	*W
	Run() error
}](name string) *Target[W] {
	return Define(name, func(w W) error { return P(&w).Run() })
}

// Process returns a process that will run the target with the arguments, once it is started. Hub thread only.
func (t *Target[A]) Process(args A) *Process {
	return newProcess(t.name, func(with *transfer) ([]byte, error) {
		b, err := t.codec.encode(nil, &args, with)
		if err != nil {
			return nil, encodeFailed[A](err)
		}
		return b, nil
	})
}

// Start is Process and its Start. Parks. Hub thread only.
func (t *Target[A]) Start(args A) (*Process, error) {
	p := t.Process(args)
	return p, p.Start()
}

// StartDaemon is Start of a daemonic process, see Process.SetDaemon. Parks. Hub thread only.
func (t *Target[A]) StartDaemon(args A) (*Process, error) {
	p := t.Process(args)
	p.SetDaemon(true)
	return p, p.Start()
}
