//go:build netpoll_poll

package http

// abuseIdle is how many idle connections there are: poll(2) looks at each of them again and again.
const abuseIdle = 500
