// Load drives an echo or an HTTP server: connections that each send a message, wait
// for its answer, check it and send the next.
//
//	go run ./load -addr HOST:PORT -conns 64 -size 64 -duration 5s -pipeline 1
//	go run ./load -addr HOST:PORT -http -conns 64 -duration 5s
//
// The first wrong answer, or connection that breaks, ends it with an error.
//
// It must cost far less than what it measures, so it is one thread with an epoll
// loop of its own and system calls that the Go scheduler does not see, pinned to
// the CPU given by -cpu, with the garbage collector off. Linux only.
//
// On standard output: "connected N" once each connection has been answered,
// "measuring" at the end of the warm-up, then the result.
// With -hold the connections stay silent after that first answer, until standard
// input ends.
package main
