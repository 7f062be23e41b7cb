//go:build unix

package main

import (
	"flag"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"greenloop/examples/internal/teach"
	mp "greenloop/gevent/multiprocessing"
)

var update = flag.Bool("update", false, "write testdata anew")

func TestMain(m *testing.M) {
	mp.Main()
	buyers, writers, workers, limit = 12, 3, 2, 50_000                // a process with the race detector takes long to start
	_ = os.Setenv("GORACE", os.Getenv("GORACE")+" atexit_sleep_ms=0") // and would take a second to end
	if l, err := net.Listen("tcp", "127.0.0.1:0"); err == nil {
		l.Close() // Go's own poller keeps two descriptors from its first use on
	}
	goleak.VerifyTestMain(m)
}

var figure = regexp.MustCompile(`[ ]*[0-9][0-9.,]*`)

// constant says of the programs that print figures which differ from run to run what does not.
var constant = map[string]func(t *testing.T, out string){
	"tickets": func(t *testing.T, out string) {
		require.Contains(t, out, "with a lock:     10 sold, and 0 left\n")
		var sold, left int
		_, err := fmt.Sscanf(out[strings.Index(out, "without"):], "without a lock: %d sold, and %d left\n", &sold, &left)
		require.NoError(t, err)
		require.Greater(t, sold, seats)
	},
	"queue": func(t *testing.T, out string) {
		require.Contains(t, out, "    Join has returned: 0 are not done\n")
		require.Contains(t, out, "      the sum of the 30 squares is 9455\n    3 consumers wait for more\n")
	},
	"primes": func(t *testing.T, out string) {
		require.Equal(t, 3, strings.Count(out, " 5133 primes, "), out)
	},
}

// Each program prints exactly this, in each language, each time, but for the figures of some.
func TestProgramsPrintWhatIsExpected(t *testing.T) {
	for n, p := range programs {
		t.Run(p.name, func(t *testing.T) {
			outputs := run(t, n)
			check := constant[p.name]
			if check != nil {
				check(t, outputs[0])
			}
			for i, got := range outputs {
				require.Empty(t, teach.Wide(got))
				if check != nil {
					got = figure.ReplaceAllString(got, " N")
				}
				name := filepath.Join("testdata", p.name+"."+teach.Languages[i]+".txt")
				if *update {
					require.NoError(t, os.WriteFile(name, []byte(got), 0o600))
				}
				want, err := os.ReadFile(name)
				require.NoError(t, err)
				require.Equal(t, string(want), got)
			}
		})
	}
}

func TestTextsOfThePrograms(t *testing.T) { require.Empty(t, course.Faults()) }
