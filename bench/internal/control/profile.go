package control

import (
	"errors"
	"fmt"
	"os"
	"runtime/pprof"
)

// profile is a CPU profile that may be under way.
type profile struct {
	file *os.File // nil while none is
}

// toggle starts a profile, or ends the one under way.
func (p *profile) toggle(path string) error {
	if p.file != nil {
		pprof.StopCPUProfile()
		err := p.file.Close()
		p.file = nil
		return err
	}
	if path == "" {
		return errors.New("control: no file to profile into; start the server with -cpuprofile FILE")
	}
	file, err := os.Create(path)
	if err != nil {
		return fmt.Errorf("control: %w", err)
	}
	if err := pprof.StartCPUProfile(file); err != nil {
		return errors.Join(fmt.Errorf("control: %w", err), file.Close())
	}
	p.file = file
	return nil
}
