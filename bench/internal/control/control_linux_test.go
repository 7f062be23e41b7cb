package control

import (
	"errors"
	"net"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

const serverChild = "CONTROL_SERVER_CHILD"

func TestMain(m *testing.M) {
	switch os.Getenv(serverChild) {
	case "":
		os.Exit(m.Run())
	case "mute":
		os.Stdout.WriteString("hello\n")
	default:
		s := Server{
			In: os.Stdin, Out: os.Stdout,
			Messages:    func() int64 { return 42 },
			ProfilePath: os.Getenv(serverChild),
		}
		if err := s.Serve(&net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 7}); err != nil {
			panic(err)
		}
	}
	os.Exit(0)
}

func TestConversation(t *testing.T) {
	profile := filepath.Join(t.TempDir(), "cpu.prof")
	t.Setenv(serverChild, profile)
	c, err := Start(os.Args[0])
	require.NoError(t, err)
	require.Equal(t, "127.0.0.1:7", c.Addr)
	require.Positive(t, c.Pid())

	for _, ask := range []func() (Report, error){c.Report, c.Free, c.Profile, c.Profile} {
		report, err := ask()
		require.NoError(t, err)
		require.EqualValues(t, 42, report.Messages)
		require.Positive(t, report.RSS)
		require.Positive(t, report.Goroutines)
	}
	require.NoError(t, c.Stop())
	written, err := os.Stat(profile)
	require.NoError(t, err)
	require.Positive(t, written.Size())
}

func TestStartWantsAnAddress(t *testing.T) {
	t.Setenv(serverChild, "mute")
	_, err := Start(os.Args[0])
	require.ErrorContains(t, err, `began with "hello"`)
}

func TestUnknownCommand(t *testing.T) {
	require.ErrorContains(t, new(Server).answer("dance"), `unknown command "dance"`)
}

func TestProfileWantsAFile(t *testing.T) {
	require.ErrorContains(t, new(profile).toggle(""), "-cpuprofile")
}

func TestMicrosPerMessage(t *testing.T) {
	earlier := Report{UserMicros: 100, SystemMicros: 200, Messages: 10}
	later := Report{UserMicros: 200, SystemMicros: 400, Messages: 110}
	require.InDelta(t, 3.0, later.MicrosPerMessage(earlier), 1e-9)
}

var errBroken = errors.New("broken")

type brokenWriter struct{}

func (brokenWriter) Write([]byte) (int, error) { return 0, errBroken }

func TestServePassesErrorsOn(t *testing.T) {
	s := Server{Out: brokenWriter{}}
	require.ErrorIs(t, s.Serve(&net.TCPAddr{}), errBroken)
}
