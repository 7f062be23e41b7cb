package multiprocessing

import (
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// Whoever uses a block has its file open and locked, for sharing with others. The system ends that lock when the process
// ends, in whatever way. So who can lock the file for itself alone knows that nobody uses it, and that nobody will:
// OpenMemory takes a file that is locked so for one that is gone. That one, and Unlink, are the only ones who remove a
// name of a block; thus it cannot be the name of another one meanwhile.

// draftPrefix begins the names of files that are to become blocks.
const draftPrefix = ".draft-"

// memoryTries is how often something is tried that fails only when others do something at the same moment.
const memoryTries = 100

func randomName(prefix string) string { return prefix + strconv.FormatUint(rand.Uint64(), 36) }

func memoryNameError(name string) error {
	if strings.HasPrefix(name, ".") || strings.ContainsAny(name, "/\x00") || len(name) > 200 {
		return fmt.Errorf("%w: name", fs.ErrInvalid)
	}
	return nil
}

func memoryPath() string { return filepath.Join(memoryRoot(), "greenloop-"+strconv.Itoa(os.Getuid())) }

// memoryDir returns the directory of the user's blocks, which nobody else can have made.
func memoryDir() (string, error) {
	dir := memoryPath()
	if err := os.Mkdir(dir, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return "", err
	}
	info, err := os.Lstat(dir)
	if err != nil {
		return "", err
	}
	if !info.IsDir() || !isOurs(info) || info.Mode().Perm()&0o077 != 0 {
		return "", fmt.Errorf("%s must be a directory that is the user's own, with mode 0700: %w", dir, fs.ErrPermission)
	}
	return dir, nil
}

// create makes the file under another name, since it must be complete and locked when it gets its own.
func (m *Memory) create(size int) error {
	if err := roomFor(filepath.Dir(m.path), int64(size)); err != nil {
		return err
	}
	for range memoryTries {
		done, err := m.tryCreate(size)
		if done || err != nil {
			return err
		}
		yieldThread()
	}
	return fs.ErrExist
}

func (m *Memory) tryCreate(size int) (done bool, err error) {
	draft := filepath.Join(filepath.Dir(m.path), randomName(draftPrefix))
	f, err := os.OpenFile(draft, os.O_RDWR|os.O_CREATE|os.O_EXCL|noFollow, 0o600)
	if err != nil {
		return false, err
	}
	defer func() {
		_ = os.Remove(draft) // a sweeper may have been faster
		if !done {
			f.Close()
		}
	}()
	if !lockFile(f, forShared) {
		return false, nil
	}
	if err := f.Truncate(int64(memoryHeaderSize + size)); err != nil {
		return false, err
	}
	switch err := os.Link(draft, m.path); {
	case errors.Is(err, fs.ErrExist):
		sweepBlock(m.path) // if nobody uses it
		return false, nil
	case errors.Is(err, fs.ErrNotExist): // a sweeper has seen the draft before it was locked
		return false, nil
	case err != nil:
		return false, err
	}
	m.file = f
	if err := m.mapIn(); err != nil {
		m.giveUp()
		return false, err
	}
	return true, nil
}

// open opens the file of that name, unless nobody uses it any more.
func (m *Memory) open() error {
	for range memoryTries {
		f, err := os.OpenFile(m.path, os.O_RDWR|noFollow, 0)
		if err != nil {
			return err
		}
		if !lockFile(f, forShared) {
			f.Close()
			return fs.ErrNotExist
		}
		m.file = f
		if !isNamed(f, m.path) { // it was removed, or even made anew, before it was locked
			m.giveUp()
			continue
		}
		if err = m.mapIn(); err == nil && m.header().unlinked.Load() != 0 {
			unmapMemory(m.memory)
			m.memory, err = nil, fs.ErrNotExist
		}
		if err != nil {
			m.giveUp()
		}
		return err
	}
	return fs.ErrNotExist
}

func (m *Memory) mapIn() error {
	info, err := m.file.Stat()
	if err != nil {
		return err
	}
	if info.Size() <= int64(memoryHeaderSize) {
		return errWrongKind
	}
	m.memory, err = mapMemory(m.file, int(info.Size()), 0)
	return err
}

// another returns a descriptor with a lock of its own. Where there is no name any more the lock does not matter.
func (m *Memory) another() (*os.File, error) {
	f, err := os.OpenFile(m.path, os.O_RDWR|noFollow, 0)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return dupOf(m.file)
	case err != nil:
		return nil, err
	case !sameFile(f, m.file):
		f.Close()
		return dupOf(m.file)
	case !lockFile(f, forShared):
		f.Close()
		return nil, errors.New("mp: the file of the shared memory cannot be locked")
	}
	return f, nil
}

// giveUp ends the use of the file. If nobody else uses it its name is removed. First the own lock ends: of two who do
// this at the same time one then finds the file free.
func (m *Memory) giveUp() {
	if m.file == nil {
		return
	}
	lockFile(m.file, notAtAll)
	removeUnused(m.file, m.path)
	m.file.Close()
	m.file = nil
}

// removeUnused removes a name of the file, if nobody uses that.
func removeUnused(f *os.File, path string) {
	if lockFile(f, forOneself) && isNamed(f, path) {
		_ = os.Remove(path)
	}
}

// sweepMemory removes all blocks of the user that nobody uses.
func sweepMemory() {
	dir, err := os.Open(memoryPath())
	if err != nil {
		return
	}
	names, _ := dir.Readdirnames(-1)
	dir.Close()
	for _, name := range names {
		sweepBlock(filepath.Join(memoryPath(), name))
	}
}

func sweepBlock(path string) {
	f, err := os.OpenFile(path, os.O_RDWR|noFollow, 0)
	if err != nil {
		return
	}
	defer f.Close()
	if strings.HasPrefix(filepath.Base(path), draftPrefix) && linksOf(f) > 1 { // the block has its own name already
		_ = os.Remove(path)
		return
	}
	removeUnused(f, path)
}

// isNamed reports whether the path leads to the file still.
func isNamed(f *os.File, path string) bool {
	there, err := os.Lstat(path)
	if err != nil {
		return false
	}
	info, err := f.Stat()
	return err == nil && os.SameFile(info, there)
}

func sameFile(f, g *os.File) bool {
	a, err := f.Stat()
	if err != nil {
		return false
	}
	b, err := g.Stat()
	return err == nil && os.SameFile(a, b)
}
