package gevent_test

import (
	"errors"
	"fmt"
	"time"

	"greenloop/gevent"
)

// Three workers share a queue that holds two jobs; who put waits until there is room.
func ExampleQueue() {
	_ = gevent.Run(func() error {
		jobs := gevent.NewQueue[int](2)
		var workers []*gevent.Greenlet
		for i := range 3 {
			workers = append(workers, gevent.Spawn(func() error {
				for job := range jobs.All() {
					fmt.Println("worker", i, "does", job)
					gevent.Yield()
				}
				return nil
			}))
		}
		for job := range 5 {
			if err := jobs.Put(job); err != nil {
				return err
			}
		}
		jobs.Shutdown(false)
		return gevent.JoinAll(workers...)
	})
	// Output:
	// worker 0 does 0
	// worker 1 does 1
	// worker 2 does 2
	// worker 0 does 3
	// worker 1 does 4
}

func ExampleQueue_GetTimeout() {
	_ = gevent.Run(func() error {
		var q gevent.Queue[string] // no limit
		_, err := q.GetTimeout(time.Millisecond)
		fmt.Println(errors.Is(err, gevent.ErrTimeout))
		_, err = q.TryGet()
		fmt.Println(errors.Is(err, gevent.ErrEmpty))
		return nil
	})
	// Output:
	// true
	// true
}

func ExampleQueue_Shutdown() {
	_ = gevent.Run(func() error {
		q := gevent.NewQueue(0, "last")
		q.Shutdown(false)
		fmt.Println(q.Put("more"))
		fmt.Println(q.Get())
		_, err := q.Get()
		fmt.Println(err)
		return nil
	})
	// Output:
	// gevent: shut down
	// last <nil>
	// gevent: shut down
}

func ExampleQueue_Peek() {
	_ = gevent.Run(func() error {
		q := gevent.NewQueue(0, "a", "b")
		fmt.Println(q.Peek())
		fmt.Println(q.Get())
		return nil
	})
	// Output:
	// a <nil>
	// a <nil>
}

func ExampleLifoQueue() {
	_ = gevent.Run(func() error {
		q := gevent.NewLifoQueue(0, "plate 1", "plate 2", "plate 3")
		q.Shutdown(false)
		for plate := range q.All() {
			fmt.Println(plate)
		}
		return nil
	})
	// Output:
	// plate 3
	// plate 2
	// plate 1
}

func ExamplePriorityQueue() {
	_ = gevent.Run(func() error {
		type job struct {
			priority int
			name     string
		}
		q := gevent.NewPriorityQueueFunc(0, func(a, b job) bool { return a.priority < b.priority })
		for _, j := range []job{{2, "sweep"}, {1, "cook"}, {2, "dust"}, {0, "put out the fire"}} {
			_ = q.Put(j)
		}
		q.Shutdown(false)
		for j := range q.All() {
			fmt.Println(j.name)
		}
		return nil
	})
	// Output:
	// put out the fire
	// cook
	// sweep
	// dust
}

func ExampleNewPriorityQueue() {
	_ = gevent.Run(func() error {
		q := gevent.NewPriorityQueue(0, 3, 1, 2)
		fmt.Println(q.Get())
		return nil
	})
	// Output: 1 <nil>
}

func ExampleSimpleQueue() {
	_ = gevent.Run(func() error {
		var q gevent.SimpleQueue[int]
		for i := range 3 {
			_ = q.Put(i) // never waits
		}
		fmt.Println(q.Len())
		fmt.Println(q.Get())
		return nil
	})
	// Output:
	// 3
	// 0 <nil>
}

func ExampleJoinableQueue() {
	_ = gevent.Run(func() error {
		var q gevent.JoinableQueue[string]
		worker := gevent.Spawn(func() error {
			for file := range q.All() {
				fmt.Println("indexing", file)
				q.TaskDone()
			}
			return nil
		})
		for _, file := range []string{"a", "b"} {
			_ = q.Put(file)
		}
		fmt.Println("unfinished:", q.Unfinished())
		err := q.Join()
		fmt.Println("unfinished:", q.Unfinished())
		worker.KillAsync()
		return err
	})
	// Output:
	// unfinished: 2
	// indexing a
	// indexing b
	// unfinished: 0
}
