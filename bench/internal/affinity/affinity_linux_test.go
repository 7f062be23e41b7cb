package affinity

import (
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"
)

const pinnedChild = "AFFINITY_PINNED_CHILD"

func TestMain(m *testing.M) {
	if cpu, err := strconv.Atoi(os.Getenv(pinnedChild)); err == nil {
		reportPinned(cpu)
	}
	os.Exit(m.Run())
}

// reportPinned is the subprogram: it pins itself and prints on how many CPUs it may run.
func reportPinned(cpu int) {
	if err := Pin(cpu); err != nil {
		panic(err)
	}
	var now unix.CPUSet
	if err := unix.SchedGetaffinity(0, &now); err != nil {
		panic(err)
	}
	os.Stdout.WriteString(strconv.Itoa(now.Count()))
	os.Exit(0)
}

func TestPinLeavesOneCPU(t *testing.T) {
	var allowed unix.CPUSet
	require.NoError(t, unix.SchedGetaffinity(0, &allowed))
	cpu := 0
	for !allowed.IsSet(cpu) {
		cpu++
	}
	child := exec.Command(os.Args[0])
	child.Env = append(os.Environ(), pinnedChild+"="+strconv.Itoa(cpu))
	out, err := child.CombinedOutput()
	require.NoError(t, err, string(out))
	require.Equal(t, "1", strings.TrimSpace(string(out)))
}

func TestPinNegativeDoesNothing(t *testing.T) {
	require.NoError(t, Pin(-1))
}
