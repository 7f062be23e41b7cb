package main

// A usage is what this process has used so far.
type usage struct {
	cpu      float64 // seconds, user and system time
	switches int64   // of the system: those that a thread asked for by waiting, and those that it did not
}
