//go:build unix

package examples

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// needs returns the path of a program that tests talk to, and skips the test where there is none, except in CI.
func needs(t *testing.T, program string) string {
	t.Helper()
	path, err := exec.LookPath(program)
	if err != nil && os.Getenv("CI") == "" {
		t.Skipf("there is no %s on this machine", program)
	}
	require.NoError(t, err)
	return path
}

// Each conversation begins with no keys. What is asked together is answered in order.
var rediskvTalks = []struct{ name, ask, want string }{
	{"a line as typed", "PING\r\nping hello\n\r\n  get   nothing \r\n", "+PONG\r\n$5\r\nhello\r\n$-1\r\n"},
	{"arrays", "*1\r\n$4\r\nPING\r\n*2\r\n$4\r\necho\r\n$4\r\na\r\nb\r\n*0\r\n*-1\r\n*1\r\n$4\r\nPING\r\n",
		"+PONG\r\n$4\r\na\r\nb\r\n+PONG\r\n"},
	{"bytes of all kinds", "*3\r\n$3\r\nSET\r\n$0\r\n\r\n$3\r\n\x00\xff\n\r\n*2\r\n$3\r\nGET\r\n$0\r\n\r\n",
		"+OK\r\n$3\r\n\x00\xff\n\r\n"},
	{"set and get", "set a 1\nget a\nset a 2\nget a\n", "+OK\r\n$1\r\n1\r\n+OK\r\n$1\r\n2\r\n"},
	{"only if", "set a 1 xx\nset a 1 nx\nset a 2 nx\nset a 3 XX\nget a\n", "$-1\r\n+OK\r\n$-1\r\n+OK\r\n$1\r\n3\r\n"},
	{"only nonsense", "set a 1 nx xx\nset a 1 ex\nset a 1 ex 1 px 1\nset a 1 nonsense\n",
		strings.Repeat("-ERR syntax error\r\n", 4)},
	{"lifetimes", "set a 1 ex 100\nttl a\nset a 1\nttl a\nexpire a 50\nttl a\nincr a\nttl a\nttl b\nexpire b 1\n",
		"+OK\r\n:100\r\n+OK\r\n:-1\r\n:1\r\n:50\r\n:2\r\n:50\r\n:-2\r\n:0\r\n"},
	{"lifetimes that are over", "set a 1\nexpire a 0\nget a\nset a 1\nexpire a -1\nget a\n",
		"+OK\r\n:1\r\n$-1\r\n+OK\r\n:1\r\n$-1\r\n"},
	{"lifetimes that cannot be",
		"set a 1 ex 0\nset a 1 px x\nset a 1 ex 9223372036854775807\nexpire a 9223372036854775807\nexpire a x\n",
		"-ERR invalid expire time in 'set' command\r\n-ERR value is not an integer or out of range\r\n" +
			"-ERR invalid expire time in 'set' command\r\n-ERR invalid expire time in 'expire' command\r\n" +
			"-ERR value is not an integer or out of range\r\n"},
	{"the longest lifetime", "set a 1 ex 9223372036\nttl a\n", "+OK\r\n:9223372036\r\n"},
	{"numbers", "incr n\nincr n\ndecr n\nget n\nset n x\nincr n\nset n 1.5\nincr n\n", ":1\r\n:2\r\n:1\r\n$1\r\n1\r\n" +
		strings.Repeat("+OK\r\n-ERR value is not an integer or out of range\r\n", 2)},
	{"the ends of numbers", "set n 9223372036854775806\nincr n\nincr n\nget n\nset n -9223372036854775808\ndecr n\nincr n\n",
		"+OK\r\n:9223372036854775807\r\n-ERR increment or decrement would overflow\r\n$19\r\n9223372036854775807\r\n" +
			"+OK\r\n-ERR increment or decrement would overflow\r\n:-9223372036854775807\r\n"},
	{"many", "mset a 1 b 2 a 3\nmget a b c\nmset a\nmset a 1 b\ndbsize\nexists a b c a\ndel a c a\ndbsize\nflushall\ndbsize\n",
		"+OK\r\n*3\r\n$1\r\n3\r\n$1\r\n2\r\n$-1\r\n-ERR wrong number of arguments for 'mset' command\r\n" +
			"-ERR wrong number of arguments for 'mset' command\r\n:2\r\n:3\r\n:1\r\n:1\r\n+OK\r\n:0\r\n"},
	{"patterns",
		"set h[e]l/o 1\nkeys h*o\nkeys h?e]l/o\nkeys h[a[]e]*\nkeys h[^x]*\nkeys h\\[e\\]l/o\nkeys h\\?*\nkeys h\nkeys [z-a]\n",
		"+OK\r\n" + strings.Repeat("*1\r\n$7\r\nh[e]l/o\r\n", 5) + strings.Repeat("*0\r\n", 2) +
			"-ERR a pattern that means nothing\r\n"},
	{"patterns of other letters", "set 包子 1\nkeys 包?\nkeys [包]子\nkeys 馒*\nkeys " + strings.Repeat("*", 1025) + "\n",
		"+OK\r\n*1\r\n$6\r\n包子\r\n*1\r\n$6\r\n包子\r\n*0\r\n-ERR the pattern is too long\r\n"},
	{"what clients ask",
		"config get save\nconfig get APPENDONLY\nconfig get nothing\nconfig set save 1\nconfig rewrite it\ncommand docs\n",
		"*2\r\n$4\r\nsave\r\n$0\r\n\r\n*2\r\n$10\r\nappendonly\r\n$2\r\nno\r\n*0\r\n" +
			"-ERR wrong number of arguments for 'config' command\r\n-ERR only CONFIG GET is known\r\n*0\r\n"},
	{"no such command", "*1\r\n$5\r\nno\r\nx\r\nget\nget a b\nping\n", "-ERR unknown command \"no\\r\\nx\"\r\n" +
		strings.Repeat("-ERR wrong number of arguments for 'get' command\r\n", 2) + "+PONG\r\n"},
	{"quit", "set a 1\nquit\nget a\n", "+OK\r\n+OK\r\n"},

	{"no length", "ping\n*x\r\nping\n", "+PONG\r\n-ERR Protocol error: invalid multibulk length\r\n"},
	{"too many arguments", "*65537\r\n", "-ERR Protocol error: invalid multibulk length\r\n"},
	{"no string", "*1\r\nPING\r\n", "-ERR Protocol error: expected '$', got \"P\"\r\n"},
	{"an empty line for a string", "*1\r\n\r\n", "-ERR Protocol error: expected '$', got \"\"\r\n"},
	{"a negative length", "*1\r\n$-1\r\n", "-ERR Protocol error: invalid bulk length\r\n"},
	{"a length that is none", "*1\r\n$1x\r\n", "-ERR Protocol error: invalid bulk length\r\n"},
	{"too long a string", "*1\r\n$1048577\r\n" + strings.Repeat("x", 1048577) + "\r\n",
		"-ERR Protocol error: invalid bulk length\r\n"},
	{"too long together", "*3\r\n$3\r\nset\r\n$1048570\r\n" + strings.Repeat("x", 1048570) + "\r\n$4\r\nxxxx\r\n",
		"-ERR Protocol error: invalid bulk length\r\n"},
	{"longer than its length", "*1\r\n$4\r\nPINGS\r\n", "-ERR Protocol error: expected the end of the bulk\r\n"},
	{"too long a line", strings.Repeat("x", 100_000), "-ERR Protocol error: too big inline request\r\n"},
	{"the end in the middle", "ping\n*2\r\n$3\r\nge", "+PONG\r\n"},
}

