//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd

package multiprocessing_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"greenloop/gevent"
	mp "greenloop/gevent/multiprocessing"
)

// The program of these tests is a master that says on its output what happens.
func init() {
	roles["prefork master"] = func() {
		err := gevent.Run(func() error {
			m, err := preforkLines.Listen(mp.Prefork{
				Bind:    []string{"127.0.0.1:0", "unix:" + os.Getenv("PREFORK_SOCKET")},
				Workers: 2,
				Signals: true,
				OnEvent: func(e mp.WorkerEvent) { fmt.Printf("%s: %d %d\n", e.Kind, e.Number, e.PID) },
			}, struct{}{})
			if err != nil {
				return err
			}
			if os.Getenv("PREFORK_EARLY") != "" {
				for _, sig := range []syscall.Signal{syscall.SIGHUP, syscall.SIGTTIN, syscall.SIGTERM} {
					if err := syscall.Kill(os.Getpid(), sig); err != nil {
						return err
					}
				}
			}
			fmt.Println("address:", m.Addrs()[0])
			return m.Serve()
		})
		if err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
	}
}

// A preforkProgram is such a program that runs.
type preforkProgram struct {
	*exec.Cmd
	t      *testing.T
	addr   string
	socket string
	lines  *bufio.Reader
}

func startPreforkProgram(t *testing.T, path string, env ...string) *preforkProgram {
	p := &preforkProgram{t: t, socket: filepath.Join(t.TempDir(), "s")}
	p.Cmd = roleOf("prefork master", append(env, "PREFORK_SOCKET="+p.socket)...)
	p.Path = path
	p.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	guard := time.AfterFunc(patience, func() { _ = syscall.Kill(-p.Process.Pid, syscall.SIGKILL) })
	t.Cleanup(func() {
		guard.Stop()
		if t.Failed() {
			_ = syscall.Kill(-p.Process.Pid, syscall.SIGKILL)
		}
	})
	out, err := p.StdoutPipe()
	require.NoError(t, err)
	p.lines = bufio.NewReader(out)
	require.NoError(t, p.Start())
	p.expect("address: %s", &p.addr)
	return p
}

// expect reads on to a line of that form.
func (p *preforkProgram) expect(format string, to ...any) {
	p.t.Helper()
	word, _, _ := strings.Cut(format, ":")
	for {
		line, err := p.lines.ReadString('\n')
		require.NoError(p.t, err, "before: %s", format)
		if strings.HasPrefix(line, word+":") {
			_, err := fmt.Sscanf(line, format+"\n", to...)
			require.NoError(p.t, err, line)
			return
		}
	}
}

// event reads on to an event, and returns the worker's number and process.
func (p *preforkProgram) event(kind mp.WorkerEventKind) (number, pid int) {
	p.t.Helper()
	p.expect(string(kind)+": %d %d", &number, &pid)
	return number, pid
}

func (p *preforkProgram) signal(sig syscall.Signal) {
	p.t.Helper()
	require.NoError(p.t, p.Process.Signal(sig))
}

// ends requires that the program succeeds, and leaves no process and no socket.
func (p *preforkProgram) ends() {
	p.t.Helper()
	_, err := io.Copy(io.Discard, p.lines)
	require.NoError(p.t, err)
	require.NoError(p.t, p.Wait())
	require.NoFileExists(p.t, p.socket)
	p.nobodyLeft()
}

// nobodyLeft waits until the whole group is gone, its port free, and nobody listens at its socket's file.
func (p *preforkProgram) nobodyLeft() {
	p.t.Helper()
	require.Eventually(p.t, func() bool {
		if c, err := net.Dial("unix", p.socket); err == nil {
			c.Close()
			return false
		}
		l, err := net.Listen("tcp", p.addr)
		if err == nil {
			l.Close()
		}
		return err == nil && gone(p.Process.Pid)
	}, patience, time.Millisecond)
}

