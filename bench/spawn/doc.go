// Package spawn measures the life of a task that does nothing: made, run, waited
// for. Beside it, in the same run, a goroutine with a sync.WaitGroup.
//
// One op is one task. All runs are steady state: the stacks and descriptors of
// tasks that ended before are there to be used again, as a program that runs for
// longer than a moment finds them.
package spawn
