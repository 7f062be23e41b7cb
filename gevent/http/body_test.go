package http

import (
	"io"
	"net"
	"net/http"
	"os"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"greenloop/gevent"
)

func lengthBody(length int64, src source) *body {
	return newBody(&http.Request{ContentLength: length}, src)
}

func chunkedBody(src source) (*body, *http.Request) {
	r := &http.Request{ContentLength: -1, TransferEncoding: []string{"chunked"}}
	return newBody(r, src), r
}

func chunkOf(data string) string {
	return strconv.FormatInt(int64(len(data)), 16) + "\r\n" + data + "\r\n"
}

func TestChunkLimitsAreNetHTTPs(t *testing.T) {
	for _, input := range append(limitChunks(), foundChunks...) {
		for _, piece := range []int{0, 1, 1000} {
			compareChunks(t, input, piece, 1)
			compareChunks(t, input, piece, 100)
		}
	}
}

func TestTrailersWithTwoReadingsAreRefused(t *testing.T) {
	for _, trailer := range []string{
		"\n", "A: b\n\n", "A: b\n\r\n", "A: b\r\n\n", "A : b\r\n\r\n", "A\r\n\r\n", " A: b\r\n\r\n", ": b\r\n\r\n",
		"A: \x00\r\n\r\n",
	} {
		b, r := chunkedBody(&scriptSource{rest: []byte("0\r\n" + trailer + "GET / HTTP/1.1\r\nHost: a\r\n\r\n")})
		_, err := b.Read(make([]byte, 1))
		require.Equal(t, errTrailer, err, "%q", trailer)
		ended, err := b.drain(1 << 10)
		require.False(t, ended)
		require.Equal(t, errTrailer, err)
		require.Nil(t, r.Trailer)
	}
}

func TestABodyEndsWithItsLastBytes(t *testing.T) {
	src := &scriptSource{rest: []byte("abcdefGET /")}
	b := lengthBody(6, src)
	require.False(t, b.atEnd())
	p := make([]byte, 4)
	for _, want := range []struct {
		n   int
		err error
	}{{4, nil}, {2, io.EOF}, {0, io.EOF}} {
		n, err := b.Read(p)
		require.Equal(t, want.n, n)
		require.Equal(t, want.err, err)
	}
	require.True(t, b.atEnd())
	require.Equal(t, "GET /", string(src.rest))

	b, r := chunkedBody(&scriptSource{rest: []byte("3\r\nabc\r\n0\r\nA: b\r\n\r\n")})
	n, err := b.Read(p)
	require.Equal(t, 3, n)
	require.Equal(t, io.EOF, err)
	require.Equal(t, http.Header{"A": {"b"}}, r.Trailer)
}

func TestABodyReader(t *testing.T) {
	for _, piece := range []int{0, 1, 5} {
		b := lengthBody(11, &scriptSource{rest: []byte("hello world"), piece: piece})
		require.NoError(t, iotest.TestReader(b, []byte("hello world")))
		b, _ = chunkedBody(&scriptSource{rest: []byte("6\r\nhello \r\n5\r\nworld\r\n0\r\n\r\n"), piece: piece})
		require.NoError(t, iotest.TestReader(b, []byte("hello world")))
	}
}

func TestABodyWithoutLengthIsAtItsEnd(t *testing.T) {
	b := lengthBody(0, &scriptSource{rest: []byte("GET /")})
	require.True(t, b.atEnd())
	_, err := b.Read(make([]byte, 1))
	require.Equal(t, io.EOF, err)
	ended, err := b.drain(0)
	require.NoError(t, err)
	require.True(t, ended)
}

func TestATruncatedBodyStaysSo(t *testing.T) {
	chunked, _ := chunkedBody(&scriptSource{rest: []byte("5\r\nabc")})
	for _, b := range []*body{lengthBody(5, &scriptSource{rest: []byte("abc")}), chunked} {
		got, err := io.ReadAll(b)
		require.Equal(t, "abc", string(got))
		require.Equal(t, io.ErrUnexpectedEOF, err)
		_, err = b.Read(make([]byte, 1))
		require.Equal(t, io.ErrUnexpectedEOF, err)
		require.False(t, b.atEnd())
		ended, err := b.drain(1 << 10)
		require.False(t, ended)
		require.Equal(t, io.ErrUnexpectedEOF, err)
	}
}

