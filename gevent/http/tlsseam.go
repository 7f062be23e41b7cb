package http

import (
	"crypto/tls"
	"net"
)

var trTLSClient func(c net.Conn, config *tls.Config) trTLSConn
