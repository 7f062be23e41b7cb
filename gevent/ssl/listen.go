package ssl

import (
	"crypto/tls"
	"errors"
	"net"

	"greenloop/gevent"
)

// A listener makes the server's side of TLS connections.
type listener struct {
	net.Listener
	hub *gevent.Hub
	cfg *tls.Config
}

// NewListener returns a listener whose Accept returns what l accepts as a *Conn. The handshake is made by who has it: at the first
// Read or Write, or with Handshake, to which a time limit can be set; so one client that sends nothing holds up nobody else. l is
// one of package gevent, or another that parks. Accept parks, and is safe from any goroutine, as the rest is. Hub thread only.
func NewListener(l net.Listener, cfg *tls.Config) net.Listener {
	return &listener{l, hub("NewListener"), cfg}
}

// Listen listens on a TCP address, as gevent.Listen does, for TLS connections, see NewListener. It fails if cfg cannot have a
// certificate. Parks only to look up a host name. Hub thread only.
func Listen(network, address string, cfg *tls.Config) (net.Listener, error) {
	hub("Listen")
	if cfg == nil || len(cfg.Certificates) == 0 && cfg.GetCertificate == nil && cfg.GetConfigForClient == nil {
		return nil, errors.New("ssl: a server needs Certificates, GetCertificate or GetConfigForClient in its Config")
	}
	l, err := gevent.Listen(network, address)
	if err != nil {
		return nil, err
	}
	return NewListener(l, cfg), nil
}

// Accept waits for a connection and returns it, a *Conn. Its errors are those of the listener underneath. Parks. Safe from any
// goroutine.
func (l *listener) Accept() (c net.Conn, err error) {
	err = &net.OpError{Op: "accept", Net: "tls", Addr: l.Addr(), Err: net.ErrClosed} // if the hub ends first
	onHub(l.hub, func() { c, err = l.accept() })
	return c, err
}

func (l *listener) accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return Server(c, l.cfg), nil
}
