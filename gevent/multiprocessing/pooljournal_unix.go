//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd

package multiprocessing

import (
	"os"

	"golang.org/x/sys/unix"
)

// newJournal returns a journal and the file under it, which has no name and is the caller's to close.
func newJournal() (*os.File, *journal, error) {
	f, err := namelessFile("journal")
	if err != nil {
		return nil, nil, err
	}
	if err := f.Truncate(journalSize); err != nil {
		f.Close()
		return nil, nil, err
	}
	j, err := openJournal(f)
	if err != nil {
		f.Close()
	}
	return f, j, err
}

func openJournal(f *os.File) (j *journal, err error) {
	e := control(f, func(sysfd int) {
		var memory []byte
		memory, err = unix.Mmap(sysfd, 0, journalSize, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED)
		j = newJournalAt(memory)
	})
	if e == nil {
		e = os.NewSyscallError("mmap", err)
	}
	if e != nil {
		return nil, e
	}
	return j, nil
}

// close gives the memory back. A second one does nothing.
func (j *journal) close() {
	if j != nil && j.memory != nil {
		_ = unix.Munmap(j.memory)
		j.memory = nil
	}
}
