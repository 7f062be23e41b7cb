// Package multiprocessing runs functions of a program in processes of their own, and lets them talk: what Python's
// multiprocessing and gipc are. Import it as mp. Waiting parks a greenlet and never stops the hub.
//
// # What it promises
//
// A child is the same program, executed again, which runs one Target and exits; it is never a fork, so nothing of the
// parent's greenlets, locks, signal handlers or descriptors is there by accident. What it gets is its arguments. Its
// standard input is /dev/null, its output is the parent's. It is reaped when it ends, whether or not somebody waits.
// What ends a process, SIGKILL included, harms no other one: those at the other ends of its pipes see io.EOF or EPIPE,
// and its daemonic children end.
//
// A handle of a pipe's end, a file or a socket is moved: in the arguments of a Process and in a value that is sent over
// a pipe. (What is in shared memory, below, is shared by the same ways.) Here it is closed then, and using an end of a
// pipe is ErrMoved, or ErrLocked while it is on its way; there it is open. So the other end sees the end of the stream
// when the last process that has this one is gone. SendFile alone leaves the file open here, too.
//
// # Main
//
// A program calls Main first thing: that is where a child's part begins. Without it Start refuses, as the child would
// be the whole program again.
//
//	var square = mp.Define("square", func(c *mp.Conn[int, int]) error {
//		for n, err := range c.All() {
//			if err != nil {
//				return err
//			}
//			if err := c.Send(n * n); err != nil {
//				return err
//			}
//		}
//		return nil
//	})
//
//	func main() {
//		mp.Main()
//		err := gevent.Run(func() error {
//			ours, theirs, err := mp.Duplex[int, int]()
//			if err != nil {
//				return err
//			}
//			p, err := square.Start(theirs)
//			…
//			err = ours.Send(7)
//			n, err := ours.Recv() // 49
//			ours.Close()
//			return p.Join()
//		})
//	}
//
// # Locks and the like
//
// A Lock, RLock, Semaphore, BoundedSemaphore, Event, Condition and Barrier are as those of package gevent, but for the
// greenlets of several processes. They travel as handles do, and are not moved but shared: give one to a process in its
// arguments, and both have it. Close gives back what this process has of it; the others keep theirs.
//
// A process that ends with a lock or a token, even by SIGKILL, does not keep it: the next owner gets it, with the error
// ErrHolderDied, as what it protects may be half changed. One that ends while it waits is not waited for: its
// notification goes to another one, and its barrier breaks. What counts is the process: a greenlet that ends must
// release what it holds in a deferred call, as anywhere.
//
//	l, err := mp.NewLock()
//	…
//	p, err := worker.Start(args{Lock: l})
//	…
//	err = l.With(func() error { … })
//
// # Queues, values, memory
//
// A Queue, JoinableQueue or SimpleQueue is in shared memory, too: an item that was put is there, whatever becomes of the
// process that has put it, and is got once. A Value or an Array is numbers that all processes see, with a lock; a Counter
// needs none. CreateMemory makes a block of bytes that any process of the user opens by its name.
//
// # Pools and servers
//
// A Pool is worker processes that call functions: a Func, made by DefineFunc, has Map, IMap, Apply and so on. A worker
// that dies is replaced, and only the call that it was in is lost. DefineServer and Prefork are for a server on all
// cores: worker processes that share the listeners, and are replaced while it serves.
//
//	var isPrime = mp.DefineFunc("is prime", func(n int) (bool, error) { … })
//	…
//	pool, err := mp.NewPool(0, mp.PoolOptions{}) // a worker for each core
//	answers, err := isPrime.Map(pool, slices.Values(numbers))
//
// # Managers
//
// A Manager is a process that holds objects for others: dictionaries, lists, queues, locks, and types of one's own.
// StartManager starts it. The proxies of the objects travel like any other value, and their methods are calls to the
// manager, about as slow as a message to another process and back:
//
//	m, err := mp.StartManager(mp.ManagerConfig{})
//	votes, err := mp.DictOf[string, int](m)
//	p, err := tally.Start(votes)
//	…
//	n, err := votes.Get("red")
//
// With an address and a key unrelated programs use it, too: see DialManager and Manager.Named. Listen and Dial are for
// connections between such programs.
//
// # What it does not do
//
// Before Main, the child does what the program does: what packages initialize is initialized again. It does not inherit
// what the parent has set since, but what every program inherits: the environment, the working directory, the signals
// that are ignored, and descriptors that the parent has inherited itself. It runs the program file as that is when it is
// started: if it was replaced meanwhile that is another version, and if it was removed Start fails.
//
// A value travels as package gob sees it: without what fields that are not exported have, without functions, and without
// knowing which pointers were the same. Sender says what becomes of it. A value that points to itself is an error.
//
// Where an interface is inside a type, package gob tells the types of a value anew in each message, which takes some
// 30 µs: send other types, or use WithCodec, where that counts. Only Unix systems have processes here: elsewhere all that
// needs one returns errors.ErrUnsupported.
package multiprocessing
