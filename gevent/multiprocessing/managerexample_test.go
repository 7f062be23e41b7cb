//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd

package multiprocessing_test

import (
	"errors"
	"fmt"

	"greenloop/gevent"
	mp "greenloop/gevent/multiprocessing"
)

// A Tally is what a process of the example gets: proxies travel like any other value.
type Tally struct {
	Votes *mp.DictProxy[string, int]
	Party string
	Count int
}

var tally = mp.Define("tally", func(t Tally) error {
	for range t.Count {
		if _, err := mp.Add(t.Votes, t.Party, 1); err != nil {
			return err
		}
	}
	return nil
})

// A dictionary that processes share. The program's main function begins with mp.Main().
func ExampleStartManager() {
	err := gevent.Run(func() error {
		m, err := mp.StartManager(mp.ManagerConfig{})
		if err != nil {
			return err
		}
		votes, err := mp.DictOf[string, int](m)
		if err != nil {
			return err
		}
		red, err := tally.Start(Tally{votes, "red", 3})
		if err != nil {
			return err
		}
		blue, err := tally.Start(Tally{votes, "blue", 4})
		if err != nil {
			return err
		}
		if err := errors.Join(red.Join(), blue.Join()); err != nil {
			return err
		}
		items, err := votes.Items()
		fmt.Println(items)
		return errors.Join(err, m.Shutdown())
	})
	fmt.Println(err)
	// Output:
	// map[blue:4 red:3]
	// <nil>
}

// A Till is an object that lives in a manager.
type Till struct{ cents int }

// Pay puts money in, and returns how much there is.
func (t *Till) Pay(cents int) (int, error) {
	if cents < 0 {
		return 0, errTill
	}
	t.cents += cents
	return t.cents, nil
}

var (
	errTill = mp.RegisterError(errors.New("till: nothing is taken out"))
	tills   = mp.DefineManaged("till", func(cents int) (*Till, error) { return &Till{cents}, nil })
	pay     = mp.DefineMethod(tills, "pay", (*Till).Pay)
)

// A type of one's own, whose methods run in the manager's process.
func ExampleDefineManaged() {
	err := gevent.Run(func() error {
		m, err := mp.StartManager(mp.ManagerConfig{})
		if err != nil {
			return err
		}
		till, err := tills.New(m, 100)
		if err != nil {
			return err
		}
		sum, err := pay.Call(till, 50)
		fmt.Println(sum, err)
		_, err = pay.Call(till, -1)
		fmt.Println(errors.Is(err, errTill))
		return m.Shutdown()
	})
	fmt.Println(err)
	// Output:
	// 150 <nil>
	// true
	// <nil>
}

// A manager for programs that are not related: they need its address and the key, and find objects by their names.
func ExampleServeManager() {
	key := []byte("a secret of both programs")
	err := gevent.Run(func() error {
		m, err := mp.ServeManager(mp.ManagerConfig{Address: "127.0.0.1:0", Key: key})
		if err != nil {
			return err
		}

		other, err := mp.DialManager(m.Address(), key) // in the other program
		if err != nil {
			return err
		}
		jobs, err := mp.QueueOf[string](other.Named("jobs"), 10)
		if err != nil {
			return err
		}
		if err := jobs.Put("sweep"); err != nil {
			return err
		}

		same, err := mp.QueueOf[string](m.Named("jobs"), 10)
		if err != nil {
			return err
		}
		fmt.Println(same.Get())
		return m.Shutdown()
	})
	fmt.Println(err)
	// Output:
	// sweep <nil>
	// <nil>
}

// A connection to another program.
func ExampleListen() {
	key := []byte("a secret of both programs")
	err := gevent.Run(func() error {
		l, err := mp.Listen("127.0.0.1:0", key)
		if err != nil {
			return err
		}
		client := gevent.Spawn(func() error { // in the other program
			c, err := mp.Dial(l.Address(), key)
			if err != nil {
				return err
			}
			return errors.Join(c.SendBytes([]byte("hello")), c.Close())
		})
		c, err := l.Accept()
		if err != nil {
			return err
		}
		b, err := c.RecvBytes()
		fmt.Println(string(b))
		return errors.Join(err, client.Get(), c.Close(), l.Close())
	})
	fmt.Println(err)
	// Output:
	// hello
	// <nil>
}
