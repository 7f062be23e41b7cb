//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd

package http

import (
	"crypto/tls"
	"os/exec"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// clientPython is the system's, which has gevent; another one that comes first in the path may not have it.
const clientPython = "/usr/bin/python3"

// clientHTTPClient keeps one connection, on which it sends chunks, asks for leave and gets it, and reads answers in parts.
const clientHTTPClient = `
import http.client, sys
c = http.client.HTTPConnection(sys.argv[1], timeout=20)
first = None
def answered(what):
    global first
    r = c.getresponse()
    print(what, r.status, r.read().decode())
    first = first or c.sock
    assert c.sock is first, "another connection"
c.request("GET", "/hello/python"); answered("get")
c.request("PUT", "/sum", body=iter([b"in ", b"chunks"]), encode_chunked=True, headers={"Transfer-Encoding": "chunked"})
answered("chunked")
c.putrequest("POST", "/sum"); c.putheader("Expect", "100-continue"); c.putheader("Content-Length", "5"); c.endheaders()
leave = b""
while not leave.endswith(b"\r\n\r\n"):
    leave += c.sock.recv(1)
print(leave.split(b"\r\n")[0].decode())
c.send(b"leave"); answered("continued")
c.request("HEAD", "/hello/python"); answered("head")
c.request("GET", "/files/large")
r = c.getresponse(); print("large", len(r.read(10)), len(r.read()))
c.request("GET", "/hello/last"); answered("last")
`

func TestClientsPython(t *testing.T) {
	python := findClient(t, clientPython)
	inWorld(t, clientSite(t), func(w *world) {
		out, _ := python.run("", "-c", clientHTTPClient, w.address)
		require.Equal(t, []string{
			"get 200 hello python",
			"chunked 200 " + clientSummed("in chunks", "chunked", "HTTP/1.1"),
			"HTTP/1.1 100 Continue",
			"continued 200 " + clientSummed("leave", "", "HTTP/1.1"),
			"head 200 ",
			"large 10 8399990",
			"last 200 hello last",
		}, strings.Split(strings.TrimSpace(out), "\n"))
	})
}

// clientGevent is green threads talking to green threads.
const clientGevent = `
from gevent import monkey; monkey.patch_all()
import gevent.pool, sys, urllib.request
def visit(i):
    with urllib.request.urlopen("http://%s/hello/%d" % (sys.argv[1], i), timeout=20) as r:
        assert r.read() == b"hello %d" % i
    body = b"x" * (i * 1000)
    with urllib.request.urlopen("http://%s/sum" % sys.argv[1], data=body, timeout=20) as r:
        assert r.read().startswith(b"%d " % len(body))
    return 1
print(sum(gevent.pool.Pool(40).map(visit, range(200))))
`

func TestClientsPythonGevent(t *testing.T) {
	python := findClient(t, clientPython)
	if exec.Command(clientPython, "-c", "import gevent").Run() != nil {
		clientMissing(t, "python's gevent")
	}
	inWorld(t, clientSite(t), func(w *world) {
		out, _ := python.run("", "-c", clientGevent, w.address)
		require.Equal(t, "200\n", out)
	})
}

// A request over TLS by hand.
func TestClientsOpenSSL(t *testing.T) {
	openssl := findClient(t, "openssl")
	certificate, _ := borrowedCertificate(t)
	file := clientCertificate(t, certificate.Certificate[0])
	for _, version := range []string{"-tls1_2", "-tls1_3"} {
		t.Run(version, func(t *testing.T) {
			s := clientSite(t)
			s.TLSConfig = &tls.Config{Certificates: []tls.Certificate{certificate}}
			inWorld(t, s, func(w *world) {
				serving, port := clientServeTLS(t, w)
				out, _ := openssl.run("GET /hello/openssl HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", "s_client", "-quiet",
					version, "-connect", "127.0.0.1:"+port, "-servername", "example.com", "-CAfile", file,
					"-verify_return_error", "-verify_hostname", "example.com")
				require.True(t, strings.HasPrefix(out, "HTTP/1.1 200 OK\r\n"), out)
				require.True(t, strings.HasSuffix(out, "\r\n\r\nhello openssl"), out)
				require.NoError(t, w.Close())
				require.Error(t, serving.Get())
			})
		})
	}
}
