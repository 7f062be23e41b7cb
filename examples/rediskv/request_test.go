package main

import (
	"bufio"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// Whatever comes in, no request is larger than it may be, and one that was read is read again when a program sends it.
func FuzzRequests(f *testing.F) {
	for _, seed := range []string{
		"PING\r\n", "*1\r\n$4\r\nPING\r\n", "*2\r\n$3\r\nGET\r\n$0\r\n\r\n", "*-1\r\n", "*1\r\n$-1\r\n", "*65537\r\n",
		"*1\r\n$1048577\r\n", "*1\r\n$4\r\nPINGS\r\n", "*1\r\n:1\r\n", "\n\n\r\n", "set a 1\nget a", "*9223372036854775808\r\n",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		r := bufio.NewReaderSize(strings.NewReader(text), bufferSize)
		for {
			args, err := readRequest(r)
			if err != nil {
				return
			}
			if len(args) == 0 {
				continue
			}
			size, again := 0, fmt.Sprintf("*%d\r\n", len(args))
			for _, arg := range args {
				size += len(arg)
				again += fmt.Sprintf("$%d\r\n%s\r\n", len(arg), arg)
			}
			require.LessOrEqual(t, size, maxRequest)
			same, err := readRequest(bufio.NewReaderSize(strings.NewReader(again), bufferSize))
			require.NoError(t, err)
			require.Equal(t, args, same)
		}
	})
}

// A pattern becomes an expression that means something, or one that is refused; it matches itself when it has no meaning.
func FuzzPatterns(f *testing.F) {
	for _, seed := range []string{"h*o", "h?llo", "[a-c]x", "[^a]", "[]", "[", "\\*", "\\", "包[子]", "\xff", "[z-a]"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, pattern string) {
		s := &store{entries: map[string]*entry{pattern: {}}}
		found := keys(s, []string{pattern})
		if _, refused := found.(failure); refused || strings.ContainsAny(pattern, `[\`) {
			return
		}
		require.Equal(t, []any{pattern}, found)
	})
}
