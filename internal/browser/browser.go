// Package browser lets a test open an HTML file in headless Chromium. The page must be sound and must need no network: an
// error on its console, an uncaught exception, a rejected promise without a handler, a file that is missing and any
// request for something other than a file fail the test.
//
//	title := browser.Open(t, "report.html", "document.title") // "\"Report\"", as JSON
//
// Where no browser is installed the test is skipped, unless the environment has CI set: then it fails. Each call starts a
// browser of its own with an empty profile and ends it, with all its processes, before the test ends.
package browser

import (
	"encoding/base64"
	"encoding/json"
	"os"
	"testing"
)

// Open opens the file and, once it is loaded, evaluates script, a JavaScript expression that may contain await. It returns
// the value, or what the promise is resolved with, as JSON; undefined is null. Whatever is wrong with the page or with the
// script fails the test. To be called from the test's goroutine.
func Open(t testing.TB, file, script string) (result string) {
	t.Helper()
	s := load(t, file, 0, 0)
	result = s.evaluate(script)
	s.settle()
	return result
}

// Screenshot opens the file in a window of that many CSS pixels and writes what is seen of it, as a picture of as many
// pixels, to the file png. It fails the test as Open does. To be called from the test's goroutine.
func Screenshot(t testing.TB, file, png string, width, height int) {
	t.Helper()
	s := load(t, file, width, height)
	s.settle()
	var shot struct{ Data string }
	s.call("Page.captureScreenshot", params{"format": "png"}, &shot)
	picture, err := base64.StdEncoding.DecodeString(shot.Data)
	if err == nil {
		err = os.WriteFile(png, picture, 0o644)
	}
	if err != nil {
		t.Fatalf("browser: the picture of %s: %v", file, err)
	}
}

// evaluate returns the value of the expression as JSON.
func (s *session) evaluate(script string) string {
	s.t.Helper()
	var answer struct {
		Result struct {
			Value               json.RawMessage
			UnserializableValue string // NaN, Infinity, -0, a bigint
		}
		ExceptionDetails *exception
	}
	// In an async function the expression may contain await; the line's end is for one that ends in a comment.
	expression := "(async () => (" + script + "\n))()"
	s.call("Runtime.evaluate", params{"expression": expression, "awaitPromise": true, "returnByValue": true}, &answer)
	switch {
	case answer.ExceptionDetails != nil:
		s.t.Fatalf("browser: the script: %v%s", answer.ExceptionDetails, s.wrong())
	case answer.Result.UnserializableValue != "":
		s.t.Fatalf("browser: the script's value %s has no JSON", answer.Result.UnserializableValue)
	case answer.Result.Value == nil:
		return "null"
	}
	return string(answer.Result.Value)
}

// settle fails the test if anything is wrong with the page up to now. A promise that was rejected is reported only when
// the page's event loop has gone round, hence the timer.
func (s *session) settle() {
	s.t.Helper()
	s.evaluate("new Promise(resolve => setTimeout(resolve))")
	if wrong := s.wrong(); wrong != "" {
		s.t.Fatalf("browser: %s is not sound:%s", s.file, wrong)
	}
}
