package gevent

import (
	"context"
	"errors"
	"os"
	"os/signal"
	"syscall"
)

// ErrInterrupted is what errors.Is finds in the error with which a signal ends waits in WithSignals.
var ErrInterrupted = errors.New("gevent: interrupted")

// An InterruptError ends a wait because a signal has come.
type InterruptError struct{ Signal os.Signal }

func (e *InterruptError) Error() string { return "gevent: interrupted by signal: " + e.Signal.String() }

// Is reports whether target is ErrInterrupted.
func (e *InterruptError) Is(target error) bool { return target == ErrInterrupted }

// WithSignals calls fn and returns what it returns. When the process gets one of the signals, whose default effect is
// off meanwhile, waits inside end with an *InterruptError, as in WithContext. It is for what a program does in main:
// an interrupt ends that in good order, clean-up included. From the first signal on they have their default effect
// again: who interrupts twice ends the program. Without signals it means os.Interrupt and SIGTERM. Hub thread only.
func WithSignals(fn func() error, signals ...os.Signal) error {
	extraHere("WithSignals")
	if len(signals) == 0 { // to signal.Notify that would mean all, even what Go's runtime sends itself
		signals = []os.Signal{os.Interrupt, syscall.SIGTERM}
	}
	ctx, cancel := context.WithCancelCause(context.WithoutCancel(Context()))
	defer cancel(nil)
	incoming := make(chan os.Signal, 1)
	signal.Notify(incoming, signals...)
	defer signal.Stop(incoming)
	go func() {
		select {
		case got := <-incoming:
			signal.Stop(incoming)
			cancel(&InterruptError{got})
		case <-ctx.Done():
		}
	}()
	return WithContext(ctx, fn)
}
