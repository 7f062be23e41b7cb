//go:build !linux

package multiprocessing

import (
	"errors"
	"os"
)

// Here no bell is heard by several processes: those who wait look again and again.

type bell struct{ sysfd int }

func newBell() (bell, error)        { return bell{-1}, nil }
func openBell(int) bell             { return bell{-1} }
func (bell) ring()                  {}
func (bell) close()                 {}
func (bell) travels() bool          { return false }
func (bell) dup() (*os.File, error) { return nil, errors.ErrUnsupported }

type sources struct{ sysfd int }

func newSources() *sources                       { return nil }
func (*sources) close()                          {}
func (*sources) addBell(int32) bool              { return false }
func (*sources) removeBell(int32)                {}
func (*sources) addDeath(identity) (int32, bool) { return -1, false }
func (*sources) removeDeath(int32)               {}
func (*sources) collect(_, _ func(int32))        {}
