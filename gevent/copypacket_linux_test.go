package gevent

import (
	"bytes"
	"io"
	"os"
	"testing"

	"github.com/stretchr/testify/require"
)

// A file goes into packets that another copy can take whole: what a Read has no room for would be lost.
func TestCopyFileIntoPackets(t *testing.T) {
	data := pattern(1 << 20)
	run(t, func() error {
		f, err := os.Open(fileOf(t, data))
		require.NoError(t, err)
		l, err := Listen("unixpacket", unixName(t))
		require.NoError(t, err)
		to, err := Dial("unixpacket", l.Addr().String())
		require.NoError(t, err)
		from, err := l.Accept()
		require.NoError(t, err)
		got := Go(func() ([]byte, error) {
			var all bytes.Buffer
			_, err := io.Copy(struct{ io.Writer }{&all}, from) // a Buffer's ReadFrom has less room
			return all.Bytes(), err
		})
		_, err = io.Copy(to, f)
		require.NoError(t, err)
		closeAll(t, to)
		all, err := got.Get()
		require.NoError(t, err)
		require.True(t, bytes.Equal(data, all), "%d bytes of %d", len(all), len(data))
		closeAll(t, f, l, from)
		return nil
	})
}
