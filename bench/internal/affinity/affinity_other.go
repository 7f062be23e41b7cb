//go:build !linux

package affinity

import "errors"

// Pin fails for any CPU but a negative one: only Linux has the call.
func Pin(cpu int) error {
	if cpu < 0 {
		return nil
	}
	return errors.New("affinity: pinning to a CPU is for Linux only; give -cpu=-1")
}
