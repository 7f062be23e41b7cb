package multiprocessing

import "time"

// An EventProxy is an event in a manager, a flag that greenlets of any process wait for; Manager.Event makes it.
type EventProxy struct{ proxy }

// Event makes an event that is not set. Parks. Hub thread only.
func (m *Manager) Event() (*EventProxy, error) {
	p, err := m.create(kindOfEvent, "", nil)
	if err != nil {
		return nil, err
	}
	return &EventProxy{p}, nil
}

// Set sets the event: all that wait go on. Parks. Hub thread only.
func (e EventProxy) Set() error { return e.tell(opEventSet) }

// Clear unsets the event. Parks. Hub thread only.
func (e EventProxy) Clear() error { return e.tell(opEventClear) }

// Wait waits until the event is set. Parks. Hub thread only.
func (e EventProxy) Wait() error { return e.tell(opEventWait) }

func (e EventProxy) tell(op managerOp) error {
	_, err := e.call(op, nil)
	return err
}

// WaitTimeout is Wait that waits no longer than d, and returns ErrTimeout then. Parks. Hub thread only.
func (e EventProxy) WaitTimeout(d time.Duration) error { return within(d, e.Wait) }

// IsSet reports whether the event is set. Parks. Hub thread only.
func (e EventProxy) IsSet() (bool, error) { return e.flag(opEventIsSet, nil) }
