package multiprocessing

import (
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"sync/atomic"
	"unsafe"

	"greenloop/gevent"
)

// A Memory is a block of memory with a name, by which any process of the same user can open it, also one that is no
// relative. It travels, too, in the arguments of a process and in values that a Sender sends: both have it then.
//
// A block lives while some process has it open: the last Close removes it, and its name. Those that killed processes
// have left are removed by the next CreateMemory or OpenMemory of anybody, and by the parent of a process when that has
// ended. (In Python a block lives until somebody calls unlink, or the resource tracker of the creator does at its end,
// also if others use it still.) What is open when the main function of its hub returns is given up as by Close, but its
// bytes can be used until Close or the end of the process.
//
// The blocks of a user are files in a directory of its own: greenloop-UID, in /dev/shm on Linux, else where temporary
// files are.
type Memory struct {
	name   string
	path   string
	file   *os.File // locked for as long as the block is used; nil: it is not any more
	memory []byte   // with a header
	closed gevent.Event
}

// A memoryHeader is what stands in a block before its bytes.
type memoryHeader struct {
	unlinked atomic.Uint32
	_        [15]uint32
}

const memoryHeaderSize = int(unsafe.Sizeof(memoryHeader{}))

// CreateMemory returns a new block of size bytes, all zero. With an empty name it gets a random one, see Name. The error
// is fs.ErrExist if there is such a block, fs.ErrInvalid for a size that is not positive and for a name that begins with
// a dot, has a slash or a zero byte in it, or more than 200 bytes; or it is that of the system, on Linux ENOSPC where there
// is no room. The room is not set aside: it is taken when the bytes are used for the first time, and if others have filled
// the file system until then, that ends the program by SIGBUS. Yields. Hub thread only.
func CreateMemory(name string, size int) (*Memory, error) {
	if size <= 0 || size > math.MaxInt-memoryHeaderSize {
		return nil, memoryFailed("create", name, fmt.Errorf("%w: size %d", fs.ErrInvalid, size))
	}
	return enterMemory("create", name, func(m *Memory) error { return m.create(size) })
}

// OpenMemory returns the block of that name. The error is fs.ErrNotExist if there is none, fs.ErrInvalid for a name that
// cannot be one, or that of the system. Yields. Hub thread only.
func OpenMemory(name string) (*Memory, error) {
	if name == "" {
		return nil, memoryFailed("open", name, fmt.Errorf("%w: empty name", fs.ErrInvalid))
	}
	return enterMemory("open", name, (*Memory).open)
}

func enterMemory(what, name string, enter func(*Memory) error) (*Memory, error) {
	hubOf("shared memory")
	if !supported {
		return nil, memoryFailed(what, name, errors.ErrUnsupported)
	}
	dir, err := memoryDir()
	if err == nil {
		err = memoryNameError(name)
	}
	if err != nil {
		return nil, memoryFailed(what, name, err)
	}
	if name == "" {
		name = randomName("block-")
	}
	m := &Memory{name: name, path: filepath.Join(dir, name)}
	m.begin()
	defer func() { // also if we are killed
		if m.file == nil {
			m.closed.Set()
		}
	}()
	gevent.Yield() // the keeper must have begun to see the end of the hub
	sweepMemory()
	if err := enter(m); err != nil {
		return nil, memoryFailed(what, name, err)
	}
	return m, nil
}

func memoryFailed(what, name string, err error) error {
	return fmt.Errorf("mp: %s shared memory %q: %w", what, name, err)
}

// begin starts the keeper, which gives the block up when the hub ends.
func (m *Memory) begin() {
	gevent.SpawnNamed("shared memory "+m.name, func() error {
		defer m.giveUp()
		return m.closed.Wait()
	})
}

// Name returns the name. Safe from any goroutine.
func (m *Memory) Name() string { return m.name }

// Size returns how many bytes there are, 0 after Close. Hub thread only.
func (m *Memory) Size() int { return len(m.Bytes()) }

// Bytes returns the bytes themselves, nil after Close. They are good until Close: to use them after that ends the
// program. Processes that use the same ones at the same time must agree upon how, by a Lock for example. Hub thread only.
func (m *Memory) Bytes() []byte {
	if m.memory == nil {
		return nil
	}
	return m.memory[memoryHeaderSize:]
}

// Unlink removes the name: nobody can open the block by it any more, and the name is free for another one. Those who have
// it open keep it, and can send it. The error is fs.ErrNotExist if it was unlinked before, also by another process,
// ErrClosed after Close, or that of the system. Hub thread only.
func (m *Memory) Unlink() error {
	if m.file == nil {
		return ErrClosed
	}
	if !m.header().unlinked.CompareAndSwap(0, 1) { // only who has changed this may remove a file of that name
		return memoryFailed("unlink", m.name, fs.ErrNotExist)
	}
	if err := os.Remove(m.path); err != nil {
		return memoryFailed("unlink", m.name, err)
	}
	return nil
}

// Close gives back what this process holds of the block, which is removed if nobody else has it open. It returns ErrClosed
// if that was done already. Hub thread only.
func (m *Memory) Close() error {
	if m.memory == nil {
		return ErrClosed
	}
	unmapMemory(m.memory)
	m.memory = nil
	if m.file != nil { // else the hub has ended
		m.giveUp()
		m.closed.Set()
	}
	return nil
}

func (m *Memory) header() *memoryHeader {
	return (*memoryHeader)(unsafe.Pointer(unsafe.SliceData(m.memory)))
}

// GobEncode makes it a part of the transfer that is under way, for package gob. It is not moved but shared: it can be
// used here still.
func (m *Memory) GobEncode() ([]byte, error) {
	if m.file == nil {
		return nil, ErrClosed
	}
	t, err := outgoing()
	if err != nil {
		return nil, err
	}
	// A key of its own: as often as it is in a value, so many descriptors travel, each with a lock of its own.
	number, err := t.lend(new(byte), m.another, func() {})
	return append([]byte{byte(number)}, m.name...), err
}

// GobDecode opens the block that has come, for package gob.
func (m *Memory) GobDecode(b []byte) error {
	if len(b) == 0 || memoryNameError(string(b[1:])) != nil {
		return errWrongKind
	}
	dir, err := memoryDir()
	if err != nil {
		return err
	}
	f, err := arrivedFile(b[0], "shared memory")
	if err != nil {
		return err
	}
	m.name, m.path, m.file = string(b[1:]), filepath.Join(dir, string(b[1:])), f
	if err := m.mapIn(); err != nil {
		m.giveUp()
		return err
	}
	transfers.current.opened = append(transfers.current.opened, m)
	m.begin()
	return nil
}
