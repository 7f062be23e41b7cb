//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd

package ssl_test

import (
	"bufio"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"greenloop/gevent"
	"greenloop/gevent/ssl"
)

// Other implementations of TLS, both ways.

// needs skips the test where there is no such program, except in CI.
func needs(t *testing.T, program string) string {
	path, err := exec.LookPath(program)
	if err != nil && os.Getenv("CI") == "" {
		t.Skipf("there is no %s on this machine", program)
	}
	require.NoError(t, err)
	return path
}

// start starts a program, which does not outlive the test.
func start(t *testing.T, c *gevent.Cmd) {
	require.NoError(t, c.Start())
	t.Cleanup(func() { _ = c.Process.Kill() })
}

// files writes the certificates of configs where other programs read them.
func files(t *testing.T) (ca, cert, key string) {
	cast := sharedCast(t)
	dir := t.TempDir()
	write := func(name, kind string, der []byte) string {
		name = filepath.Join(dir, name)
		require.NoError(t, os.WriteFile(name, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600))
		return name
	}
	der, err := x509.MarshalPKCS8PrivateKey(cast.cert.PrivateKey)
	require.NoError(t, err)
	return write("ca", "CERTIFICATE", cast.authority.cert.Raw), write("cert", "CERTIFICATE", cast.cert.Certificate[0]),
		write("key", "PRIVATE KEY", der)
}

// lines serves one connection: it answers each line in capitals, until the peer ends.
func lines(c net.Conn) error {
	for lines := bufio.NewScanner(c); ; {
		if !lines.Scan() {
			return lines.Err()
		}
		if _, err := io.WriteString(c, strings.ToUpper(lines.Text())+"\n"); err != nil {
			return err
		}
	}
}

// serving returns the address of a server of lines, and how its first connection ends, which it closes then.
func serving(t *testing.T, sc *tls.Config) (address string, served *gevent.Greenlet) {
	l, err := ssl.Listen("tcp", "127.0.0.1:0", sc)
	require.NoError(t, err)
	return l.Addr().String(), gevent.Spawn(func() error {
		defer l.Close()
		c, err := l.Accept()
		if err != nil {
			return err
		}
		defer c.Close()
		return lines(c)
	})
}

func TestOpenSSLClient(t *testing.T) {
	openssl := needs(t, "openssl")
	ca, _, _ := files(t)
	for _, version := range []string{"-tls1_2", "-tls1_3"} {
		t.Run(version, func(t *testing.T) {
			run(t, func() error {
				_, sc := configs(t)
				address, served := serving(t, sc)
				client := gevent.Command(openssl, "s_client", "-connect", address, "-servername", "server.test", "-CAfile", ca,
					"-verify_hostname", "server.test", "-verify_return_error", version)
				in, err := client.StdinPipe()
				require.NoError(t, err)
				out, err := client.StdoutPipe()
				require.NoError(t, err)
				errs, err := client.StderrPipe()
				require.NoError(t, err)
				start(t, client)
				answers, remarks := bufio.NewReader(out), bufio.NewReader(errs)
				say := func(text, want string, from *bufio.Reader) {
					_, err := io.WriteString(in, text+"\n")
					require.NoError(t, err)
					for {
						line, err := from.ReadString('\n')
						require.NoError(t, err)
						if strings.TrimSpace(line) == want {
							return
						}
					}
				}
				say("hello", "HELLO", answers)
				if version == "-tls1_3" {
					say("K", "KEYUPDATE", remarks) // s_client's command for a KeyUpdate that asks for another
					say("after that", "AFTER THAT", answers)
				}
				closeAll(t, in) // the end of its input has it close the connection
				_, err = io.Copy(io.Discard, remarks)
				require.NoError(t, err)
				_, err = io.Copy(io.Discard, answers)
				require.NoError(t, err)
				require.NoError(t, client.WaitTimeout(patience))
				require.NoError(t, served.GetTimeout(patience), "it has told its end properly")
				return nil
			})
		})
	}
}

func TestOpenSSLServer(t *testing.T) {
	openssl := needs(t, "openssl")
	_, cert, key := files(t)
	for _, version := range []string{"-tls1_2", "-tls1_3"} {
		t.Run(version, func(t *testing.T) {
			run(t, func() error {
				server := gevent.Command(openssl, "s_server", "-accept", "127.0.0.1:0", "-cert", cert, "-key", key,
					"-rev", "-naccept", "1", version)
				out, err := server.StdoutPipe()
				require.NoError(t, err)
				start(t, server)
				var address string
				output := bufio.NewReader(out)
				for found := false; !found; {
					line, err := output.ReadString('\n')
					require.NoError(t, err)
					address, found = strings.CutPrefix(strings.TrimSpace(line), "ACCEPT ")
				}
				cc, _ := configs(t)
				c, err := ssl.Dial("tcp", address, cc)
				require.NoError(t, err)
				rest := gevent.Spawn(func() error { _, err := io.Copy(io.Discard, output); return err })
				from := bufio.NewReader(c)
				for _, text := range []string{"hello", strings.Repeat("much ", 200)} { // it reads up to a kilobyte at a time
					_, err := io.WriteString(c, text+"\n")
					require.NoError(t, err)
					line, err := from.ReadString('\n')
					require.NoError(t, err)
					require.Equal(t, reversed(text), strings.TrimSuffix(line, "\n"))
				}
				closeAll(t, c)
				require.NoError(t, rest.GetTimeout(patience))
				require.NoError(t, server.WaitTimeout(patience))
				return nil
			})
		})
	}
}

