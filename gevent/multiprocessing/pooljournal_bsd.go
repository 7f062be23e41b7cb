//go:build darwin || dragonfly || freebsd || netbsd || openbsd

package multiprocessing

import "os"

// namelessFile returns an empty file without a name.
func namelessFile(what string) (*os.File, error) {
	f, err := os.CreateTemp("", what)
	if err != nil {
		return nil, err
	}
	if err := os.Remove(f.Name()); err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}
