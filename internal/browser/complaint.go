package browser

import (
	"fmt"
	"net/url"
	"strings"
)

// An exception is what the protocol calls ExceptionDetails.
type exception struct {
	Text       string
	LineNumber int // from 0
	URL        string
	Exception  struct {
		Description string // of an error, with its stack
		Value       any    // of what else was thrown
	}
}

func (e *exception) String() string {
	text := e.Text + " " + e.Exception.Description
	if e.Exception.Description == "" {
		text += fmt.Sprint(e.Exception.Value)
	}
	if e.URL != "" {
		text += fmt.Sprintf(" (%s:%d)", e.URL, e.LineNumber+1)
	}
	return text
}

// event takes in an event: that the page is loaded, or something to complain about. All others are ignored.
func (s *session) event(m message) {
	s.t.Helper()
	var p struct {
		Type             string // of consoleAPICalled
		Args             []struct{ Value, Description any }
		ExceptionDetails *exception
		Entry            struct{ Level, Text, URL string }
		Request          struct{ URL string }
		URL              string // of webSocketCreated, webTransportCreated
		Message          string // of javascriptDialogOpening
	}
	if m.Params != nil {
		s.decode(m.Params, &p)
	}
	switch m.Method {
	case "Page.loadEventFired":
		s.loaded = true
	case "Runtime.consoleAPICalled":
		if p.Type != "error" && p.Type != "assert" {
			return
		}
		var words []string
		for _, arg := range p.Args {
			if arg.Value == nil {
				arg.Value = arg.Description
			}
			words = append(words, fmt.Sprint(arg.Value))
		}
		s.complain("console.%s: %s", p.Type, strings.Join(words, " "))
	case "Runtime.exceptionThrown":
		s.complain("%v", p.ExceptionDetails)
	case "Log.entryAdded":
		if p.Entry.Level == "error" {
			s.complain("%s %s", p.Entry.Text, p.Entry.URL)
		}
	case "Network.requestWillBeSent":
		if !local(p.Request.URL) {
			s.complain("a request for %s", p.Request.URL)
		}
	case "Network.webSocketCreated", "Network.webTransportCreated":
		s.complain("a connection to %s", p.URL)
	case "Page.javascriptDialogOpening": // nobody would ever answer it
		s.t.Fatalf("browser: %s opens a dialog: %s", s.file, p.Message)
	case "Inspector.targetCrashed":
		s.t.Fatalf("browser: the page %s has crashed%s", s.file, s.wrong())
	}
}

// local reports whether an address is that of a file, or carries or names data that the page itself has.
func local(address string) bool {
	u, err := url.Parse(address)
	if err != nil { // a data address may be any text
		return strings.HasPrefix(address, "data:")
	}
	switch u.Scheme {
	case "file", "data", "blob", "about":
		return true
	}
	return false
}

func (s *session) complain(format string, args ...any) {
	s.complaints = append(s.complaints, fmt.Sprintf(format, args...))
}

// wrong is the list of complaints, each on a line of its own, or nothing.
func (s *session) wrong() string {
	var list strings.Builder
	for _, c := range s.complaints {
		list.WriteString("\n\t" + c)
	}
	return list.String()
}
