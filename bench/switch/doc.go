// Package switching measures what one switch costs, by every road that Go offers.
//
// One op is one switch, from one coroutine or goroutine to the next of a ring.
// The coroutine benchmarks hold their OS thread (runtime.LockOSThread), as a hub
// does; the goroutine ones run with one P and with the default number, because
// with several a "switch" may be two CPUs running side by side.
//
// The raw runtime.coroswitch is the floor that no public API can pass. The linker
// keeps it from all packages but iter, so it is measured only on request:
//
//	go test -tags rawcoro -ldflags=-checklinkname=0 -bench . ./switch
package switching
