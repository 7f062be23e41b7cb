package gevent

import "errors"

// ErrShutdown is returned by a call to what has been shut down and takes or gives no more.
var ErrShutdown = errors.New("gevent: shut down")
