package http

import (
	"errors"
	"fmt"
	"net/http"
)

// trAsksUpgrade reports whether a header is one that switches protocols.
func trAsksUpgrade(h http.Header) bool {
	return h.Get("Upgrade") != "" && hasToken(h["Connection"], "Upgrade")
}

// trUpgrades reports whether after resp the connection speaks something else.
func trUpgrades(resp *http.Response) bool {
	return resp.StatusCode == http.StatusSwitchingProtocols && trAsksUpgrade(resp.Header)
}

// A trUpgraded is the body of a 101 response: the connection itself, which is the caller's now, as an io.ReadWriteCloser.
// The request's context has no hold on it any more.
type trUpgraded struct{ e *trExchange }

// Read reads what the server says in the new protocol, as the connection's own Read does. Parks.
func (u *trUpgraded) Read(p []byte) (int, error) {
	if br := u.e.c.br; br.Buffered() > 0 { // came along with the response
		return br.Read(p[:min(len(p), br.Buffered())])
	}
	return u.e.c.Conn.Read(p)
}

// Write writes to the connection. Parks.
func (u *trUpgraded) Write(p []byte) (int, error) { return u.e.c.Conn.Write(p) }

// Close closes the connection. Does not park. Safe from any goroutine.
func (u *trUpgraded) Close() error {
	u.e.onHub(u.e.abort) // the request's body may be underway still
	return u.e.c.Conn.Close()
}

// CloseWrite tells the server that nothing more will be written, where the connection can.
func (u *trUpgraded) CloseWrite() error {
	if c, ok := u.e.c.Conn.(interface{ CloseWrite() error }); ok {
		return c.CloseWrite()
	}
	return fmt.Errorf("http: CloseWrite: %w", errors.ErrUnsupported)
}
