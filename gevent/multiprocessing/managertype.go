package multiprocessing

import (
	"fmt"
	"runtime/debug"
	"sync"

	"greenloop/gevent"
)

// A ManagedType is a type whose values live in managers. Make it with DefineManaged, in a variable at package level:
// then the manager's process, which is the same program, knows it, too.
type ManagedType[A, T any] struct {
	name string
	args codec[A]
}

// A ManagedMethod is a method that clients call; DefineMethod makes it.
type ManagedMethod[T, A, R any] struct {
	typ, name string
	args      codec[A]
	result    codec[R]
}

// An ObjectProxy is an object of a ManagedType in a manager, as its clients see it. It is for ManagedMethod.Call.
type ObjectProxy[T any] struct{ proxy }

const kindOfType = "type"

// managedTypes are all that were defined, under their names. They are many threads' only because a package may be
// initialized on any.
var managedTypes = struct {
	sync.Mutex
	make    map[string]func(args []byte) (any, error)
	methods map[string]func(object any, args []byte) ([]byte, error)
}{make: map[string]func([]byte) (any, error){}, methods: map[string]func(any, []byte) ([]byte, error){}}

// DefineManaged makes a type known under a name: build makes a value of it, in the manager's process, in a greenlet of
// its own. It panics after Main, and at a name that is taken.
//
//	var counter = mp.DefineManaged("counter", func(start int) (*Counter, error) { return &Counter{start}, nil })
//	var add = mp.DefineMethod(counter, "add", (*Counter).Add)
//	…
//	c, err := counter.New(m, 10)
//	sum, err := add.Call(c, 5)
func DefineManaged[A, T any](name string, build func(args A) (T, error)) *ManagedType[A, T] {
	if build == nil {
		panic("mp: DefineManaged of a nil function")
	}
	t := &ManagedType[A, T]{name, codecOf[A]()}
	managedTypes.Lock()
	defer managedTypes.Unlock()
	if managedTypes.make[name] != nil {
		panic(fmt.Sprintf("mp: DefineManaged of the name %q, which is taken", name))
	}
	mustBeEarly("DefineManaged", name)
	managedTypes.make[name] = func(b []byte) (any, error) {
		args, err := fromManager(&t.args, b)
		if err != nil {
			return nil, err
		}
		return build(args)
	}
	return t
}

// DefineMethod makes a method of a managed type known under a name. It runs in the manager's process, in a greenlet of
// its own for each call, so it may park; several may run at the same time. A caller that is gone kills it. Its error
// comes back as a *RemoteError, in which errors.Is finds those of RegisterError, and so does a panic, which ends the call
// only; some of this package's, such as ErrKey, come back as themselves. It panics after Main, and at a name that is
// taken.
func DefineMethod[C, T, A, R any](
	t *ManagedType[C, T], name string, fn func(object T, args A) (R, error),
) *ManagedMethod[T, A, R] {
	if fn == nil {
		panic("mp: DefineMethod of a nil function")
	}
	m := &ManagedMethod[T, A, R]{t.name, name, codecOf[A](), codecOf[R]()}
	managedTypes.Lock()
	defer managedTypes.Unlock()
	if managedTypes.methods[m.key()] != nil {
		panic(fmt.Sprintf("mp: DefineMethod of the name %q, which is taken", name))
	}
	mustBeEarly("DefineMethod", name)
	managedTypes.methods[m.key()] = func(object any, b []byte) ([]byte, error) {
		args, err := fromManager(&m.args, b)
		if err != nil {
			return nil, err
		}
		result, err := fn(object.(T), args)
		if err != nil {
			return nil, err
		}
		return toManager(&m.result, &result)
	}
	return m
}

func (m *ManagedMethod[T, A, R]) key() string { return methodKey(m.typ, m.name) }

func methodKey(typ, name string) string { return typ + "\x00" + name }

// New makes an object in the manager. The error is ErrNotDefined if the manager's program has no such type, that of the
// function of DefineManaged, or one of those of Manager. Parks. Hub thread only.
func (t *ManagedType[A, T]) New(m *Manager, args A) (*ObjectProxy[T], error) {
	b, err := toManager(&t.args, &args)
	if err != nil {
		return nil, err
	}
	p, err := m.create(kindOfType, t.name, func(to []byte) []byte { return append(to, b...) })
	if err != nil {
		return nil, err
	}
	return &ObjectProxy[T]{p}, nil
}

// Call calls the method of an object and returns its result. The error is that of the method, see DefineMethod, or one
// of those of Manager; ErrUncertain says that it may or may not have happened. Parks. Hub thread only.
func (m *ManagedMethod[T, A, R]) Call(o *ObjectProxy[T], args A) (result R, err error) {
	b, err := toManager(&m.args, &args)
	if err != nil {
		return result, err
	}
	b, err = o.call(opMethod, func(to []byte) []byte { return append(appendBytes(to, m.name), b...) })
	if err != nil {
		return result, err
	}
	return fromManager(&m.result, b)
}

// A managedValue is an object of a ManagedType in the manager.
type managedValue struct {
	typ   string
	value any
}

func (v *managedValue) do(c *managerCall, op managerOp, args *fieldReader) {
	if op != opMethod {
		return
	}
	name := args.string()
	if args.bad {
		return
	}
	managedTypes.Lock()
	method := managedTypes.methods[methodKey(v.typ, name)]
	managedTypes.Unlock()
	if method == nil {
		c.fail(fmt.Errorf("%w: %s of %s", ErrNotDefined, name, v.typ))
		return
	}
	b := append([]byte(nil), args.rest...)
	args.rest = nil
	c.work(v.typ+"."+name, func() ([]byte, error) { return method(v.value, b) })
}

// construct makes an object of a ManagedType.
func (m *managerServer) construct(c *managerCall, e managerEntry, args *fieldReader) {
	managedTypes.Lock()
	build := managedTypes.make[e.kept]
	managedTypes.Unlock()
	if build == nil {
		c.fail(fmt.Errorf("%w: %s", ErrNotDefined, e.kept))
		return
	}
	b := append([]byte(nil), args.rest...)
	args.rest = nil
	c.work(e.kept, func() ([]byte, error) {
		value, err := build(b)
		if err != nil {
			return nil, err
		}
		if c.settled && e.name == "" { // its maker is gone
			return nil, gevent.ErrExit
		}
		if id, there := m.named[e.name]; there && e.name != "" { // another was faster
			if old := m.objects[id]; old.kind != e.kind || old.kept != e.kept {
				return nil, ErrObjectKind
			}
			return appendUint(nil, id), nil
		}
		e.object = &managedValue{e.kept, value}
		return appendUint(nil, m.add(e)), nil
	})
}

// work answers the call with what fn returns, in a greenlet of its own.
func (c *managerCall) work(name string, fn func() ([]byte, error)) {
	if !c.session.keep(c) {
		return
	}
	c.worker = gevent.SpawnNamed(name, func() error {
		defer func() { // also if it ends by gevent.Exit
			if !c.settled {
				c.fail(gevent.ErrExit)
			}
		}()
		b, err := caught(fn)
		if err != nil {
			c.fail(err)
		} else {
			c.bytes(b)
		}
		return nil
	})
}

// caught calls fn. A panic of it is an error.
func caught(fn func() ([]byte, error)) (b []byte, err error) {
	defer func() {
		if v := recover(); v != nil {
			err = &gevent.PanicError{Value: v, Stack: debug.Stack()}
		}
	}()
	return fn()
}
