package multiprocessing

import (
	"bytes"
	"crypto/rand"
	"encoding/gob"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"syscall"
	"time"

	"greenloop/gevent"
)

// A Manager is a server that holds objects: dictionaries, lists, queues, locks and what DefineManaged adds. Processes
// use them by proxies, whose methods are calls to the server. StartManager runs one in a process of its own,
// ServeManager in this one, and DialManager connects to one that runs already, also in an unrelated program.
//
// Calls of different greenlets do not wait for one another. A caller that is killed, timed out or thrown at withdraws
// its call: an item or a lock that was on its way to it goes back. When the connection breaks, calls under way end with
// ErrUncertain, and later ones connect again. When the manager is gone they end with ErrNoManager.
//
// A client that dies loses its locks, see ErrHolderDied. A hub has one connection to a manager, for all of its
// greenlets, and it is the client.
//
// An object lives until Drop or as long as its manager, whether or not proxies are left: they are not counted.
//
// A Manager can travel as a proxy can: in arguments and values. Shutdown is for who has made it only.
type Manager struct {
	place *managerPlace
	name  string // for the objects that it makes

	process *Process         // of StartManager
	keeper  *gevent.Greenlet // waits for its end
	file    os.FileInfo      // of its socket
	server  *managerServer   // of ServeManager
	over    bool             // it was shut down or closed here
}

// A ManagerConfig says where a manager listens and for whom. The zero value is for this process and its children.
type ManagerConfig struct {
	// Address is as with Listen: "" is a private Unix address.
	Address string

	// Key is what clients must have. Empty is, on a Unix address, a new one that nobody can guess, which travels with the
	// proxies; TCP needs a key of yours, else the error is ErrNoKey. Whoever has it can do with the manager's objects and
	// methods what it likes.
	Key []byte

	// Limit is how many bytes a request or an answer may have, 64 MiB if it is 0: more is ErrTooLarge.
	Limit int
}

// String returns the configuration without the key.
func (c ManagerConfig) String() string {
	return fmt.Sprintf("manager's configuration: address %q, limit %d", c.Address, c.Limit)
}

// GoString is String.
func (c ManagerConfig) GoString() string { return c.String() }

const defaultManagerLimit = 64 << 20

// complete returns the configuration without what is left to us.
func (c ManagerConfig) complete() (ManagerConfig, error) {
	c.Key = slices.Clone(c.Key)
	switch {
	case c.Limit < 0 || c.Limit > maxShort-answerRoom:
		return c, fmt.Errorf("mp: a manager's limit of %d bytes", c.Limit)
	case c.Limit == 0:
		c.Limit = defaultManagerLimit
	}
	if len(c.Key) == 0 {
		if c.Address != "" && networkOfAddress(c.Address) == "tcp" {
			return c, ErrNoKey
		}
		c.Key = make([]byte, nonceSize)
		rand.Read(c.Key)
	}
	return c, nil
}

// StartManager starts a manager in a daemonic process of its own: it ends with this one, in whatever way that ends. By
// default nothing of it is left then: on Linux its address is not in the file system; elsewhere a directory for it is
// removed, unless this process is killed. The error is as with Listen and Process.Start. Parks. Hub thread only.
func StartManager(c ManagerConfig) (*Manager, error) {
	hubOf("StartManager")
	c, err := c.complete()
	if err != nil {
		return nil, err
	}
	l, dir, err := listenAt(c.Address)
	if err != nil {
		return nil, err
	}
	m := &Manager{place: &managerPlace{addressOf(l), c.Key}}
	if networkOfAddress(c.Address) == "unix" {
		m.file, _ = os.Lstat(c.Address) // none on Linux if it begins with "@"
	}
	m.process = managerTarget.Process(managerArgs{Listener{l}, c.Key, c.Limit})
	m.process.SetDaemon(true)
	m.process.SetName("Manager-" + strings.TrimPrefix(m.process.Name(), "Process-"))
	running := false
	defer func() { // also if we are killed
		if !running {
			_ = l.Close() // does nothing if it is the process's
			m.clear(dir)
		}
	}()
	if err := m.process.Start(); err != nil {
		return nil, err
	}
	running = true
	m.keeper = gevent.SpawnNamed("manager's end", func() error {
		defer m.clear(dir)
		return m.process.Join()
	})
	return m, nil
}

// clear removes what the process's socket has left, but not the file of another one that listens there now.
func (m *Manager) clear(dir string) {
	if now, err := os.Lstat(m.place.address); err == nil && m.file != nil && isSameFile(m.file, now) {
		_ = os.Remove(m.place.address)
	}
	removeDir(dir)
}

type managerArgs struct {
	Listener Listener
	Key      []byte
	Limit    int
}

