package http

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"log/slog"
	"net"
	"slices"

	"greenloop/gevent"
	"greenloop/gevent/ssl"
)

// ServeTLS is Serve with TLS, through package gevent/ssl, on the connections of l. The certificate is that of TLSConfig, or
// is read from the two files where that has none. HTTP/2 is not offered. It fails before it accepts if there is no
// certificate, and closes l then, too. Parks. Hub thread only.
func (s *Server) ServeTLS(l net.Listener, certFile, keyFile string) error {
	mustPark(l)
	cfg := new(tls.Config)
	if s.TLSConfig != nil {
		cfg = s.TLSConfig.Clone()
	}
	cfg.NextProtos = slices.DeleteFunc(slices.Clone(cfg.NextProtos), func(p string) bool { return p == "h2" })
	if !slices.Contains(cfg.NextProtos, "http/1.1") {
		cfg.NextProtos = append(cfg.NextProtos, "http/1.1")
	}
	configured := len(cfg.Certificates) > 0 || cfg.GetCertificate != nil || cfg.GetConfigForClient != nil
	if !configured || certFile != "" || keyFile != "" {
		certificate, err := tls.LoadX509KeyPair(certFile, keyFile)
		if err != nil {
			return errors.Join(err, l.Close())
		}
		cfg.Certificates = []tls.Certificate{certificate}
	}
	return s.Serve(ssl.NewListener(l, cfg))
}

// ListenAndServeTLS listens on a TCP address and serves there with TLS; see ServeTLS. Parks. Hub thread only.
func (s *Server) ListenAndServeTLS(address, certFile, keyFile string) error {
	l, err := gevent.Listen("tcp", address)
	if err != nil {
		return err
	}
	return s.ServeTLS(l, certFile, keyFile)
}

// shake makes the handshake of a connection that has one.
func (c *conn) shake() bool {
	h, ok := c.Conn.(interface{ HandshakeContext(context.Context) error })
	if !ok {
		return true
	}
	c.limitHead()
	c.limitWrite(c.reading.at)
	err := h.HandshakeContext(c.listener.base)
	if err == nil {
		c.limitWrite(0)
		return true
	}
	var plain tls.RecordHeaderError
	if errors.As(err, &plain) && plain.Conn != nil && looksLikeHTTP(plain.RecordHeader) {
		_, _ = io.WriteString(plain.Conn, "HTTP/1.0 400 Bad Request\r\n\r\nClient sent an HTTP request to an HTTPS server.\n")
		_ = plain.Conn.Close()
		err = errors.New("client sent an HTTP request to an HTTPS server")
	}
	c.server.logger().Error("http: TLS handshake failed", slog.Any("remote", c.RemoteAddr()), slog.Any("error", err))
	return false
}

// looksLikeHTTP reports whether what should be the header of a TLS record begins like a request.
func looksLikeHTTP(header [5]byte) bool {
	switch string(header[:]) {
	case "GET /", "HEAD ", "POST ", "PUT /", "OPTIO":
		return true
	}
	return false
}
