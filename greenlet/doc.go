// Package greenlet switches between stacks by name, as Python's greenlet does, and builds typed generators on it.
//
// A greenlet runs until it switches to another one, ends, or waits in a scheduler above; nothing runs beside it on its
// thread. There is no loop and no order but what the program says. Package gevent is for programs that wait for IO and time.
//
// # Switching
//
// The first [Greenlet.Switch] to a greenlet calls its function with the arguments. A later one makes the target's own pending
// Switch return them: none as nil, one as itself, several as []any. It is symmetric: what a Switch returns has nothing to do
// with what it sent; whoever switches back decides. Any two greenlets of a tree may switch to one another.
//
// # Parents
//
// Each greenlet has a parent: the one that made it, or the one it was given. When it ends, its parent goes on, whoever
// resumed it last:
//
//	it returns           the parent's pending Switch returns value and error
//	… an ErrExit         the parent's Switch returns the ErrExit as its value, with a nil error
//	it panics            the parent's Switch panics with the same value; see PanicError for the first stack
//	runtime.Goexit       the parent's Switch returns ErrExit as its value, with a nil error
//
// A parent that has not started is started, with the value as its one argument; if there is an error or a panic instead of
// a value, it dies of that unstarted, and its own parent is next. A parent that is dead passes all on to its own.
// The same way a Switch or Throw to a dead greenlet goes to the nearest ancestor that lives.
//
// # Trees and threads
//
// At the root of each tree is a greenlet that the program did not make: it stands for what called this package first. In a
// plain program that is a goroutine, and its main greenlet; the call locks it to its OS thread. [Run] does so for
// the length of a function, [Leave] undoes it. In a task of a scheduler it is the task: each has a tree of its own, because a
// task that waits must not be resumed by another one's Switch. Greenlets of different trees do not switch to one another.
// When a task has ended, what it left suspended belongs to the first tree that switches to it, or kills it.
//
// A greenlet that waits in a scheduler (a gevent.Sleep, a read) parks the task that it runs in, and those that wait for it
// in that tree; other tasks run meanwhile.
//
// All functions and methods are for the thread to which the greenlet belongs, except where they say otherwise; a use from
// another one panics and changes nothing. Hand work to that thread instead.
//
// # Generators
//
// A [Generator] is a function that yields values, at any call depth, and receives one for each. It is no greenlet: it runs as
// a part of whoever asks it for the next value, so that Current and Switch mean inside it what they mean there, and a
// wait inside it parks its consumer. One that nobody executes may be resumed from any tree of its thread.
//
// An error reaches it by Throw. From delegates to another one, a [Computation] has a result besides its values, and
// FromSeq, All and their like are the bridges to the standard library's iterators.
//
// # What is abandoned
//
// A greenlet or generator that is suspended when the program drops its last handle can never go on. The garbage collector finds that
// out, and the next call of this package on its thread ends it, so that its deferred functions run; see [Collect]. It does
// not find one whose own stack holds the handle, which is common where greenlets name one another. Run and Leave end those,
// and Kill and Close at once.
//
// # What it does not do
//
// Nothing of this is safe for two goroutines at once. The two mistakes that package coro cannot see (runtime.LockOSThread over a
// switch, and switching inside a callback from C) end the process here, too, and so does a third: an iter.Pull that a goroutine
// made before it was locked to its thread must not be used while it is locked, nor the other way round. Where both are used, make
// it inside Run.
//
// # Example
//
//	err := greenlet.Run(func() error {
//		var ping, pong *greenlet.Greenlet
//		ping = greenlet.New(func(...any) (any, error) {
//			fmt.Println("ping")
//			pong.Switch()
//			fmt.Println("ping again")
//			return nil, nil
//		})
//		pong = greenlet.New(func(...any) (any, error) {
//			fmt.Println("pong")
//			return ping.Switch()
//		})
//		_, err := ping.Switch()
//		return err
//	})
package greenlet
