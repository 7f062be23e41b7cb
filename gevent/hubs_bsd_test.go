//go:build darwin || dragonfly || freebsd || netbsd || openbsd

package gevent

func threadID() int { return 0 }