func TestABodyCanBeReadOnAfterADeadline(t *testing.T) {
	const text = "3\r\nabc\r\n0\r\n\r\n"
	for at := range len(text) {
		src := &scriptSource{rest: []byte(text)[:at], end: os.ErrDeadlineExceeded}
		b, _ := chunkedBody(src)
		first, err := io.ReadAll(b)
		require.Equal(t, os.ErrDeadlineExceeded, err)
		src.rest = []byte(text)[at:]
		rest, err := io.ReadAll(b)
		require.NoError(t, err)
		require.Equal(t, "abc", string(first)+string(rest))
	}
	src := &scriptSource{rest: []byte("ab"), end: os.ErrDeadlineExceeded}
	b := lengthBody(3, src)
	_, err := io.ReadAll(b)
	require.Equal(t, os.ErrDeadlineExceeded, err)
	ended, err := b.drain(10)
	require.False(t, ended)
	require.Equal(t, os.ErrDeadlineExceeded, err)
	src.rest = []byte("c")
	rest, err := io.ReadAll(b)
	require.NoError(t, err)
	require.Equal(t, "c", string(rest))
}

func TestAClosedBodyIsDrained(t *testing.T) {
	chunked, r := chunkedBody(&scriptSource{rest: []byte("3\r\nabc\r\n0\r\nA: b\r\n\r\nGET /")})
	r.Trailer = http.Header{"A": nil, "C": nil}
	for _, b := range []*body{lengthBody(3, &scriptSource{rest: []byte("abcGET /")}), chunked} {
		n, err := b.Read(make([]byte, 2))
		require.NoError(t, err)
		require.Equal(t, 2, n)
		require.NoError(t, b.Close())
		require.NoError(t, b.Close())
		_, err = b.Read(make([]byte, 2))
		require.ErrorIs(t, err, http.ErrBodyReadAfterClose)
		require.False(t, b.atEnd())
		for range 2 {
			ended, err := b.drain(2)
			require.NoError(t, err)
			require.True(t, ended)
			require.True(t, b.atEnd())
		}
		require.Equal(t, "GET /", string(b.src.(*scriptSource).rest))
	}
	require.Equal(t, http.Header{"A": {"b"}, "C": nil}, r.Trailer)
}

func TestADrainedBodyIsClosed(t *testing.T) {
	b := lengthBody(3, &scriptSource{rest: []byte("abc")})
	ended, err := b.drain(4)
	require.NoError(t, err)
	require.True(t, ended)
	_, err = b.Read(make([]byte, 1))
	require.ErrorIs(t, err, http.ErrBodyReadAfterClose)
}

func TestALongBodyIsLeftToItsReader(t *testing.T) {
	b := lengthBody(3, &scriptSource{rest: []byte("abc")})
	ended, err := b.drain(3)
	require.NoError(t, err)
	require.False(t, ended)
	got, err := io.ReadAll(b)
	require.NoError(t, err)
	require.Equal(t, "abc", string(got))

	b, _ = chunkedBody(&scriptSource{rest: []byte("6\r\nabcdef\r\n0\r\n\r\n")})
	ended, err = b.drain(3)
	require.NoError(t, err)
	require.False(t, ended)
	got, err = io.ReadAll(b)
	require.NoError(t, err)
	require.Equal(t, "ef", string(got), "one more than the limit was needed to know")
}

func TestTheDrainLimitIsNetHTTPs(t *testing.T) {
	o := newParseOracle(t)
	var wg sync.WaitGroup
	for _, n := range []int{256<<10 - 1, 256 << 10, 256<<10 + 1} {
		data := strings.Repeat("x", n)
		length := "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: " + strconv.Itoa(n) + "\r\n\r\n" + data
		chunked := chunkedHead + chunkOf(data[:256]) + chunkOf(data[256:]) + "0\r\n\r\n"
		for _, input := range []string{length, chunked} {
			wg.Go(func() {
				seen, _ := o.compare(t, []byte(input+"GET / HTTP/1.1\r\nHost: b\r\n\r\n"), readNothing, 4096)
				require.NotEmpty(t, seen)
			})
		}
	}
	wg.Wait()
}

// A hookSource calls hook in the middle of what waits.
type hookSource struct {
	scriptSource
	hook func()
}

func (s *hookSource) Peek() ([]byte, error) {
	s.hook()
	return s.scriptSource.Peek()
}