// Each signal does what Prefork.Signals says.
func TestPreforkSignals(t *testing.T) {
	p := startPreforkProgram(t, os.Args[0])
	p.event(mp.WorkerReady)
	p.event(mp.WorkerReady)
	p.signal(syscall.SIGTTIN)
	number, third := p.event(mp.WorkerReady)
	require.Equal(t, 2, number)
	p.signal(syscall.SIGTTOU)
	_, pid := p.event(mp.WorkerExited)
	require.Equal(t, third, pid)
	p.signal(syscall.SIGHUP)
	var second int
	for want := range 2 { // one after the other, and the new one first
		number, second = p.event(mp.WorkerReady)
		require.Equal(t, want, number)
		number, _ = p.event(mp.WorkerExited)
		require.Equal(t, want, number)
	}
	require.NoError(t, syscall.Kill(second, syscall.SIGTERM)) // a worker: it is replaced first
	number, _ = p.event(mp.WorkerReady)
	require.Equal(t, 1, number)
	_, pid = p.event(mp.WorkerExited)
	require.Equal(t, second, pid)
	require.NoError(t, syscall.Kill(-p.Process.Pid, syscall.SIGINT)) // Ctrl-C: the workers leave it to the master
	p.event(mp.WorkerStopping)
	p.ends()
}

// A signal that comes between Listen and Serve is kept for that.
func TestPreforkSignalBeforeServe(t *testing.T) {
	startPreforkProgram(t, os.Args[0], "PREFORK_EARLY=1").ends()
}

// SIGQUIT ends it at once, as the second of two SIGTERM does.
func TestPreforkSignalsAtOnce(t *testing.T) {
	p := startPreforkProgram(t, os.Args[0])
	p.event(mp.WorkerReady)
	p.event(mp.WorkerReady)
	c, err := net.Dial("tcp", p.addr)
	require.NoError(t, err)
	defer c.Close()
	_, err = c.Read(make([]byte, 1)) // its handler waits for us
	require.NoError(t, err)
	p.signal(syscall.SIGTERM)
	p.event(mp.WorkerStopping)
	p.event(mp.WorkerStopping)
	p.event(mp.WorkerExited) // the one without a connection
	p.signal(syscall.SIGTERM)
	p.event(mp.WorkerExited)
	p.ends()
}

// A master that is killed takes its workers along, and its port is free; the file of its socket is replaced by the next.
func TestPreforkKilledMaster(t *testing.T) {
	p := startPreforkProgram(t, os.Args[0])
	_, one := p.event(mp.WorkerReady)
	_, two := p.event(mp.WorkerReady)
	p.signal(syscall.SIGKILL)
	_ = p.Wait() // it was killed
	p.nobodyLeft()
	require.Eventually(t, func() bool { return gone(one) && gone(two) }, patience, time.Millisecond)
	require.FileExists(t, p.socket)
	run(t, func() error {
		listen := func(o mp.Prefork) (*mp.Master, error) { return preforkLines.Listen(o, struct{}{}) }
		again := beginPreforked(t, mp.Prefork{Workers: 1, Bind: []string{p.addr, "unix:" + p.socket}}, listen)
		again.end()
		return nil
	})
}

// A reload runs the program that is there now, and does nothing if there is none.
func TestPreforkNewProgram(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("needs /proc to see which program a process runs")
	}
	path := filepath.Join(t.TempDir(), "program")
	install := func() {
		text, err := os.ReadFile(os.Args[0])
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(path+".new", text, 0o700))
		require.NoError(t, os.Rename(path+".new", path))
	}
	install()
	p := startPreforkProgram(t, path)
	_, one := p.event(mp.WorkerReady)
	p.event(mp.WorkerReady)
	require.NoError(t, os.Remove(path))
	p.signal(syscall.SIGHUP)
	p.event(mp.WorkerFailed)
	p.event(mp.ReloadFailed)
	install()
	runs := func(pid int) string {
		program, err := os.Readlink(fmt.Sprintf("/proc/%d/exe", pid))
		require.NoError(t, err)
		return program
	}
	require.Equal(t, path+" (deleted)", runs(one))
	p.signal(syscall.SIGHUP)
	_, fresh := p.event(mp.WorkerReady)
	require.Equal(t, path, runs(fresh))
	p.event(mp.WorkerExited)
	p.event(mp.WorkerExited)
	p.signal(syscall.SIGQUIT)
	p.event(mp.WorkerExited)
	p.ends()
}
