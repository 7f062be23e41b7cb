package main

import (
	"math"
	"regexp"
	"strconv"
	"strings"
	"time"
)

const maxPattern = 1024 // bytes; looking for one takes time in proportion, and nobody else runs

// expire is EXPIRE key seconds. With a time that is over it removes the key.
func expire(s *store, args []string) any {
	n, err := strconv.ParseInt(args[1], 10, 64)
	switch {
	case err != nil:
		return notInteger
	case n > math.MaxInt64/int64(time.Second):
		return failure("ERR invalid expire time in 'expire' command")
	case !s.has(args[0]):
		return int64(0)
	case n <= 0:
		s.remove(args[0])
	default:
		s.expire(args[0], time.Duration(n)*time.Second)
	}
	return int64(1)
}

// ttl returns for how many seconds the key lives on: -1 if it does for ever, -2 if there is none.
func ttl(s *store, args []string) any {
	e := s.entries[args[0]]
	switch {
	case e == nil:
		return int64(-2)
	case e.timer == nil:
		return int64(-1)
	}
	return int64(max(0, time.Until(e.expires)).Round(time.Second) / time.Second)
}

// keys returns the keys that match a pattern: * is anything, ? one character, [a-c] one of these, [^a-c] any other one, and
// \ takes the next as it is. It looks at each key, and all clients wait meanwhile, as they do in redis.
func keys(s *store, args []string) any {
	if len(args[0]) > maxPattern {
		return failure("ERR the pattern is too long")
	}
	pattern, err := regexp.Compile(expression(args[0]))
	if err != nil { // such as [z-a]
		return failure("ERR a pattern that means nothing")
	}
	found := []any{}
	for key := range s.entries {
		if pattern.MatchString(key) {
			found = append(found, key)
		}
	}
	return found
}

// expression returns the regular expression for a pattern. Its time grows with the length of a key and no faster.
func expression(pattern string) string {
	var b strings.Builder
	b.WriteString(`(?s)^`)
	for i := 0; i < len(pattern); i++ {
		switch c := pattern[i]; {
		case c == '*':
			b.WriteString(`.*`)
		case c == '?':
			b.WriteByte('.')
		case c == '[' && strings.IndexByte(pattern[i:], ']') > 1:
			end := i + strings.IndexByte(pattern[i:], ']')
			class, not := strings.CutPrefix(pattern[i+1:end], "^")
			b.WriteByte('[')
			if not {
				b.WriteByte('^')
			}
			b.WriteString(regexp.QuoteMeta(class) + "]")
			i = end
		case c == '\\' && i+1 < len(pattern):
			i++
			b.WriteString(regexp.QuoteMeta(pattern[i : i+1]))
		default:
			b.WriteString(regexp.QuoteMeta(pattern[i : i+1]))
		}
	}
	return b.String() + "$"
}