// managerTarget is the process of StartManager. SIGTERM shuts it down; Ctrl-C, which goes to the parent, too, is that
// one's affair.
var managerTarget = Define("greenloop/multiprocessing.Manager", func(a managerArgs) error {
	signals := gevent.Notify(os.Interrupt, syscall.SIGTERM)
	defer signals.Stop()
	server := newManagerServer(listenOn(a.Listener.Listener, "", a.Key), a.Limit)
	for {
		s, err := signals.Wait()
		if err != nil {
			return err
		}
		if s == syscall.SIGTERM {
			return server.shutdown()
		}
	}
})

// ServeManager runs a manager on this hub, for clients that have the key; see StartManager. It ends with the hub. The
// error is as with Listen. Parks. Hub thread only.
func ServeManager(c ManagerConfig) (*Manager, error) {
	hubOf("ServeManager")
	c, err := c.complete()
	if err != nil {
		return nil, err
	}
	l, dir, err := listenAt(c.Address)
	if err != nil {
		return nil, err
	}
	return &Manager{
		place: &managerPlace{addressOf(l), c.Key}, server: newManagerServer(listenOn(l, dir, c.Key), c.Limit),
	}, nil
}

// DialManager connects to a manager. The error is ErrNoManager if nobody answers, ErrAuthentication if the keys differ,
// ErrNoKey, or one thrown at the greenlet. Parks. Hub thread only.
func DialManager(address string, key []byte) (*Manager, error) {
	if len(key) == 0 {
		return nil, ErrNoKey
	}
	m := &Manager{place: &managerPlace{address, slices.Clone(key)}}
	if _, err := m.place.client().connected(); err != nil {
		return nil, err
	}
	return m, nil
}

// Named returns the same manager with a name for the object that is made by it next: if an object of that name exists
// already, it is that one, and what it would begin with does not count. So unrelated processes find the same object.
// The error of making one is ErrObjectKind if that object is of another type. Hub thread only.
func (m *Manager) Named(name string) *Manager {
	return &Manager{place: m.place, name: name, over: m.over}
}

// Address returns where the manager listens, for DialManager. Hub thread only.
func (m *Manager) Address() string {
	if m.place == nil {
		return ""
	}
	return m.place.address
}

// Process returns the process of StartManager, nil for any other manager. Hub thread only.
func (m *Manager) Process() *Process { return m.process }

// String returns where the manager is, without the key.
func (m *Manager) String() string {
	if m.place == nil {
		return "no manager"
	}
	return "manager at " + m.place.address
}

// GoString is String.
func (m *Manager) GoString() string { return m.String() }

// shutdownTime is how long a manager's process has to end before it is killed.
const shutdownTime = 3 * time.Second

// Shutdown ends the manager, with all of its objects: calls fail with ErrNoManager from then on, also those that wait.
// For one of StartManager it returns when the process has ended, which is killed if it takes three seconds. A manager of
// DialManager or Named, or one that has travelled, is not its own to end: only the connection is closed here. A second
// Shutdown does nothing. The error is one thrown at the greenlet. Parks. Hub thread only.
func (m *Manager) Shutdown() error {
	if m.over || m.place == nil {
		return nil
	}
	if err := m.end(); err != nil {
		return err
	}
	m.over = true
	return m.place.hangUp()
}

func (m *Manager) end() error {
	switch {
	case m.server != nil:
		if err := m.server.shutdown(); err != nil && err != ErrClosed {
			return err
		}
	case m.process != nil:
		if err := m.process.Terminate(); err != nil {
			return err
		}
		err := m.keeper.GetTimeout(shutdownTime)
		if errors.Is(err, gevent.ErrTimeout) && !m.keeper.Ready() && gevent.Canceled() == nil {
			if err := m.process.Kill(); err != nil {
				return err
			}
			return m.keeper.Get()
		}
		return err
	}
	return nil
}

// GobEncode lets the manager travel, for package gob. The bytes have the key in them.
func (m *Manager) GobEncode() ([]byte, error) {
	if m.place == nil {
		return nil, ErrNoManager
	}
	var b bytes.Buffer
	err := gob.NewEncoder(&b).Encode(managerPassport{m.place.address, m.name, m.place.key})
	return b.Bytes(), err
}

// GobDecode makes the manager that has come, for package gob.
func (m *Manager) GobDecode(b []byte) error {
	var p managerPassport
	if err := gob.NewDecoder(bytes.NewReader(b)).Decode(&p); err != nil {
		return err
	}
	m.place, m.name = &managerPlace{p.Address, p.Key}, p.Name
	return nil
}

// A managerPassport is a manager on its way.
type managerPassport struct {
	Address, Name string
	Key           []byte
}
