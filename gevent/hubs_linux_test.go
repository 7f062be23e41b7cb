package gevent

import "syscall"

func threadID() int { return syscall.Gettid() }
