// Package examples holds programs that end by themselves, servers on SIGINT or SIGTERM. Its test builds and runs each.
package examples
