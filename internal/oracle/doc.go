// Package oracle plays the same scenarios on gevent and here, and compares what happened line by line. Its test needs python3 with
// gevent (Debian: python3-gevent) and is skipped without.
package oracle
