package browser

import (
	"net/url"
	"path/filepath"
	"testing"
)

// load starts a browser whose one page is the file, and returns once the page has loaded. With a width, the window has
// that size.
func load(t testing.TB, file string, width, height int) *session {
	t.Helper()
	path, err := filepath.Abs(file)
	if err != nil {
		t.Fatalf("browser: %v", err)
	}
	s := start(t)
	s.file = file
	var target struct{ TargetID string }
	s.call("Target.createTarget", params{"url": "about:blank"}, &target)
	var attached struct{ SessionID string }
	s.call("Target.attachToTarget", params{"targetId": target.TargetID, "flatten": true}, &attached)
	s.page = attached.SessionID
	for _, domain := range []string{"Runtime", "Log", "Network", "Page", "Inspector"} {
		s.call(domain+".enable", nil, nil)
	}
	if width > 0 {
		s.call("Emulation.setDeviceMetricsOverride",
			params{"width": width, "height": height, "deviceScaleFactor": 1, "mobile": false}, nil)
	}
	var navigated struct{ ErrorText string }
	address := url.URL{Scheme: "file", Path: path}
	s.call("Page.navigate", params{"url": address.String()}, &navigated)
	if navigated.ErrorText != "" {
		t.Fatalf("browser: %s does not open: %s", file, navigated.ErrorText)
	}
	for !s.loaded {
		s.event(s.receive())
	}
	return s
}
