package multiprocessing

import (
	"errors"
	"fmt"

	"greenloop/gevent"
)

var (
	// ErrAuthentication is returned on both sides of a connection whose ends have not the same key. It is also returned
	// when the other side does not answer in time, closes the connection or speaks another language.
	ErrAuthentication = errors.New("mp: authentication failed")

	// ErrNoKey is returned where TCP or a manager is used without a key: everybody could connect.
	ErrNoKey = errors.New("mp: TCP and managers need a key")

	// ErrNoManager is returned by a call to a manager that cannot be reached: it was shut down, or it has died. The call
	// did not happen.
	ErrNoManager = errors.New("mp: the manager is gone")

	// ErrUncertain is returned by a call that was under way when the connection to the manager broke. The call may or may
	// not have happened. It is not repeated; the next call connects again.
	ErrUncertain = errors.New("mp: the connection to the manager broke during the call, which may or may not have happened")

	// ErrNoObject is returned by a call of a proxy whose object was dropped, or lived in another run of the manager.
	ErrNoObject = errors.New("mp: the manager has no such object: it was dropped, or the manager is another one")

	// ErrObjectKind is returned where a named object exists already and is of another type, and for a call that an object
	// does not have.
	ErrObjectKind = errors.New("mp: the manager's object is of another type")

	// ErrNotDefined is returned for a type or method that the manager's program does not define: it is another program.
	ErrNotDefined = errors.New("mp: the manager's program defines no type or method of that name")

	// ErrTooMany is returned when a manager has a million objects, or one client has too many calls waiting.
	ErrTooMany = errors.New("mp: too many objects in the manager, or calls that wait")

	// ErrKey is returned for a key that is not in the dictionary.
	ErrKey = errors.New("mp: no such key")

	// ErrIndex is returned for an index outside of the list.
	ErrIndex = errors.New("mp: index out of range")

	errBare       = errors.New("mp: handles travel over Unix domain sockets only")
	errBadRequest = errors.New("mp: the manager did not understand the request")
	errManagerKey = errors.New("mp: a manager's key is a string, an integer, or a value of fixed size without floats")
	errNotExact   = errors.New("mp: values of this type cannot be compared as bytes")
	errStays      = errors.New("mp: handles do not travel into a manager: its clients would have to share them")
)

// wireErrors are the errors that a manager returns as themselves: on the wire each is its place here.
var wireErrors = []error{
	errBadRequest, ErrNoObject, ErrObjectKind, ErrNotDefined, ErrTooMany, ErrTooLarge, ErrKey, ErrIndex, ErrNotHeld,
	ErrHolderDied, gevent.ErrEmpty, gevent.ErrFull, gevent.ErrTimeout, gevent.ErrBrokenBarrier,
}

func init() {
	for _, err := range []error{
		ErrAuthentication, ErrNoKey, ErrNoManager, ErrUncertain, ErrNoObject, ErrObjectKind, ErrNotDefined, ErrTooMany,
		ErrKey, ErrIndex, ErrNotHeld, ErrHolderDied, gevent.ErrEmpty, gevent.ErrFull, gevent.ErrShutdown, gevent.ErrBrokenBarrier,
	} {
		RegisterError(err)
	}
}

// lostManager is ErrNoManager with the reason.
func lostManager(err error) error { return fmt.Errorf("%w: %w", ErrNoManager, err) }

var (
	errShutDown = errors.New("it was shut down")
	errNotThere = errors.New("nothing answers at its address")
)
