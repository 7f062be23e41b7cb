package main

import (
	"bufio"
	"fmt"
	"strconv"
)

// A reply is what a command answers: a status, a failure, an int64, a string, nil for no value, or a []any of replies. It
// is whole before a byte of it is written: to write may wait, and then other commands run.
type (
	status  string
	failure string // begins with a word in capitals, most often ERR
)

const ok = status("OK")

// writeReply writes a reply to the buffer, which sends what does not fit.
func writeReply(w *bufio.Writer, reply any) (err error) {
	switch v := reply.(type) {
	case status:
		err = writeLine(w, '+', string(v))
	case failure:
		err = writeLine(w, '-', string(v))
	case int64:
		err = writeLine(w, ':', strconv.FormatInt(v, 10))
	case nil:
		err = writeLine(w, '$', "-1")
	case string:
		if err = writeLine(w, '$', strconv.Itoa(len(v))); err != nil {
			return err
		}
		if _, err = w.WriteString(v); err == nil {
			_, err = w.WriteString("\r\n")
		}
	case []any:
		err = writeLine(w, '*', strconv.Itoa(len(v)))
		for i := 0; i < len(v) && err == nil; i++ {
			err = writeReply(w, v[i])
		}
	default:
		panic(fmt.Sprintf("rediskv: a reply of the type %T", v))
	}
	return err
}

func writeLine(w *bufio.Writer, kind byte, text string) error {
	_ = w.WriteByte(kind) // its error stays with the writer
	_, _ = w.WriteString(text)
	_, err := w.WriteString("\r\n")
	return err
}
