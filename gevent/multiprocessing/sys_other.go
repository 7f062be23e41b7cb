//go:build !(linux || darwin || dragonfly || freebsd || netbsd || openbsd)

package multiprocessing

import (
	"errors"
	"os"
)

// On these systems a hub has no sockets, so that NewConnections and Start fail with errors.ErrUnsupported before any of
// this is reached.

const (
	supported  = false
	rightsSize = 0
)

func sysClose(int) error                               { return errors.ErrUnsupported }
func sysLock(*os.File) error                           { return errors.ErrUnsupported }
func sysReadable(int) bool                             { return false }
func sysSend(int, []byte, []byte, []byte) (int, error) { return -1, errors.ErrUnsupported }
func rightsOf([]*os.File) []byte                       { return nil }
func dupOf(*os.File) (*os.File, error)                 { return nil, errors.ErrUnsupported }
func dupFile(int, string) (*os.File, error)            { return nil, errors.ErrUnsupported }
func newLifeline() (int, *os.File, error)              { return -1, nil, errors.ErrUnsupported }
func takeInherited(int) bool                           { return false }
func setNonblock(int) error                            { return errors.ErrUnsupported }
func die()                                             {}
func terminate(*os.Process) error                      { return errors.ErrUnsupported }
func sysRead(int, []byte) (int, error)                 { return -1, errors.ErrUnsupported }
func sysReceive(int, *block, []byte) (int, []int, bool, error) {
	return -1, nil, false, errors.ErrUnsupported
}

type envelope struct{}
