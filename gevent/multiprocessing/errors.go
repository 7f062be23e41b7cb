package multiprocessing

import (
	"errors"
	"fmt"
	"net"
)

var (
	// ErrClosed is returned for what is closed already, also by a second Close. It is also net.ErrClosed.
	ErrClosed error = closedError{}

	// ErrMoved is returned for a handle that was given to another process: it is that one's now.
	ErrMoved = errors.New("mp: the handle was moved to another process")

	// ErrLocked is returned by Close, and where a handle is to be moved, while a greenlet uses it; and by all calls of a
	// connection while a greenlet moves it. Kill that greenlet first, or let it end.
	ErrLocked = errors.New("mp: the connection is in use by another greenlet")

	// ErrOneWay is returned by a connection that only sends when it is to receive, or the other way round.
	ErrOneWay = errors.New("mp: the connection goes in the other direction only")

	// ErrTooLarge is returned for a message that is longer than the limit of the connection. Nothing can be received
	// from that connection any more. It is also that of an item for which no queue has room.
	ErrTooLarge = errors.New("mp: message longer than the limit")

	// ErrNotStarted is returned by what needs a process that was started.
	ErrNotStarted = errors.New("mp: process not started")

	// ErrStarted is returned by a second Start.
	ErrStarted = errors.New("mp: process already started")

	// ErrAlive is returned by Close for a process that has not ended.
	ErrAlive = errors.New("mp: process still alive: Join it first, or Kill it and Join it")

	// ErrDaemon is returned by Start in a daemonic process: it would leave its children behind when it is killed.
	ErrDaemon = errors.New("mp: daemonic processes may not have children")

	// ErrNoMain is returned by Start where Main was not called: the child would run the whole program again.
	ErrNoMain = errors.New("mp: this program does not call Main: call it first thing in main, and in TestMain")

	// ErrHolderDied is returned to the next owner of something whose holder's process has ended without giving it back.
	// With this error it IS acquired; but what it protects may be half changed.
	ErrHolderDied = errors.New("mp: acquired, but the process that held it has died: what it protects may be half changed")

	// ErrNotHeld is returned by a Release of what nobody holds, or what the caller does not, where that counts: of an
	// RLock, and of the lock of a Condition, which its calls need, too. Acquire it first, and release it once for that.
	// The lock of a manager is also lost with the connection, in the middle of a With too: then others may have had it.
	ErrNotHeld = errors.New("mp: release of what is not held: Acquire it first")

	// ErrStopped is returned by what needs a Master that serves, after Stop, Quit or the end of Serve.
	ErrStopped = errors.New("mp: the server was stopped")

	// ErrNotTaken is returned by TaskDone if this process has no item in its hands.
	ErrNotTaken = errors.New("mp: TaskDone without an item that this process has got: call it once for each")

	// ErrLost is what every LostError is.
	ErrLost = errors.New("mp: items of a queue were lost")

	errFull          = errors.New("mp: the shared memory is full")
	errWaiters       = fmt.Errorf("mp: %d greenlets wait for the condition, no more can: notify them first", maxPlaces)
	errParties       = fmt.Errorf("mp: %d processes wait at the barrier, no more can: let fewer take part", maxSeats)
	errTokens        = errors.New("mp: release of more tokens than a semaphore can count")
	errSelf          = errors.New("mp: a process cannot do that to itself")
	errReaped        = errors.New("mp: the process has ended, but another part of the program has taken its exit status")
	errHubEnds       = errors.New("mp: the hub is ending, no process is started any more")
	errNoFile        = errors.New("mp: the message has brought no descriptor")
	errLost          = errors.New("mp: descriptors that came with a message were lost: this process has too many open")
	errWrongKind     = errors.New("mp: the message is of another kind than the receiver's")
	errNoCodec       = errors.New("mp: the other process gave this end a codec of its own: call WithCodec here, too")
	errAlone         = errors.New("mp: a handle travels only in the arguments of a process or in a value that a Sender sends")
	errTooMany       = fmt.Errorf("mp: more than %d handles in one message", maxHandles)
	errDeep          = fmt.Errorf("mp: a value points to itself, or is over %d deep: send one without pointers back", maxDepth)
	errTwice         = errors.New("mp: a Connection may be in a value once, and not beside a Sender, Receiver or Conn on it")
	errNil           = errors.New("mp: a nil pointer does not travel: send a struct with the pointer in a field")
	errNoHandle      = errors.New("mp: this has no descriptor that could be moved")
	errConfigHandles = errors.New("mp: a worker's configuration cannot have handles: each of many workers gets it")
	errNoBind        = errors.New(`mp: no address to listen on: set Prefork.Bind, such as []string{"127.0.0.1:8000"}`)
	errNotReady      = errors.New("it was not ready in time")
	errNotHired      = errors.New("mp: no worker")
	errServerEnded   = errors.New("mp: a server of Worker.Serve has returned, though nobody has stopped it")
)

// A closedError is net.ErrClosed by another text: most of what is closed here is no connection.
type closedError struct{}

func (closedError) Error() string { return "mp: closed already" }

func (closedError) Is(target error) bool { return target == net.ErrClosed }

// A BufferTooShortError is returned by RecvInto for a message that does not fit. It is taken out of the connection all
// the same.
type BufferTooShortError struct {
	Message []byte // the whole message
}

func (e *BufferTooShortError) Error() string {
	return fmt.Sprintf("mp: buffer too short for a message of %d bytes, which the error has", len(e.Message))
}

// A LostError is returned by Join of a JoinableQueue when all that is left is done, but some items never will be, since
// processes that had got them have ended. It is ErrLost.
type LostError struct {
	Items int // how many
	PID   int // of the process that had them, the last one if there were several
}

func (e *LostError) Error() string {
	return fmt.Sprintf("mp: %d items of a queue were lost: process %d has ended without TaskDone for them", e.Items, e.PID)
}

// Is reports whether target is ErrLost.
func (e *LostError) Is(target error) bool { return target == ErrLost }

// plain returns why the socket under a connection failed, without what is said of sockets: ErrClosed if its hub has
// ended, or what was thrown at the greenlet.
func plain(err error) error {
	var op *net.OpError
	switch {
	case err == nil:
		return nil
	case errors.Is(err, net.ErrClosed):
		return ErrClosed
	case errors.As(err, &op):
		return op.Err
	}
	return err
}