func TestRediskvSpeaksTheProtocol(t *testing.T) {
	s := start(t, build(t, "rediskv"), "-addr", "127.0.0.1:0")
	for _, talk := range rediskvTalks {
		require.Equal(t, "+OK\r\n", exchange(t, s.dial(), "flushall\r\n"))
		require.Equal(t, talk.want, exchange(t, s.dial(), talk.ask), talk.name)
	}
	rest, err := s.stop(syscall.SIGTERM)
	require.NoError(t, err, s.errs.String())
	require.Regexp(t, fmt.Sprintf(`^served %d connections, \d+ commands\n$`, 2*len(rediskvTalks)), rest)
}

// A key goes by itself when its time is over; and not when it was told to live on.
func TestRediskvForgets(t *testing.T) {
	s := start(t, build(t, "rediskv"), "-addr", "127.0.0.1:0")
	require.Equal(t, "+OK\r\n+OK\r\n:1\r\n", exchange(t, s.dial(), "set short 1 px 20\nset long 1 px 20\nexpire long 100\n"))
	require.Eventually(t, func() bool { return exchange(t, s.dial(), "dbsize\n") == ":1\r\n" }, limit, 5*time.Millisecond)
	require.Equal(t, "$-1\r\n$1\r\n1\r\n", exchange(t, s.dial(), "get short\nget long\n"))
}

// Two clients count at the same time, request by request, and none of it is lost: there is one thread.
func TestRediskvCountsWithoutALock(t *testing.T) {
	s := start(t, build(t, "rediskv"), "-addr", "127.0.0.1:0")
	const clients, times = 8, 200
	done := make(chan error, clients)
	for range clients {
		c := s.dial()
		go func() {
			r := bufio.NewReader(c)
			for range times {
				if _, err := io.WriteString(c, "incr n\n"); err != nil {
					done <- err
					return
				}
				if _, err := r.ReadString('\n'); err != nil {
					done <- err
					return
				}
			}
			done <- nil
		}()
	}
	for range clients {
		require.NoError(t, <-done)
	}
	require.Equal(t, fmt.Sprintf(":%d\r\n", clients*times+1), exchange(t, s.dial(), "incr n\n"))
}

