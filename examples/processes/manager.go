// A dictionary that lives in a process of its own, the manager, and many processes that write into it. What is one call is
// one step. What is several calls needs a lock, and the manager has locks, too.
package main

import (
	"errors"
	"fmt"

	"greenloop/gevent"
	mp "greenloop/gevent/multiprocessing"
)

var (
	writers = 10 // processes
	entries = 20 // of each
)

// A book is what each writer is given: its number, and what leads to the objects in the manager.
type book struct {
	Writer int
	Pages  *mp.DictProxy[string, int]
	Lock   *mp.LockProxy // of the entry "all"
}

var write = mp.Define("write", func(b book) error {
	for i := range entries {
		if err := b.Pages.Set(fmt.Sprintf("writer %d, entry %d", b.Writer, i), i); err != nil {
			return err
		}
		if err := b.Lock.With(b.count); err != nil {
			return err
		}
	}
	return nil
})

// count adds one to the entry "all", in two calls.
func (b book) count() error {
	n, err := b.Pages.Get("all")
	if err != nil {
		return err
	}
	return b.Pages.Set("all", n+1)
}

func manager(s stage) error {
	return gevent.Run(func() error {
		m, err := mp.StartManager(mp.ManagerConfig{})
		if err != nil {
			return err
		}
		pages, err := mp.DictOf(m, map[string]int{"all": 0})
		if err != nil {
			return err
		}
		lock, err := m.Lock()
		if err != nil {
			return err
		}
		s.say("%d processes write %d entries each, and count each one", writers, entries)
		all := make([]*mp.Process, writers)
		for i := range all {
			if all[i], err = write.Start(book{i, pages, lock}); err != nil {
				return err
			}
		}
		if err := mp.JoinAll(all...); err != nil {
			return err
		}
		result, err := pages.Items()
		if err != nil {
			return err
		}
		s.say("entries in the dictionary: %d", len(result)-1)
		s.say("counted:                   %d", result["all"])
		if err := m.Shutdown(); err != nil {
			return err
		}
		_, err = pages.Len()
		s.say("the manager is gone, is its dictionary? %t", errors.Is(err, mp.ErrNoManager))
		return nil
	})
}
