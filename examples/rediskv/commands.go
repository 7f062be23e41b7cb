package main

import (
	"fmt"
	"strings"
)

// A command takes so many arguments, at the least and at the most, its name not counted. None of them waits.
type command struct {
	least, most int
	do          func(s *store, args []string) any
}

const many = maxArgs

var commands = map[string]command{
	"ping": {0, 1, func(_ *store, args []string) any {
		if len(args) == 0 {
			return status("PONG")
		}
		return args[0]
	}},
	"echo":    {1, 1, func(_ *store, args []string) any { return args[0] }},
	"quit":    {0, many, func(*store, []string) any { return ok }},
	"command": {0, many, func(*store, []string) any { return []any{} }}, // redis-cli asks for help texts
	"config":  {2, 2, config},

	"set":  {2, many, set},
	"get":  {1, 1, func(s *store, args []string) any { return s.value(args[0]) }},
	"mset": {2, many, mset},
	"mget": {1, many, mget},
	"incr": {1, 1, func(s *store, args []string) any { return s.add(args[0], 1) }},
	"decr": {1, 1, func(s *store, args []string) any { return s.add(args[0], -1) }},

	"del":      {1, many, func(s *store, args []string) any { return count(args, s.remove) }},
	"exists":   {1, many, func(s *store, args []string) any { return count(args, s.has) }},
	"expire":   {2, 2, expire},
	"ttl":      {1, 1, ttl},
	"keys":     {1, 1, keys},
	"dbsize":   {0, 0, func(s *store, _ []string) any { return int64(len(s.entries)) }},
	"flushall": {0, 0, func(s *store, _ []string) any { s.clear(); return ok }},
}

func (s *store) execute(request []string) any {
	name, args := strings.ToLower(request[0]), request[1:]
	c, known := commands[name]
	if !known {
		return failure(fmt.Sprintf("ERR unknown command %.64q", request[0]))
	}
	if len(args) < c.least || len(args) > c.most {
		return wrongNumber(name)
	}
	return c.do(s, args)
}

func wrongNumber(name string) failure {
	return failure("ERR wrong number of arguments for '" + name + "' command")
}

// count returns for how many of the arguments fn is true.
func count(args []string, fn func(string) bool) any {
	n := int64(0)
	for _, arg := range args {
		if fn(arg) {
			n++
		}
	}
	return n
}

// config is for redis-benchmark, which asks how the server stores: not at all.
func config(_ *store, args []string) any {
	values := map[string]string{"save": "", "appendonly": "no"}
	value, known := values[strings.ToLower(args[1])]
	switch {
	case !strings.EqualFold(args[0], "get"):
		return failure("ERR only CONFIG GET is known")
	case !known:
		return []any{}
	}
	return []any{strings.ToLower(args[1]), value}
}
