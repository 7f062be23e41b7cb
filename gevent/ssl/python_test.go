//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd

package ssl_test

import (
	"bufio"
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"greenloop/gevent"
	"greenloop/gevent/ssl"
)

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
