package main

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"

	"greenloop/bench/internal/hello"
)

// What every answer begins and ends with.
var (
	answerStart = []byte("HTTP/1.1 200 OK\r\n")
	answerEnd   = []byte("\r\n\r\n" + hello.Body)
)

// web sends HTTP requests and wants each answered with hello.Body. The first answer is parsed; the others must be as
// long, have the same status line and end with the body, which costs two comparisons each.
type web struct {
	length int // of an answer, once greeted
}

// newWeb returns the dialogue of a connection, and the requests that it sends.
func newWeb(pipeline int) (*web, []byte) {
	return new(web), bytes.Repeat([]byte(hello.Request), pipeline)
}

func (w *web) renew([]byte) {}

func (w *web) greeted(answer []byte) (int, error) {
	if !bytes.Contains(answer, []byte("\r\n\r\n")) {
		return 0, nil
	}
	head := bufio.NewReader(bytes.NewReader(answer))
	res, err := http.ReadResponse(head, nil)
	if err != nil {
		return 0, fmt.Errorf("no HTTP answer: %w: %q", err, answer)
	}
	body, err := io.ReadAll(res.Body)
	if errors.Is(err, io.ErrUnexpectedEOF) {
		return 0, nil // the body is still to come
	}
	switch {
	case err != nil:
		return 0, fmt.Errorf("bad HTTP answer: %w: %q", err, answer)
	case head.Buffered() > 0:
		return 0, fmt.Errorf("more than one HTTP answer: %q", answer)
	case res.ContentLength != int64(len(hello.Body)) || string(body) != hello.Body:
		return 0, fmt.Errorf("not the body asked for, or no Content-Length: %q", answer)
	case res.Close:
		return 0, fmt.Errorf("the connection is not kept alive: %q", answer)
	}
	w.length = len(answer)
	return w.length, w.check(answer)
}

func (w *web) verify(_, in []byte) error {
	for ; len(in) > 0; in = in[w.length:] {
		if err := w.check(in[:w.length]); err != nil {
			return err
		}
	}
	return nil
}

func (w *web) check(answer []byte) error {
	if bytes.HasPrefix(answer, answerStart) && bytes.HasSuffix(answer, answerEnd) {
		return nil
	}
	return fmt.Errorf("not the answer expected: %q", answer)
}
