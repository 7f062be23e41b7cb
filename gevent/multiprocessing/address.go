package multiprocessing

import (
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"greenloop/gevent"
)

// networkOfAddress tells a Unix domain socket, whose address has a slash or begins with an "@", from TCP's host:port.
func networkOfAddress(address string) string {
	if strings.ContainsRune(address, '/') || strings.HasPrefix(address, "@") {
		return "unix"
	}
	return "tcp"
}

// listenAt listens at an address, "" for a private one. dir is what was made for that and is to be removed. Parks.
func listenAt(address string) (l net.Listener, dir string, err error) {
	if address == "" {
		if address, dir, err = privateAddress(); err != nil {
			return nil, "", err
		}
	}
	if networkOfAddress(address) == "unix" {
		l, err = listenUnix(address)
	} else {
		l, err = gevent.Listen("tcp", address)
	}
	if err != nil {
		removeDir(dir)
		return nil, "", fmt.Errorf("mp: listen: %w", err)
	}
	return l, dir, nil
}

// privateAddress returns the address for a new socket that nobody else can guess. On Linux nothing of it is in the file
// system, but others can see and reach it; elsewhere it is in a directory of its own.
func privateAddress() (address, dir string, err error) {
	if runtime.GOOS == "linux" {
		var name [16]byte
		rand.Read(name[:])
		return "@greenloop-" + hex.EncodeToString(name[:]), "", nil
	}
	if dir, err = os.MkdirTemp("", "greenloop-"); err != nil {
		return "", "", err
	}
	return filepath.Join(dir, "socket"), dir, nil
}

// removeDir removes the directory of a private address.
func removeDir(dir string) {
	if dir != "" {
		_ = os.RemoveAll(dir)
	}
}

// addressOf returns where l listens, in the form that Dial takes.
func addressOf(l net.Listener) string { return l.Addr().String() }
