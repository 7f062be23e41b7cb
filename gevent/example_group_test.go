package gevent_test

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"greenloop/gevent"
)

func nap(seconds int) func() error {
	return func() error {
		err := gevent.Sleep(time.Duration(seconds) * time.Millisecond)
		fmt.Println("slept", seconds)
		return err
	}
}

func ExampleGroup() {
	_ = gevent.Run(func() error {
		var group gevent.Group
		group.Spawn(nap(2))
		group.Spawn(nap(1))
		fmt.Println(group.Len(), "members")
		return group.Join()
	})
	// Output:
	// 2 members
	// slept 1
	// slept 2
}

func ExampleGroup_Kill() {
	_ = gevent.Run(func() error {
		var group gevent.Group
		for _, name := range []string{"a", "b"} {
			group.Spawn(func() error {
				defer fmt.Println(name, "ends")
				return gevent.Sleep(time.Hour)
			})
		}
		gevent.Yield()
		return group.Kill()
	})
	// Output:
	// a ends
	// b ends
}

func ExamplePool() {
	_ = gevent.Run(func() error {
		pool := gevent.NewPool(2)
		for i := range 4 {
			_, err := pool.Spawn(func() error {
				fmt.Println("begins", i)
				return gevent.Sleep(time.Millisecond)
			})
			if err != nil {
				return err
			}
			fmt.Println("spawned", i)
		}
		return pool.Join()
	})
	// Output:
	// spawned 0
	// spawned 1
	// begins 0
	// begins 1
	// spawned 2
	// spawned 3
	// begins 2
	// begins 3
}

func ExamplePool_TrySpawn() {
	_ = gevent.Run(func() error {
		pool := gevent.NewPool(1)
		_, err := pool.TrySpawn(nap(1))
		fmt.Println(err)
		_, err = pool.TrySpawn(nap(2))
		fmt.Println(err, pool.FreeCount())
		return pool.Join()
	})
	// Output:
	// <nil>
	// gevent: pool is full 0
	// slept 1
}

// A pool whose members all spawn into it never gets a free place: Run says who waits for it.
func ExamplePool_deadlock() {
	err := gevent.Run(func() error {
		pool := gevent.NewPool(1)
		_, err := gevent.GoIn(pool, func() (int, error) {
			_, err := pool.Spawn(func() error { return nil })
			return 0, err
		})
		return errors.Join(err, pool.Join())
	})
	var deadlock *gevent.DeadlockError
	if errors.As(err, &deadlock) {
		for _, t := range deadlock.Tasks {
			fmt.Println(t.ID, t.Why)
		}
	}
	// Output:
	// 1 end of 1 member
	// 2 pool full (1 member, all of them waiting for a place in it)
}

func ExampleGoIn() {
	_ = gevent.Run(func() error {
		sum, err := gevent.GoIn(gevent.NewPool(1), func() (int, error) { return 40 + 2, nil })
		if err != nil {
			return err
		}
		fmt.Println(sum.Get())
		return nil
	})
	// Output: 42 <nil>
}

func ExampleApply() {
	_ = gevent.Run(func() error {
		pool := gevent.NewPool(1)
		fmt.Println(gevent.Apply(pool, func() (string, error) {
			return gevent.Apply(pool, func() (string, error) { return "no place needed", nil }) // in a member
		}))
		return nil
	})
	// Output: no place needed <nil>
}

func ExampleApplyAsync() {
	_ = gevent.Run(func() error {
		half := func(n int) func() (int, error) {
			return func() (int, error) {
				if n%2 != 0 {
					return 0, fmt.Errorf("%d is odd", n)
				}
				return n / 2, nil
			}
		}
		pool := gevent.NewPool(1)
		show := func(n int) { fmt.Println("half is", n) }
		complain := func(err error) { fmt.Println(err) }
		a := gevent.ApplyAsync(pool, half(4), show, complain)
		b := gevent.ApplyAsync(pool, half(5), show, complain)
		_, err := gevent.Wait(a, b)
		return err
	})
	// Output:
	// half is 2
	// 5 is odd
}

func double(n int) (int, error) {
	return 2 * n, gevent.Sleep(time.Duration(n) * time.Millisecond)
}

func ExampleMap() {
	_ = gevent.Run(func() error {
		fmt.Println(gevent.Map(gevent.NewPool(2), slices.Values([]int{3, 1, 2}), double))
		return nil
	})
	// Output: [6 2 4] <nil>
}

func ExampleIMap() {
	_ = gevent.Run(func() error {
		for n, err := range gevent.IMap(gevent.NewPool(2), slices.Values([]int{3, 1, 2}), double) {
			fmt.Println(n, err)
		}
		return nil
	})
	// Output:
	// 6 <nil>
	// 2 <nil>
	// 4 <nil>
}

// The numbers have no end; no more than two are taken ahead of the loop.
func ExampleIMapMax() {
	_ = gevent.Run(func() error {
		taken := 0
		numbers := func(yield func(int) bool) {
			for yield(taken) {
				taken++
			}
		}
		for n, err := range gevent.IMapMax(new(gevent.Group), 2, numbers, double) {
			if n == 6 || err != nil {
				break
			}
		}
		fmt.Println("at most five taken:", taken <= 5)
		return nil
	})
	// Output: at most five taken: true
}

func ExampleIMapUnordered() {
	_ = gevent.Run(func() error {
		for n := range gevent.IMapUnordered(new(gevent.Group), slices.Values([]int{9, 1, 5}), double) {
			fmt.Println(n)
		}
		return nil
	})
	// Output:
	// 2
	// 10
	// 18
}

func ExampleIMapUnorderedMax() {
	_ = gevent.Run(func() error {
		for n := range gevent.IMapUnorderedMax(new(gevent.Group), 2, slices.Values([]int{9, 1, 2}), double) {
			fmt.Println(n)
		}
		return nil
	})
	// Output:
	// 2
	// 4
	// 18
}

func ExampleNurse() {
	err := gevent.Run(func() error {
		return gevent.Nurse(func(n *gevent.Nursery) error {
			n.Spawn(func() error {
				defer fmt.Println("a sibling is ended")
				return gevent.Sleep(time.Hour)
			})
			n.Spawn(func() error { return errors.New("out of flour") })
			return nil
		})
	})
	fmt.Println(err)
	// Output:
	// a sibling is ended
	// out of flour
}

func ExampleNursery_SetLimit() {
	_ = gevent.Run(func() error {
		return gevent.Nurse(func(n *gevent.Nursery) error {
			n.SetLimit(1)
			n.Spawn(nap(2))
			n.Spawn(nap(1))
			return nil
		})
	})
	// Output:
	// slept 2
	// slept 1
}