func reversed(s string) string {
	b := []byte(s)
	for i, j := 0, len(b)-1; i < j; i, j = i+1, j-1 {
		b[i], b[j] = b[j], b[i]
	}
	return string(b)
}

const pythonClient = `
import socket, ssl, sys
host, port = sys.argv[1].rsplit(":", 1)
context = ssl.create_default_context(cafile=sys.argv[2])
with socket.create_connection((host, int(port))) as plain:
    with context.wrap_socket(plain, server_hostname="server.test", suppress_ragged_eofs=False) as s:
        s.sendall(b"x" * 1000000 + b"\n")
        answer = b""
        while len(answer) < 1000001:
            answer += s.recv(65536)
        print(answer == b"X" * 1000000 + b"\n", s.version())
        s.unwrap().close()
`

const pythonServer = `
import socket, ssl, sys
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(sys.argv[1], sys.argv[2])
with socket.create_server(("127.0.0.1", 0)) as plain:
    print("%s:%d" % plain.getsockname(), flush=True)
    s = context.wrap_socket(plain.accept()[0], server_side=True, suppress_ragged_eofs=False)
    while True:
        data = s.recv(65536)
        if not data:
            break
        s.sendall(data.upper())
    s.unwrap().close()
`

func TestPythonClient(t *testing.T) {
	python := needs(t, "python3")
	ca, _, _ := files(t)
	run(t, func() error {
		_, sc := configs(t)
		l, err := ssl.Listen("tcp", "127.0.0.1:0", sc)
		require.NoError(t, err)
		served := gevent.Spawn(func() error {
			defer l.Close()
			c, err := l.Accept()
			if err != nil {
				return err
			}
			defer c.Close()
			text, err := bufio.NewReader(c).ReadString('\n')
			if err != nil {
				return err
			}
			if _, err := io.WriteString(c, strings.ToUpper(text)); err != nil {
				return err
			}
			if _, err := c.Read(make([]byte, 1)); err != io.EOF {
				return err
			}
			return nil
		})
		out, err := gevent.Command(python, "-c", pythonClient, l.Addr().String(), ca).CombinedOutputTimeout(patience)
		require.NoError(t, err, string(out))
		require.Equal(t, "True TLSv1.3\n", string(out))
		require.NoError(t, served.GetTimeout(patience))
		return nil
	})
}

func TestPythonServer(t *testing.T) {
	python := needs(t, "python3")
	_, cert, key := files(t)
	run(t, func() error {
		server := gevent.Command(python, "-c", pythonServer, cert, key)
		out, err := server.StdoutPipe()
		require.NoError(t, err)
		start(t, server)
		address, err := bufio.NewReader(out).ReadString('\n')
		require.NoError(t, err)
		cc, _ := configs(t)
		c, err := ssl.Dial("tcp", strings.TrimSpace(address), cc)
		require.NoError(t, err)
		g := gevent.Spawn(func() error {
			if _, err := io.WriteString(c, strings.Repeat("x", 1_000_000)); err != nil {
				return err
			}
			return c.CloseWrite()
		})
		text, err := io.ReadAll(c)
		require.NoError(t, err)
		require.Equal(t, strings.Repeat("X", 1_000_000), string(text))
		require.NoError(t, g.Get())
		closeAll(t, c)
		_, err = io.Copy(io.Discard, out)
		require.NoError(t, err)
		require.NoError(t, server.WaitTimeout(patience))
		return nil
	})
}

// crypto/tls over package net, on goroutines of another thread, both ways.
func TestCryptoTLSOnTheOtherSide(t *testing.T) {
	run(t, func() error {
		cc, sc := configs(t)
		address, served := serving(t, sc)
		ours := gevent.Spawn(func() error { // the other way, at the same time
			l, err := net.Listen("tcp", "127.0.0.1:0")
			require.NoError(t, err)
			done := make(chan error, 1)
			go func() {
				defer l.Close()
				c, err := tls.NewListener(l, sc).Accept()
				if err == nil {
					err = lines(c)
					c.Close()
				}
				done <- err
			}()
			c, err := ssl.Dial("tcp", l.Addr().String(), cc)
			if err != nil {
				return err
			}
			_, err = io.WriteString(c, "hello\n")
			require.NoError(t, err)
			line, err := bufio.NewReader(c).ReadString('\n')
			require.NoError(t, err)
			require.Equal(t, "HELLO\n", line)
			closeAll(t, c)
			err, _, _ = gevent.Recv(done)
			return err
		})
		_, err := gevent.Offload(func() (struct{}, error) {
			c, err := tls.Dial("tcp", address, cc)
			if err != nil {
				return struct{}{}, err
			}
			defer c.Close()
			_ = c.SetDeadline(time.Now().Add(patience))
			_, _ = io.WriteString(c, "hello\n")
			line, err := bufio.NewReader(c).ReadString('\n')
			if line != "HELLO\n" {
				t.Errorf("%q came", line)
			}
			return struct{}{}, err
		})
		require.NoError(t, err)
		require.NoError(t, served.GetTimeout(patience))
		require.NoError(t, ours.GetTimeout(patience))
		return nil
	})
}
