package gevent

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

func tempFile(t testing.TB) *File {
	t.Helper()
	f, err := Create(filepath.Join(t.TempDir(), "file"))
	require.NoError(t, err)
	return f
}

func TestFile(t *testing.T) {
	run(t, func() error {
		f := tempFile(t)
		n, err := f.Write([]byte("hello, world"))
		require.NoError(t, err)
		require.Equal(t, 12, n)
		at, err := f.Seek(7, io.SeekStart)
		require.NoError(t, err)
		require.EqualValues(t, 7, at)
		all, err := io.ReadAll(f)
		require.NoError(t, err)
		require.Equal(t, "world", string(all))
		n, err = f.Read(make([]byte, 1))
		require.Zero(t, n)
		require.Equal(t, io.EOF, err)

		n, err = f.WriteAt([]byte("W"), 7)
		require.NoError(t, err)
		require.Equal(t, 1, n)
		b := make([]byte, 10)
		n, err = f.ReadAt(b, 7)
		require.Equal(t, io.EOF, err)
		require.Equal(t, "World", string(b[:n]))
		n, err = f.WriteAt(nil, 7)
		require.NoError(t, err)
		require.Zero(t, n)

		require.NoError(t, f.Truncate(5))
		require.NoError(t, f.Sync())
		info, err := f.Stat()
		require.NoError(t, err)
		require.EqualValues(t, 5, info.Size())
		got, err := ReadFile(f.Name())
		require.NoError(t, err)
		require.Equal(t, "hello", string(got))
		require.NoError(t, f.Close())
		_, err = Open(f.Name() + "-no")
		require.ErrorIs(t, err, fs.ErrNotExist)
		return nil
	})
}

func TestFileLargerThanAChunk(t *testing.T) {
	run(t, func() error {
		f := tempFile(t)
		data := make([]byte, 2*maxChunk+maxChunk/2)
		for i := range data {
			data[i] = byte(i >> 10)
		}
		n, err := f.Write(data)
		require.NoError(t, err)
		require.Equal(t, len(data), n)
		n, err = f.WriteAt(data, 100)
		require.NoError(t, err)
		require.Equal(t, len(data), n)
		got := make([]byte, len(data))
		n, err = f.ReadAt(got, 100)
		require.NoError(t, err)
		require.Equal(t, len(data), n)
		require.True(t, bytes.Equal(data, got))
		n, err = f.ReadAt(got, 200)
		require.Equal(t, io.EOF, err)
		require.Equal(t, len(data)-100, n)
		_, err = f.Seek(100, io.SeekStart)
		require.NoError(t, err)
		n, err = f.Read(got)
		require.NoError(t, err)
		require.Equal(t, maxChunk, n)
		_, err = io.ReadFull(f, got[n:])
		require.NoError(t, err)
		require.True(t, bytes.Equal(data, got))
		return f.Close()
	})
}

func TestReadDirAndWriteFile(t *testing.T) {
	run(t, func() error {
		dir := t.TempDir()
		data := []byte("text")
		require.NoError(t, WriteFile(filepath.Join(dir, "a"), data, 0o600))
		require.ErrorIs(t, WriteFile(filepath.Join(dir, "no", "a"), data, 0o600), fs.ErrNotExist)
		_, err := ReadFile(filepath.Join(dir, "no"))
		require.ErrorIs(t, err, fs.ErrNotExist)
		d, err := Open(dir)
		require.NoError(t, err)
		entries, err := d.ReadDir(-1)
		require.NoError(t, err)
		require.Len(t, entries, 1)
		require.Equal(t, "a", entries[0].Name())
		return d.Close()
	})
}

func TestOthersRunWhileAFileIsUsed(t *testing.T) {
	run(t, func() error {
		f := tempFile(t)
		ticks := 0
		ticker := Spawn(func() error {
			for {
				ticks++
				_ = Sleep(1)
			}
		})
		for range 20 {
			_, err := f.Write([]byte("x"))
			require.NoError(t, err)
		}
		require.GreaterOrEqual(t, ticks, 20)
		require.NoError(t, f.Close())
		return ticker.Kill()
	})
}

func TestFileClose(t *testing.T) {
	run(t, func() error {
		f := tempFile(t)
		holder, release := slowly(t, f)
		waiter := Spawn(func() error { _, err := f.Read(make([]byte, 1)); return err })
		parked(t, waiter)
		closer := Spawn(f.Close)
		require.ErrorIs(t, waiter.Get(), os.ErrClosed)
		close(release)
		require.NoError(t, holder.Get(), "what has begun ends first")
		require.NoError(t, closer.Get())
		calls := map[string]func() error{
			"read":  func() error { _, err := f.Read(nil); return err },
			"write": func() error { _, err := f.WriteAt(nil, 0); return err },
			"stat":  func() error { _, err := f.Stat(); return err },
			"close": f.Close,
		}
		for name, call := range calls {
			require.ErrorIs(t, call(), os.ErrClosed, name)
		}
		var failed *fs.PathError
		require.ErrorAs(t, f.Sync(), &failed)
		require.Equal(t, "sync "+f.Name()+": file already closed", failed.Error())
		return nil
	})
}

func TestFileAfterItsHub(t *testing.T) {
	before := openFds()
	var f *File
	require.NoError(t, Run(func() error { f = tempFile(t); return nil }))
	_, err := f.Write([]byte("x"))
	require.ErrorIs(t, err, os.ErrClosed)
	require.NoError(t, f.Close())
	noDescriptors(t, before)
}

func TestFileOnVirtualTime(t *testing.T) {
	virtual(t, func() error {
		f := tempFile(t)
		_, err := f.Write([]byte("x"))
		require.NoError(t, err)
		require.NoError(t, f.Close())
		own, err := os.Open(f.Name())
		require.NoError(t, err)
		f = NewFile(own)
		got, err := io.ReadAll(f)
		require.Equal(t, "x", string(got))
		return errors.Join(err, f.Close())
	})
}
