package gevent

// OpenBSD has these for the whole system only.
const (
	keepIdle     = 0
	keepInterval = 0
	keepCount    = 0
)
