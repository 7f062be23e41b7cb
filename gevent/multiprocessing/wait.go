package multiprocessing

import (
	"time"

	"greenloop/gevent"
)

// Wait waits until at least one of objs is ready, for no longer than d, and returns all that are, in the order of the
// arguments: connections and their typed ends, processes, and whatever else is a gevent.Waitable. When d has passed
// there is none, and no error; gevent.Never is no limit. With a d of zero or less it lets all others run once. The
// error is one thrown at the greenlet. Parks. Hub thread only.
func Wait(d time.Duration, objs ...gevent.Waitable) (ready []gevent.Waitable, err error) {
	if d <= 0 {
		d = -1
	}
	_, err = gevent.Until{Count: 1, Timeout: d}.Wait(objs...)
	if err != nil && err != gevent.ErrTimeout { // that very value: else it is a scope's
		return nil, err
	}
	for _, obj := range objs {
		if obj.Ready() {
			ready = append(ready, obj)
		}
	}
	return ready, nil
}
