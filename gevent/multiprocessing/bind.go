package multiprocessing

import (
	"net"
	"os"
	"strings"

	"greenloop/gevent"
)

// A lentListener is a listener of which a worker gets a descriptor of its own, and which stays open here, too.
type lentListener struct{ net.Listener }

// GobEncode makes the listener a part of the transfer that is under way, for package gob.
func (l lentListener) GobEncode() ([]byte, error) {
	filer, ok := l.Listener.(interface{ File() (*os.File, error) })
	if !ok {
		return nil, errNoHandle
	}
	return encodeHandle(l.Listener, filer.File, func() {})
}

// GobDecode opens the listener that has come, for package gob.
func (l *lentListener) GobDecode(b []byte) error { return (*Listener)(l).GobDecode(b) }

const unixPrefix = "unix:"

// bind listens on all addresses: for all workers, or, where each TCP address is to have a socket for each worker, for
// the first one. If it fails, or is killed, some may be listened on.
func (m *Master) bind() error {
	for _, address := range m.options.Bind {
		l, err := m.listenOn(address)
		if err != nil {
			return err
		}
		m.listeners = append(m.listeners, l)
		m.files = append(m.files, fileOf(l))
	}
	return nil
}

func (m *Master) listenOn(address string) (net.Listener, error) {
	if path, ok := strings.CutPrefix(address, unixPrefix); ok {
		return listenUnix(path)
	}
	return (&gevent.ListenConfig{ReusePort: m.options.ReusePort}).Listen("tcp", address)
}

// listenersFor returns the listeners of a worker's place, and those among them that are the place's own.
func (m *Master) listenersFor(number int) (all, own []net.Listener, err error) {
	for _, l := range m.listeners {
		if m.options.ReusePort && number > 0 && l.Addr().Network() == "tcp" {
			l, err = m.listenOn(l.Addr().String())
			if err != nil {
				closeListeners(own)
				return nil, nil, err
			}
			own = append(own, l)
		}
		all = append(all, l)
	}
	return all, own, nil
}

func closeListeners(all []net.Listener) {
	for _, l := range all {
		_ = l.Close() // the hub may have been first
	}
}
