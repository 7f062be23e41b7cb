//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd

package multiprocessing_test

import (
	"errors"
	"fmt"
	"slices"

	"greenloop/gevent"
	mp "greenloop/gevent/multiprocessing"
)

var visit = mp.Define("visit", func(hits *mp.Value[int]) error {
	for range 1000 {
		if err := hits.Update(func(n *int) { *n++ }); err != nil {
			return err
		}
	}
	return nil
})

// Four processes count in the same memory.
func ExampleValue() {
	_ = gevent.Run(func() error {
		hits, err := mp.NewValue(0)
		if err != nil {
			return err
		}
		defer hits.Close()
		for range 4 {
			if _, err := visit.Start(hits); err != nil {
				return err
			}
		}
		for _, p := range mp.ActiveChildren() {
			if err := p.Join(); err != nil {
				return err
			}
		}
		fmt.Println(hits.Load())
		return nil
	})
	// Output: 4000 <nil>
}

var sortAll = mp.Define("sort all", func(a *mp.Array[float64]) error {
	return a.Update(slices.Sort[[]float64])
})

func ExampleArray() {
	_ = gevent.Run(func() error {
		a, err := mp.NewArrayOf([]float64{3, 1, 2})
		if err != nil {
			return err
		}
		defer a.Close()
		p, err := sortAll.Start(a)
		if err := errors.Join(err, p.Join()); err != nil {
			return err
		}
		fmt.Println(a.Slice(0, a.Len()))
		fmt.Println(a.Get(0))
		return nil
	})
	// Output:
	// [1 2 3] <nil>
	// 1 <nil>
}

var count3 = mp.Define("count to three", func(c *mp.Counter) error {
	for range 3 {
		c.Add(1)
	}
	return nil
})

func ExampleCounter() {
	_ = gevent.Run(func() error {
		c, err := mp.NewCounter(10)
		if err != nil {
			return err
		}
		defer c.Close()
		p, err := count3.Start(c)
		if err := errors.Join(err, p.Join()); err != nil {
			return err
		}
		fmt.Println(c.Load())
		return nil
	})
	// Output: 13
}

var greets = mp.Define("greets", func(name string) error {
	m, err := mp.OpenMemory(name)
	if err != nil {
		return err
	}
	copy(m.Bytes(), "hello")
	return m.Close()
})

// Any process of the user can open the block by its name.
func ExampleCreateMemory() {
	_ = gevent.Run(func() error {
		m, err := mp.CreateMemory("", 5) // with a random name
		if err != nil {
			return err
		}
		p, err := greets.Start(m.Name())
		if err := errors.Join(err, p.Join()); err != nil {
			return err
		}
		fmt.Printf("%s\n", m.Bytes())
		return m.Close() // nobody else has it open: it is gone
	})
	// Output: hello
}
