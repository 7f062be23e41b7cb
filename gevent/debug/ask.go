package debug

import (
	"context"
	"errors"
	"fmt"
	"html"
	"net/http"
	"strings"
	"time"

	"greenloop/gevent"
)

var (
	errEnded   = errors.New("the hub has ended")
	errBusy    = errors.New("the hub does not answer")
	errLost    = errors.New("the hub could not answer")
	errElapsed = errors.New("the time is up")
)

// ask has fn run on the thread of v's hub and returns what it returns. Elsewhere it waits for that no longer than limit, and
// then returns errBusy. fn must not park, and does not run after its caller has given up. Parks in a greenlet, else it
// blocks.
func ask[T any](ctx context.Context, v *view, limit time.Duration, fn func() T) (T, error) {
	if gevent.GetHub() == v.hub {
		return fn(), nil
	}
	ctx, cancel := context.WithTimeoutCause(ctx, limit, errBusy)
	defer cancel()
	var outcome gevent.SharedResult[T]
	if !v.hub.Post(func() {
		defer outcome.Fail(errLost) // fn panicked
		if ctx.Err() == nil {
			outcome.Set(fn())
		}
	}) {
		var none T
		return none, errEnded
	}
	return outcome.GetContext(ctx)
}

// pause waits that long; its error is that of ctx, or of what ended the wait of a greenlet. Parks in a greenlet, else it
// blocks.
func pause(ctx context.Context, d time.Duration) error {
	ctx, cancel := context.WithTimeoutCause(ctx, d, errElapsed)
	defer cancel()
	var never gevent.SharedResult[struct{}]
	if _, err := never.GetContext(ctx); !errors.Is(err, errElapsed) {
		return err
	}
	return nil
}

// elsewhere runs fn where it holds up no greenlet. Parks in a greenlet.
func elsewhere[T any](fn func() (T, error)) (T, error) {
	if gevent.GetHub() == nil {
		return fn()
	}
	return gevent.Await(func(context.Context) (T, error) { return fn() })
}

// busy answers for a hub whose thread is not to be had: in words, and with a link to the stacks for a browser. Parks in a
// greenlet, since a look at all stacks takes long.
func (v *view) busy(w http.ResponseWriter, r *http.Request) {
	text := fmt.Sprintf("hub %d does not answer: its thread has run no post within the limit.\n", v.number)
	b, err := elsewhere(func() (*gevent.Blocked, error) { return dumps.take(dumps.board(v.hub)).blocked, nil })
	switch {
	case err != nil: // nobody waits for the answer any more
		text += err.Error() + "\n"
	case b == nil:
		text += "It waits for events again at this moment: ask once more.\n"
	default:
		text += fmt.Sprintf("The thread is kept now by %s at %s (%s)", b.Greenlet, b.Line, b.State)
		if b.Site != "" {
			text += ", " + b.Site
		}
		text += fmt.Sprintf(".\n%s\n\n%s\n", b.Advice, b.Stack)
	}
	const link = "The stacks of all goroutines: "
	if !strings.Contains(r.Header.Get("Accept"), "text/html") {
		http.Error(w, text+link+"stacks", http.StatusServiceUnavailable)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'")
	w.WriteHeader(http.StatusServiceUnavailable)
	fmt.Fprintf(w, `<!doctype html><html lang="en"><meta charset="utf-8"><title>Hub %d does not answer</title>`+
		`<style>:root{color-scheme:light dark}pre{white-space:pre-wrap}</style><pre>%s%s<a href="stacks">stacks</a></pre>`,
		v.number, html.EscapeString(text), link)
}
