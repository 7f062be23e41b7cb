package main

import (
	"errors"
	"fmt"
	"time"
)

// plan is what one run of the generator is to do.
type plan struct {
	addr             string // or several, for connections to each in turn: HOST:PORT,HOST:PORT
	conns            int
	web              bool // HTTP requests instead of echoes
	size             int  // bytes in an echoed message
	pipeline         int  // messages in a batch
	warmup, duration time.Duration
	pid              int // of the server, whose CPU clock is to be read; 0 for none
}

func (p plan) check() error {
	switch {
	case p.addr == "":
		return errors.New("no server given; use -addr HOST:PORT")
	case p.conns < 1:
		return fmt.Errorf("-conns %d: at least 1", p.conns)
	case p.size < stampSize:
		return fmt.Errorf("-size %d: at least %d, each message carries its number", p.size, stampSize)
	case p.pipeline < 1:
		return fmt.Errorf("-pipeline %d: at least 1", p.pipeline)
	case p.duration <= 0 || p.warmup < 0:
		return errors.New("-duration must be above 0, -warmup not below")
	}
	return nil
}
