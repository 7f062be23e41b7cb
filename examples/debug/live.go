package main

import (
	"crypto/sha256"
	"fmt"
	"time"

	"greenloop/gevent"
)

// live spawns greenlets that have something to do until the program ends.
func live() {
	buns := gevent.NewQueue[string](4)
	oven := new(gevent.Lock)
	for i := range 3 {
		gevent.SpawnNamed(fmt.Sprintf("baker %d", i), func() error { return bake(oven, buns) })
	}
	for i := range 2 {
		gevent.SpawnNamed(fmt.Sprintf("guest %d", i), func() error { return eat(buns) })
	}
	gevent.SpawnNamed("miner", mine)
}

// bake needs the oven, which only one baker has at a time.
func bake(oven *gevent.Lock, buns *gevent.Queue[string]) error {
	for {
		if err := oven.Acquire(); err != nil {
			return err
		}
		err := gevent.Sleep(80 * time.Millisecond)
		oven.Release()
		if err != nil {
			return err
		}
		if err := buns.Put("bun"); err != nil {
			return err
		}
	}
}

func eat(buns *gevent.Queue[string]) error {
	for {
		if _, err := buns.Get(); err != nil {
			return err
		}
		if err := gevent.Sleep(50 * time.Millisecond); err != nil {
			return err
		}
	}
}

// mine computes for too long at a time: all others wait meanwhile, which the views show. It should yield, see hash.
func mine() error {
	for sum := [sha256.Size]byte{}; ; sum = hash(sum) {
		if err := gevent.Sleep(300 * time.Millisecond); err != nil {
			return err
		}
	}
}

func hash(sum [sha256.Size]byte) [sha256.Size]byte {
	for range 100_000 { // some 10 ms; with a gevent.Yield for each hundred nobody would notice
		sum = sha256.Sum256(sum[:])
	}
	return sum
}
