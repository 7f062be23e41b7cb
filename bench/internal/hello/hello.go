// Package hello is the request and the answer that all HTTP servers under measurement exchange.
package hello

// What a server answers every request with: status 200, this body, its type and its length. More fields in the head, such
// as a date, are a server's own affair as long as the answer is always as long.
const (
	Body        = "Hello, World!"
	ContentType = "text/plain"
)

// Request is what the load generator sends. Connections are kept alive.
const Request = "GET / HTTP/1.1\r\nHost: localhost\r\nUser-Agent: greenloop-load\r\nAccept: text/plain\r\n\r\n"
