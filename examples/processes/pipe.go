// A pipe has two ends. One is given to a child, and is the child's from then on. What one process sends the other one
// receives, and each of them notices when the other one's end is gone.
package main

import (
	"errors"
	"io"
	"strings"
	"syscall"
	"time"

	"greenloop/gevent"
	mp "greenloop/gevent/multiprocessing"
)

// shout answers each word in capitals, in a process of its own, until nobody can send it another one.
var shout = mp.Define("shout", func(words *mp.Conn[string, string]) error {
	for {
		word, err := words.Recv() // parks
		if err == io.EOF {
			return nil // the other end is gone
		}
		if err != nil {
			return err
		}
		if err := words.Send(strings.ToUpper(word)); err != nil {
			return err
		}
	}
})

// glance reads one word and leaves. Its end of the pipe goes with it.
var glance = mp.Define("glance", func(words *mp.Receiver[string]) error {
	_, err := words.Recv()
	return err
})

func pipe(s stage) error {
	return gevent.Run(func() error {
		s.say("Parent and child talk:")
		if err := talk(s); err != nil {
			return err
		}
		s.say("A child that leaves after the first word:")
		return deaf(s)
	})
}

func talk(s stage) error {
	ours, theirs, err := mp.Duplex[string, string]()
	if err != nil {
		return err
	}
	child, err := shout.Start(theirs)
	if err != nil {
		return err
	}
	for _, word := range []string{"ready", "steady", "go"} {
		if err := ours.Send(word); err != nil {
			return err
		}
		answer, err := ours.Recv()
		if err != nil {
			return err
		}
		s.say("  %s? %s!", word, answer)
	}
	s.say("  the end that was given away, used here: %v", theirs.Send("mine"))
	err = child.JoinTimeout(100 * time.Millisecond) // nobody has told it that this was all
	s.say("  while our end is open, does the child end? %t", !errors.Is(err, gevent.ErrTimeout))
	err = errors.Join(ours.Close(), child.Join())
	code, _ := child.ExitCode()
	s.say("  our end is closed: the child has ended, exit code %d", code)
	return err
}

func deaf(s stage) error {
	reader, writer, err := mp.Pipe[string]()
	if err != nil {
		return err
	}
	child, err := glance.Start(reader)
	if err != nil {
		return err
	}
	err = errors.Join(writer.Send("hello"), child.Join())
	s.say("  the child has ended")
	broken := writer.Send("are you there?")
	s.say("  is there nobody to receive the second word? %t: %v", errors.Is(broken, syscall.EPIPE), broken)
	return errors.Join(err, writer.Close())
}
