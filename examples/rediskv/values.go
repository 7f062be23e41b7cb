package main

import (
	"math"
	"strconv"
	"strings"
	"time"
)

const (
	syntaxError = failure("ERR syntax error")
	notInteger  = failure("ERR value is not an integer or out of range")
)

func (s *store) has(key string) bool { return s.entries[key] != nil }

// value returns the value of the key as a reply.
func (s *store) value(key string) any {
	if e := s.entries[key]; e != nil {
		return e.value
	}
	return nil
}

// set is SET key value [EX seconds | PX milliseconds] [NX | XX]: only if the key is not there, or only if it is.
func set(s *store, args []string) any {
	key, value, options := args[0], args[1], args[2:]
	var only string
	var lives time.Duration
	for i := 0; i < len(options); i++ {
		option := strings.ToUpper(options[i])
		unit, timed := map[string]time.Duration{"EX": time.Second, "PX": time.Millisecond}[option]
		switch {
		case timed && lives == 0 && i+1 < len(options):
			i++
			n, err := strconv.ParseInt(options[i], 10, 64)
			if err != nil {
				return notInteger
			}
			if n <= 0 || n > math.MaxInt64/int64(unit) {
				return failure("ERR invalid expire time in 'set' command")
			}
			lives = time.Duration(n) * unit
		case (option == "NX" || option == "XX") && (only == "" || only == option):
			only = option
		default:
			return syntaxError
		}
	}
	if only == "NX" && s.has(key) || only == "XX" && !s.has(key) {
		return nil
	}
	s.set(key, value)
	if lives > 0 {
		s.expire(key, lives)
	}
	return ok
}

func mset(s *store, args []string) any {
	if len(args)%2 != 0 {
		return wrongNumber("mset")
	}
	for i := 0; i < len(args); i += 2 {
		s.set(args[i], args[i+1])
	}
	return ok
}

func mget(s *store, args []string) any {
	values := make([]any, len(args))
	for i, key := range args {
		values[i] = s.value(key)
	}
	return values
}

// add adds to a number. Nothing else runs between the look at the old value and the new one: that is why there is no lock.
func (s *store) add(key string, n int64) any {
	e, old := s.entries[key], int64(0)
	if e == nil {
		e = s.set(key, "")
	} else {
		var err error
		if old, err = strconv.ParseInt(e.value, 10, 64); err != nil {
			return notInteger
		}
	}
	if (n > 0 && old > math.MaxInt64-n) || (n < 0 && old < math.MinInt64-n) {
		return failure("ERR increment or decrement would overflow")
	}
	e.value = strconv.FormatInt(old+n, 10)
	return old + n
}
