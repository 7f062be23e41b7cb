package usage

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"
)

// tick is the unit of /proc/stat, 1/100 s on every Linux that Go runs on.
const tick = 10 * time.Millisecond

// Busy returns for how long a CPU has not been idle since the machine started,
// whoever used it, the hypervisor's other guests included.
func Busy(cpu int) (time.Duration, error) {
	stat, err := os.ReadFile("/proc/stat")
	if err != nil {
		return 0, fmt.Errorf("usage: %w", err)
	}
	return parseBusy(stat, "cpu"+strconv.Itoa(cpu))
}

// BusyAll is the same of all CPUs together.
func BusyAll() (time.Duration, error) {
	stat, err := os.ReadFile("/proc/stat")
	if err != nil {
		return 0, fmt.Errorf("usage: %w", err)
	}
	return parseBusy(stat, "cpu")
}

// parseBusy reads the line "cpu0 user nice system idle iowait irq softirq steal …".
func parseBusy(stat []byte, name string) (time.Duration, error) {
	const idle, iowait, steal = 4, 5, 8
	lines := bufio.NewScanner(bytes.NewReader(stat))
	for lines.Scan() {
		fields := strings.Fields(lines.Text())
		if len(fields) <= steal || fields[0] != name {
			continue
		}
		var ticks int64
		for i := 1; i <= steal; i++ {
			n, err := strconv.ParseInt(fields[i], 10, 64)
			if err != nil {
				return 0, fmt.Errorf("usage: /proc/stat: %w", err)
			}
			if i != idle && i != iowait {
				ticks += n
			}
		}
		return time.Duration(ticks) * tick, nil
	}
	return 0, fmt.Errorf("usage: no line %s in /proc/stat", name)
}
