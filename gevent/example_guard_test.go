package gevent_test

import (
	"fmt"
	"sync"

	"greenloop/gevent"
)

// A database that is not made for greenlets: its lock is held while a query waits. If a second greenlet asked for it
// meanwhile, the thread of both would stop for good.
type database struct {
	mu      sync.Mutex
	queries int
}

func (d *database) query(q string) string {
	d.mu.Lock()
	defer d.mu.Unlock()
	gevent.Yield() // for the answer
	d.queries++
	return fmt.Sprintf("%s is number %d", q, d.queries)
}

func ExampleGuard() {
	err := gevent.Run(func() error {
		db, guard := new(database), gevent.NewGuard(1)
		var gs []*gevent.Greenlet
		for _, q := range []string{"a", "b", "c"} {
			gs = append(gs, gevent.Spawn(func() error {
				return guard.Do(func() error {
					fmt.Println(db.query(q))
					return nil
				})
			}))
		}
		return gevent.JoinAll(gs...)
	})
	fmt.Println(err)
	// Output:
	// a is number 1
	// b is number 2
	// c is number 3
	// <nil>
}
