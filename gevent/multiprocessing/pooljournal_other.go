//go:build !(linux || darwin || dragonfly || freebsd || netbsd || openbsd)

package multiprocessing

import (
	"errors"
	"os"
)

func newJournal() (*os.File, *journal, error) { return nil, nil, errors.ErrUnsupported }
func openJournal(*os.File) (*journal, error)  { return nil, errors.ErrUnsupported }
func (*journal) close()                       {}
func beNice(int) error                        { return errors.ErrUnsupported }
func beInTheBackground() error                { return errors.ErrUnsupported }
