package debug

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"path"
	"strconv"
	"strings"
	"sync"
	"time"

	"greenloop/gevent"
)

// A Handler answers requests about one hub or several, see the text of the package. Safe from any goroutine.
type Handler struct {
	views    []*view
	patience time.Duration // how long a request waits for a hub's thread
}

// defaultPatience is how long a hub may be busy until a request about it is answered with 503.
const defaultPatience = 5 * time.Second

// New returns a handler for those hubs, numbered from 0 on. It panics if there is none, or one is nil. It holds no hub open:
// one that has ended is answered for with 410. Safe from any goroutine.
func New(hubs ...*gevent.Hub) *Handler {
	if len(hubs) == 0 {
		panic("debug: New without a hub; inside gevent.Run, gevent.GetHub returns it")
	}
	h := &Handler{patience: defaultPatience}
	for i, hub := range hubs {
		if hub == nil {
			panic("debug: New of a nil hub; gevent.GetHub returns nil outside gevent.Run")
		}
		h.views = append(h.views, &view{hub: hub, number: i})
	}
	return h
}

// Track begins to account for the times of the greenlets at once, not only with the first request that shows them, and for
// as long as the hubs live. For what that costs, see the text of the package. Safe from any goroutine; on a hub's own thread
// it has begun there when Track returns.
func (h *Handler) Track() {
	for _, v := range h.views {
		forever := func() { v.track().forever = true }
		if gevent.GetHub() == v.hub {
			forever()
		} else {
			v.hub.Post(forever) // one that has ended has nothing to account for
		}
	}
}

// A page answers one kind of request. Where it is called depends on who serves; what it returns is made elsewhere.
type page struct {
	params []string // that it takes beside hub
	answer func(*request) (*answer, error)
}

// An answer is what a page has found out, and how to write it: on any goroutine, as it may take long.
type answer struct {
	kind   string // of content
	file   string // its name, if it is to be saved
	secure string // Content-Security-Policy; "": none
	alone  bool   // write sees to it itself that there are not many at once
	write  func() ([]byte, error)
}

// writing is held while an answer is made, on a goroutine: many at once, each of megabytes, would take the memory, and the
// CPUs from the hubs' threads.
var writing sync.Mutex

func (a *answer) bytes() ([]byte, error) {
	if !a.alone {
		writing.Lock()
		defer writing.Unlock()
	}
	return a.write()
}

var pages map[string]page

func init() { // the index lists the pages
	pages = map[string]page{
		"":        {[]string{"sort"}, index},
		"tasks":   {[]string{"sort", "format"}, tasksPage},
		"tree":    {[]string{"stacks"}, treePage},
		"latency": {[]string{"format"}, latencyPage},
		"record":  {[]string{"seconds", "lines", "format"}, recordPage},
		"vars":    {nil, varsPage},
		"stacks":  {nil, stacksPage},
	}
}

const pageNames = "tasks, tree, latency, record, vars and stacks, and the index, whose path ends in a slash"

// ServeHTTP answers GET and HEAD. Parks in a greenlet, else it blocks.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	header := w.Header()
	header.Set("X-Content-Type-Options", "nosniff")
	header.Set("Cache-Control", "no-store")
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		header.Set("Allow", "GET, HEAD")
		http.Error(w, "only GET and HEAD are allowed", http.StatusMethodNotAllowed)
		return
	}
	if foreign(r) {
		http.Error(w, "a page of another site may link to here, and not load from here", http.StatusForbidden)
		return
	}
	if location := slashed(r); location != "" {
		header.Set("Location", location)
		w.WriteHeader(http.StatusTemporaryRedirect)
		return
	}
	_, name := path.Split(r.URL.Path)
	p, ok := pages[name]
	if !ok {
		http.Error(w, "there are "+pageNames, http.StatusNotFound)
		return
	}
	q, err := h.read(r, p.params)
	if err != nil {
		refuse(w, r, nil, err)
		return
	}
	a, err := p.answer(q)
	var body []byte
	if err == nil {
		body, err = elsewhere(a.bytes)
	}
	if err != nil {
		refuse(w, r, q.view, err)
		return
	}
	header.Set("Content-Type", a.kind)
	header.Set("Content-Length", strconv.Itoa(len(body)))
	if a.secure != "" {
		header.Set("Content-Security-Policy", a.secure)
	}
	if a.file != "" {
		header.Set("Content-Disposition", "attachment; filename="+a.file)
	}
	if r.Method != http.MethodHead {
		_, _ = w.Write(body) // a client that is gone needs none
	}
}

