//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd

package ssl_test

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/sha256"
	"crypto/tls"
	"encoding/binary"
	"encoding/hex"
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"greenloop/gevent"
	"greenloop/gevent/ssl"
)

// A forger is a TLS 1.3 client that sends what no library would. It has made a proper handshake, and then writes records by itself,
// following RFC 8446.
type forger struct {
	t      testing.TB
	to     io.Writer
	secret []byte
	count  uint64 // of records under this secret
}

const (
	handshakeRecord = 22
	dataRecord      = 23
)

// newForger returns a forger, and the connection that it attacks.
func newForger(t *testing.T) (*forger, *ssl.Conn) {
	cc, sc := configs(t)
	var log bytes.Buffer
	cc.KeyLogWriter = &log
	a, b := sockets(t)
	client, server := ssl.Client(a, cc), ssl.Server(b, sc)
	shake(t, client, server)
	if client.ConnectionState().CipherSuite != tls.TLS_AES_128_GCM_SHA256 {
		t.Skip("this machine prefers a cipher that the test does not have")
	}
	for line := range strings.Lines(log.String()) {
		if words := strings.Fields(line); words[0] == "CLIENT_TRAFFIC_SECRET_0" {
			secret, err := hex.DecodeString(words[2])
			require.NoError(t, err)
			return &forger{t: t, to: a, secret: secret}, server
		}
	}
	t.Fatal("no secret was logged")
	return nil, nil
}

// derive is HKDF-Expand-Label of section 7.1.
func (f *forger) derive(label string, size int) []byte {
	label = "tls13 " + label
	info := binary.BigEndian.AppendUint16(nil, uint16(size))
	info = append(append(append(info, byte(len(label))), label...), 0)
	key, err := hkdf.Expand(sha256.New, f.secret, string(info), size)
	require.NoError(f.t, err)
	return key
}

// send sends a record.
func (f *forger) send(kind byte, data ...byte) {
	b, err := aes.NewCipher(f.derive("key", 16))
	require.NoError(f.t, err)
	aead, err := cipher.NewGCM(b)
	require.NoError(f.t, err)
	nonce := f.derive("iv", 12)
	for i, x := range binary.BigEndian.AppendUint64(nil, f.count) {
		nonce[4+i] ^= x
	}
	f.count++
	head := binary.BigEndian.AppendUint16([]byte{dataRecord, 3, 3}, uint16(len(data)+1+aead.Overhead()))
	_, err = f.to.Write(aead.Seal(head, nonce, append(data, kind), head))
	require.NoError(f.t, err)
}

// updateKey sends a KeyUpdate that asks for one in return.
func (f *forger) updateKey() {
	f.send(handshakeRecord, 24, 0, 0, 1, 1)
	f.secret, f.count = f.derive("traffic upd", 32), 0
}

// garble sends a record that was not made with the key.
func (f *forger) garble() {
	_, err := f.to.Write(append([]byte{dataRecord, 3, 3, 0, 32}, make([]byte, 32)...))
	require.NoError(f.t, err)
}

// reads returns a greenlet that reads all there is, and what.
func reads(c io.Reader) (*gevent.Greenlet, *bytes.Buffer) {
	var got bytes.Buffer
	return gevent.Spawn(func() error {
		_, err := io.Copy(struct{ io.Writer }{&got}, struct{ io.Reader }{c})
		return err
	}), &got
}
