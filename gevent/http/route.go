package http

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
)

// A trRoute is the way to where a request goes.
type trRoute struct {
	proxy  *url.URL // nil for none
	scheme string   // of the request
	addr   string   // of the request's server, with a port
}

// A trKey tells which requests can share connections.
type trKey struct{ proxy, scheme, addr string }

func (t *Transport) routeOf(req *http.Request) (trRoute, error) {
	route := trRoute{scheme: req.URL.Scheme, addr: trAddr(req.URL)}
	proxyOf := t.Proxy
	if proxyOf == nil {
		proxyOf = http.ProxyFromEnvironment
	}
	proxy, err := proxyOf(req)
	if err != nil || proxy == nil {
		return route, err
	}
	switch proxy.Scheme {
	case "http", "https":
	case "":
		plain := *proxy
		plain.Scheme = "http"
		proxy = &plain
	default:
		return route, fmt.Errorf("http: proxies of scheme %q are not supported", proxy.Scheme)
	}
	route.proxy = proxy
	return route, nil
}

// key leaves out the server where a proxy takes requests for any of them.
func (r *trRoute) key() trKey {
	switch {
	case r.proxy == nil:
		return trKey{scheme: r.scheme, addr: r.addr}
	case r.scheme == "http":
		return trKey{proxy: r.proxy.String(), scheme: r.scheme}
	}
	return trKey{proxy: r.proxy.String(), scheme: r.scheme, addr: r.addr}
}

// absolute reports whether requests name their server in the request line, for the proxy that passes them on.
func (r *trRoute) absolute() bool { return r.proxy != nil && r.scheme == "http" }

// authorization is the Proxy-Authorization that the proxy's URL asks for, "" if none.
func (r *trRoute) authorization() string {
	if r.proxy == nil || r.proxy.User == nil {
		return ""
	}
	password, _ := r.proxy.User.Password()
	return "Basic " + base64.StdEncoding.EncodeToString([]byte(r.proxy.User.Username()+":"+password))
}

// trAddr is the address to dial for u.
func trAddr(u *url.URL) string {
	host, port := u.Hostname(), u.Port()
	if port == "" {
		if port = "80"; u.Scheme == "https" {
			port = "443"
		}
	}
	if !trIsASCII(host) {
		if ascii, err := trCleanHost(host, false); err == nil && ascii != "" {
			host = ascii
		}
	}
	return net.JoinHostPort(host, port)
}

func trIsASCII(s string) bool {
	return !strings.ContainsFunc(s, func(c rune) bool { return c >= 0x80 })
}

// trCleanHost returns host as it is sent: punycode for what is not ASCII, no IPv6 zone, nothing that would end the line.
// Where there is more to it than looking at the bytes, package net/http is made to write it.
func trCleanHost(host string, toProxy bool) (string, error) {
	if !strings.ContainsFunc(host, func(c rune) bool { return !trIsPlain(c) }) {
		return host, nil
	}
	probe := &http.Request{Method: http.MethodHead, URL: &url.URL{Scheme: "http", Host: "-", Path: "/"}, Host: host}
	write := probe.Write
	if toProxy {
		write = probe.WriteProxy
	}
	var wire bytes.Buffer
	if err := write(&wire); err != nil {
		return "", err
	}
	written, err := http.ReadRequest(bufio.NewReader(&wire))
	if err != nil {
		return "", err
	}
	return written.Host, nil
}

// trIsPlain reports whether c needs no care in a host. The brackets of IPv6 are among them, the zone's % is not.
func trIsPlain(c rune) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || strings.ContainsRune(".-:[]_", c)
}
