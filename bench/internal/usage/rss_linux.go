package usage

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"os"
	"strconv"
)

// RSS returns the bytes of memory that this process has resident.
func RSS() (int64, error) {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0, fmt.Errorf("usage: %w", err)
	}
	return parseRSS(status)
}

// parseRSS finds the line "VmRSS:   1234 kB".
func parseRSS(status []byte) (int64, error) {
	lines := bufio.NewScanner(bytes.NewReader(status))
	for lines.Scan() {
		value, found := bytes.CutPrefix(lines.Bytes(), []byte("VmRSS:"))
		if !found {
			continue
		}
		value = bytes.TrimSpace(bytes.TrimSuffix(bytes.TrimSpace(value), []byte("kB")))
		kib, err := strconv.ParseInt(string(value), 10, 64)
		if err != nil {
			return 0, fmt.Errorf("usage: VmRSS: %w", err)
		}
		return kib << 10, nil
	}
	return 0, errors.New("usage: no VmRSS line in /proc/self/status")
}
