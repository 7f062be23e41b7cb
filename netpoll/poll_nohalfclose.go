//go:build unix && !linux && !freebsd

package netpoll

const pollHalfClosed = 0 // a half-close is a plain Readable here
