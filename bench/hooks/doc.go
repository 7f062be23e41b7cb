// Hooks measures what the event log costs a switch, and what its mere possibility does: it compares the scheduler as it is
// with a copy from which every question whether there are hooks has been cut out.
//
//	go run ./hooks
//
// The copy is made anew each time, from the sources of package sched, and never lies on disk inside the module: the go
// command finds it through an overlay. Both are in one program, whose benchmarks run in turn.
package main
