package browser

import (
	"bufio"
	"bytes"
	"encoding/json"
	"os"
	"testing"
	"time"
)

// A session talks to one browser over a pair of pipes, in messages of JSON that end in a zero byte: the DevTools protocol,
// https://chromedevtools.github.io/devtools-protocol/. It needs no goroutine: whoever waits for an answer takes in the
// events that come before it.
type session struct {
	t    testing.TB
	file string // for messages
	to   *os.File
	from *bufio.Reader
	end  func() string // ends the browser and returns what it has printed
	page string        // the id of the page's session, once there is a page
	last int           // the id of the last call

	loaded     bool
	complaints []string
}

type params map[string]any

// A message is an answer, which has the ID of its call, or an event, which has a Method.
type message struct {
	ID     int
	Method string
	Params json.RawMessage
	Result json.RawMessage
	Error  *struct{ Message string }
}

// call calls a method of the protocol and decodes its answer to result, unless that is nil.
func (s *session) call(method string, p params, result any) {
	s.t.Helper()
	s.last++
	id := s.last
	request := map[string]any{"id": id, "method": method, "params": p}
	if p == nil {
		request["params"] = params{}
	}
	if s.page != "" {
		request["sessionId"] = s.page
	}
	text, err := json.Marshal(request)
	if err != nil {
		s.t.Fatalf("browser: %s: %v", method, err)
	}
	if _, err := s.to.Write(append(text, 0)); err != nil {
		s.fail(method, err)
	}
	for {
		m := s.receive()
		switch {
		case m.ID != id:
			s.event(m)
			continue
		case m.Error != nil:
			s.t.Fatalf("browser: %s: %s%s", method, m.Error.Message, s.wrong())
		case result != nil:
			s.decode(m.Result, result)
		}
		return
	}
}

func (s *session) receive() message {
	s.t.Helper()
	text, err := s.from.ReadBytes(0)
	if err != nil {
		s.fail("an answer", err)
	}
	var m message
	s.decode(bytes.TrimSuffix(text, []byte{0}), &m)
	return m
}

func (s *session) decode(text []byte, v any) {
	s.t.Helper()
	if err := json.Unmarshal(text, v); err != nil {
		s.t.Fatalf("browser: %v in %s", err, text)
	}
}

// fail ends the test for a browser that has ended, or that takes longer than limit.
func (s *session) fail(what string, err error) {
	s.t.Helper()
	if os.IsTimeout(err) {
		s.t.Fatalf("browser: %s: %s is not done after %v%s", s.file, what, limit, s.wrong())
	}
	s.t.Fatalf("browser: %s: %s: %v%s\n%s", s.file, what, err, s.wrong(), s.end())
}

// limit bounds a session, from the start of the browser on.
const limit = time.Minute
