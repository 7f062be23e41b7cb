//go:build !netpoll_poll

package http

// abuseIdle is how many idle connections there are.
const abuseIdle = 10_000
