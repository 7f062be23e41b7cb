// Package examples holds programs that end by themselves, servers on SIGINT or SIGTERM. Its test builds and runs each.
// Those that need a library are modules of their own, with tests of their own: websocket, postgres, redis,
// compare.
package examples
