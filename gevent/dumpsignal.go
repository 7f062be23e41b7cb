package gevent

import (
	"io"
	"os"
	"os/signal"
	"sync"
	"time"
)

// answerTime is how long a hub that is asked for a dump may take until it counts as blocked.
const answerTime = time.Second

// DumpOnSignal has the hub's greenlets and their stacks, as DumpStacks shows them, written to w whenever the process
// gets the signal, whose default effect is off, until stop is called. If the hub does not answer within a second, what
// blocks it is written instead; the dump follows once it goes on. w is written to by one goroutine, not on the hub's
// thread, and has nothing to fear after stop has returned. Waiting for the signal keeps no deadlock from being found.
// Hub thread only; stop is safe from any goroutine, but not from w.
func DumpOnSignal(sig os.Signal, w io.Writer) (stop func()) {
	d := &signalDump{hub: current("DumpOnSignal"), w: w, trees: make(chan *tree, 1), done: make(chan struct{})}
	incoming := make(chan os.Signal, 1)
	signal.Notify(incoming, sig)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		d.serve(incoming)
	}()
	var once sync.Once
	return func() {
		once.Do(func() {
			signal.Stop(incoming)
			close(d.done)
		})
		<-ended
	}
}

type signalDump struct {
	hub   *Hub
	w     io.Writer
	trees chan *tree // from the hub
	done  chan struct{}
}

func (d *signalDump) serve(incoming <-chan os.Signal) {
	late := time.NewTimer(answerTime)
	late.Stop()
	for {
		select {
		case <-d.done:
			return
		case <-incoming:
			if !d.hub.Post(d.answer) {
				d.write("hub: it has ended\n")
				continue
			}
			late.Reset(answerTime)
		case t := <-d.trees:
			late.Stop()
			d.write(t.text())
		case <-late.C:
			d.write(d.hub.examine(answerTime).String() + "\n")
		}
	}
}

// answer runs on the hub, which must not wait for a slow writer: what comes while an answer lies there is dropped.
func (d *signalDump) answer() {
	select {
	case d.trees <- d.hub.takeTree(true):
	default:
	}
}

// write has nobody to tell of an error: who gave the writer can look at it.
func (d *signalDump) write(text string) { _, _ = io.WriteString(d.w, text) }
