package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"
	"time"
)

const (
	bufferSize = 16 << 10 // which also is the limit of a line
	maxArgs    = 1 << 16
	maxRequest = 1 << 20 // bytes of all arguments together
)

// A protocolError is a request after which nobody knows where the next one begins.
type protocolError string

func (e protocolError) Error() string { return "ERR Protocol error: " + string(e) }

// readRequest reads a command with its arguments: an array of strings, as programs send it, or one line of words, as typed
// in telnet. It is empty if the line is.
func readRequest(r *bufio.Reader) (args []string, err error) {
	line, err := readLine(r)
	if err != nil {
		return nil, err
	}
	if !strings.HasPrefix(line, "*") {
		return strings.Fields(line), nil
	}
	n, err := strconv.Atoi(line[1:])
	if err != nil || n > maxArgs {
		return nil, protocolError("invalid multibulk length")
	}
	for room := maxRequest; n > 0; n-- {
		arg, err := readBulk(r, room)
		if err != nil {
			return nil, err
		}
		args = append(args, arg)
		room -= len(arg)
	}
	return args, nil
}

func readLine(r *bufio.Reader) (string, error) {
	line, err := r.ReadSlice('\n')
	if errors.Is(err, bufio.ErrBufferFull) {
		return "", protocolError("too big inline request")
	}
	if err != nil {
		return "", err
	}
	return strings.TrimSuffix(string(line[:len(line)-1]), "\r"), nil
}

// readBulk reads a string of no more than room bytes, each of which may be anything: its length comes first.
func readBulk(r *bufio.Reader, room int) (string, error) {
	line, err := readLine(r)
	if err != nil {
		return "", err
	}
	if !strings.HasPrefix(line, "$") {
		return "", protocolError(fmt.Sprintf("expected '$', got %.1q", line))
	}
	n, err := strconv.Atoi(line[1:])
	if err != nil || n < 0 || n > room {
		return "", protocolError("invalid bulk length")
	}
	bulk := make([]byte, n+len("\r\n"))
	if _, err := io.ReadFull(r, bulk); err != nil {
		return "", err
	}
	if string(bulk[n:]) != "\r\n" {
		return "", protocolError("expected the end of the bulk")
	}
	return string(bulk[:n]), nil
}

// refuse says what is wrong and ends the connection. To close it with bytes unread would reset it, and the client might
// never see the answer: what it still sends is read for a moment.
func refuse(c net.Conn, w *bufio.Writer, wrong error) error {
	if err := errors.Join(writeReply(w, failure(wrong.Error())), w.Flush()); err != nil {
		return err
	}
	_ = c.SetReadDeadline(time.Now().Add(time.Second))
	if half, ok := c.(interface{ CloseWrite() error }); ok {
		_ = half.CloseWrite()
	}
	_, _ = io.Copy(io.Discard, io.LimitReader(c, 2*maxRequest))
	return wrong
}