// One who asks for much and takes none of it keeps nobody waiting.
func TestRediskvSlowClient(t *testing.T) {
	s := start(t, build(t, "rediskv"), "-addr", "127.0.0.1:0")
	value := strings.Repeat("x", 1_000_000)
	require.Equal(t, "+OK\r\n", exchange(t, s.dial(), "*3\r\n$3\r\nset\r\n$1\r\na\r\n$1000000\r\n"+value+"\r\n"))
	slow := s.dial()
	require.NoError(t, slow.SetReadBuffer(4096))
	_, err := io.WriteString(slow, strings.Repeat("get a\n", 100))
	require.NoError(t, err)
	require.Equal(t, "+PONG\r\n", exchange(t, s.dial(), "ping\n"))
	rest, err := s.stop(os.Interrupt) // which waits for a second and no longer
	require.NoError(t, err, s.errs.String())
	require.Contains(t, rest, "served 3 connections")
}

// Who says nothing is let go, and so is who takes nothing.
func TestRediskvLetsTheSilentGo(t *testing.T) {
	s := start(t, build(t, "rediskv"), "-addr", "127.0.0.1:0", "-idle", "50ms")
	_, err := s.dial().Read(make([]byte, 1))
	require.ErrorIs(t, err, io.EOF)
	c, echo := s.dial(), "echo "+strings.Repeat("x", 10_000)+"\n"
	for err = nil; err == nil; {
		_, err = io.WriteString(c, echo)
	}
	require.NotErrorIs(t, err, os.ErrDeadlineExceeded)
	_, err = s.stop(os.Interrupt)
	require.NoError(t, err, s.errs.String())
}

// What has been asked before the signal is answered; then the connection ends.
func TestRediskvStopsAmidClients(t *testing.T) {
	s := start(t, build(t, "rediskv"), "-addr", "127.0.0.1:0")
	c := s.dial()
	_, err := io.WriteString(c, "ping\n*2\r\n$4\r\necho")
	require.NoError(t, err)
	_, err = io.ReadFull(c, make([]byte, len("+PONG\r\n")))
	require.NoError(t, err)
	rest, err := s.stop(syscall.SIGTERM)
	require.NoError(t, err, s.errs.String())
	require.Equal(t, "served 1 connections, 1 commands\n", rest)
	_, err = c.Read(make([]byte, 1))
	require.Error(t, err)
}

func TestRediskvWithRedisCli(t *testing.T) {
	cli := needs(t, "redis-cli")
	s := start(t, build(t, "rediskv"), "-addr", "127.0.0.1:0")
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	defer cancel()
	_, port, err := net.SplitHostPort(s.addr)
	require.NoError(t, err)
	for _, c := range []struct{ args, want string }{
		{"ping", "PONG\n"},
		{"set bun sesame ex 60", "OK\n"},
		{"get bun", "\"sesame\"\n"},
		{"ttl bun", "(integer) 60\n"},
		{"incr visits", "(integer) 1\n"},
		{"mget bun visits nothing", "1) \"sesame\"\n2) \"1\"\n3) (nil)\n"},
		{"keys b*", "1) \"bun\"\n"},
		{"incr bun", "(error) ERR value is not an integer or out of range\n\n"},
		{"hset a b c", "(error) ERR unknown command \"hset\"\n\n"},
	} {
		args := append([]string{"--no-raw", "-p", port}, strings.Fields(c.args)...)
		out, err := exec.CommandContext(ctx, cli, args...).CombinedOutput()
		require.NoError(t, err, string(out))
		require.Equal(t, strings.TrimSpace(c.want), strings.TrimSpace(string(out)), c.args)
	}
}

func TestRediskvWithRedisBenchmark(t *testing.T) {
	benchmark := needs(t, "redis-benchmark")
	s := start(t, build(t, "rediskv"), "-addr", "127.0.0.1:0")
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	defer cancel()
	_, port, err := net.SplitHostPort(s.addr)
	require.NoError(t, err)
	for _, pipeline := range []string{"1", "16"} {
		out, err := exec.CommandContext(ctx, benchmark, "-p", port, "-t", "ping_inline,ping_mbulk,set,get,incr,mset",
			"-n", "1000", "-c", "20", "-r", "100", "-P", pipeline, "-q").CombinedOutput()
		require.NoError(t, err, string(out))
		require.Equal(t, 6, strings.Count(string(out), " requests per second"), string(out))
		require.NotContains(t, strings.ToUpper(string(out)), "WARN")
		require.NotContains(t, strings.ToUpper(string(out)), "ERR")
	}
	rest, err := s.stop(syscall.SIGTERM)
	require.NoError(t, err, s.errs.String())
	require.Contains(t, rest, "served ")
}