// foreign reports whether a browser asks on behalf of another site, and not because its user has followed a link: a
// page that is merely looked at shall not begin recordings. Only browsers tell.
func foreign(r *http.Request) bool {
	return r.Header.Get("Sec-Fetch-Site") == "cross-site" && r.Header.Get("Sec-Fetch-Dest") != "document"
}

// slashed returns where the index is if it was asked for without a slash at the end, from which its links go on: so it is
// where StripPrefix has left nothing. The place is relative, as only the whole request knows the prefix.
func slashed(r *http.Request) (location string) {
	asked, query, _ := strings.Cut(r.RequestURI, "?")
	if r.URL.Path != "" || asked == "" || strings.HasSuffix(asked, "/") {
		return ""
	}
	location = "./" + path.Base(asked) + "/"
	if query != "" {
		location += "?" + query
	}
	return location
}

// A request is one that was found to be right so far.
type request struct {
	*http.Request
	handler *Handler
	view    *view
	params  url.Values
}

// A mistake is a request that cannot be answered; it says what could.
type mistake string

func (m mistake) Error() string { return string(m) }

func (h *Handler) read(r *http.Request, params []string) (*request, error) {
	q := &request{Request: r, handler: h}
	var err error
	if q.params, err = url.ParseQuery(r.URL.RawQuery); err != nil {
		return nil, mistake("the query cannot be read: " + err.Error())
	}
	for name, values := range q.params {
		known := name == "hub"
		for _, p := range params {
			known = known || name == p
		}
		if !known {
			allowed := strings.Join(append([]string{"hub"}, params...), ", ")
			return nil, mistake(fmt.Sprintf("unknown parameter %q; allowed here: %s", name, allowed))
		}
		if len(values) > 1 {
			return nil, mistake(fmt.Sprintf("%s is given %d times; once is allowed", name, len(values)))
		}
	}
	n := 0
	if text := q.params.Get("hub"); text != "" {
		n, err = strconv.Atoi(text)
	}
	if err != nil || n < 0 || n >= len(h.views) {
		return nil, mistake(fmt.Sprintf("hub is a number from 0 to %d", len(h.views)-1))
	}
	q.view = h.views[n]
	return q, nil
}

// choice returns the value of a parameter, the first of those allowed if it is not given.
func (q *request) choice(name string, allowed ...string) (string, error) {
	value := q.params.Get(name)
	if value == "" {
		return allowed[0], nil
	}
	for _, a := range allowed {
		if value == a {
			return value, nil
		}
	}
	return "", mistake(fmt.Sprintf("%s is one of %s; %s if it is not given", name, strings.Join(allowed, ", "), allowed[0]))
}

func (q *request) flag(name string) (bool, error) {
	value, err := q.choice(name, "0", "1")
	return value == "1", err
}

// refuse answers with what was wrong.
func refuse(w http.ResponseWriter, r *http.Request, v *view, err error) {
	var m mistake
	switch {
	case errors.Is(err, errMany):
		http.Error(w, err.Error(), http.StatusTooManyRequests)
	case errors.As(err, &m):
		http.Error(w, err.Error(), http.StatusBadRequest)
	case errors.Is(err, errEnded):
		http.Error(w, err.Error(), http.StatusGone)
	case errors.Is(err, errBusy):
		v.busy(w, r)
	default:
		http.Error(w, "the answer could not be made: "+err.Error(), http.StatusServiceUnavailable)
	}
}