func (s *hookSource) Read(p []byte) (int, error) {
	s.hook()
	return s.scriptSource.Read(p)
}

func TestABodyIsReadByOneAtATime(t *testing.T) {
	for _, text := range []string{"3\r\nabc\r\n0\r\n\r\n", "abc"} {
		src := &hookSource{scriptSource: scriptSource{rest: []byte(text)}}
		b := lengthBody(3, src)
		if len(text) > 3 {
			b, _ = chunkedBody(src)
		}
		calls := 0
		src.hook = func() {
			calls++
			_, err := b.Read(make([]byte, 1))
			require.ErrorIs(t, err, errBodyBusy)
			ended, err := b.drain(1 << 10)
			require.ErrorIs(t, err, errBodyBusy)
			require.False(t, ended)
			require.False(t, b.atEnd())
		}
		got, err := io.ReadAll(b)
		require.NoError(t, err)
		require.Equal(t, "abc", string(got))
		require.Positive(t, calls)
	}
}

func TestABodySurvivesTheEndOfItsReader(t *testing.T) {
	src := &hookSource{scriptSource: scriptSource{rest: []byte("abc")}, hook: runtime.Goexit}
	b := lengthBody(3, src)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		b.Read(make([]byte, 3))
	}()
	<-ended
	src.hook = func() {}
	got, err := io.ReadAll(b)
	require.NoError(t, err)
	require.Equal(t, "abc", string(got))
}

// A connSource is the plainest source of a connection.
type connSource struct {
	net.Conn
	buf []byte
}

func (s *connSource) Peek() ([]byte, error) {
	if len(s.buf) > 0 {
		return s.buf, nil
	}
	b := make([]byte, 512)
	n, err := s.Conn.Read(b)
	s.buf = b[:n]
	return s.buf, err
}

func (s *connSource) Discard(n int) { s.buf = s.buf[n:] }

func (s *connSource) Read(p []byte) (int, error) {
	in, err := s.Peek()
	n := copy(p, in)
	s.Discard(n)
	return n, err
}

func TestAKilledReaderLeavesTheBodyToTheNext(t *testing.T) {
	defer goleak.VerifyNone(t)
	err := gevent.Run(func() error {
		l, err := gevent.Listen("tcp", "127.0.0.1:0")
		require.NoError(t, err)
		defer l.Close()
		client, err := gevent.Dial("tcp", l.Addr().String())
		require.NoError(t, err)
		defer client.Close()
		server, err := l.Accept()
		require.NoError(t, err)
		defer server.Close()

		b, r := chunkedBody(&connSource{Conn: server})
		for _, part := range []string{"5\r", "\nab", "cde", "\r", "\n0\r\nA:", " b\r\n"} {
			_, err = client.Write([]byte(part))
			require.NoError(t, err)
			reader := gevent.Spawn(func() error {
				_, err := io.ReadAll(b)
				return err
			})
			for !b.reading.Load() {
				gevent.Yield()
			}
			ended, err := b.drain(1 << 10)
			require.ErrorIs(t, err, errBodyBusy)
			require.False(t, ended)
			reader.Kill()
			require.ErrorIs(t, reader.Err(), gevent.ErrExit)
		}
		_, err = client.Write([]byte("\r\nGET /"))
		require.NoError(t, err)
		ended, err := b.drain(1 << 10)
		require.NoError(t, err)
		require.True(t, ended)
		require.Equal(t, http.Header{"A": {"b"}}, r.Trailer)
		return nil
	})
	require.NoError(t, err)
}

// A directSource notes how much was read without a Peek.
type directSource struct {
	scriptSource
	direct int
}

func (s *directSource) Read(p []byte) (int, error) {
	n, err := s.scriptSource.Read(p)
	s.direct += n
	return n, err
}

func TestLargeChunksGoAroundTheBuffer(t *testing.T) {
	data := strings.Repeat("x", 1<<20)
	src := &directSource{scriptSource: scriptSource{rest: []byte(chunkOf(data) + "0\r\n\r\n"), piece: 4096}}
	b, _ := chunkedBody(src)
	n, err := io.CopyBuffer(struct{ io.Writer }{io.Discard}, struct{ io.Reader }{b}, make([]byte, 32<<10))
	require.NoError(t, err)
	require.EqualValues(t, len(data), n)
	require.Greater(t, src.direct, len(data)-3*4096)
}
