package multiprocessing

import "sync/atomic"

// A precedence is who is the next to get something that many want. Who comes along when it is free may take it, which is
// fast, as nobody has to be woken first; but those who are woken may come too late again and again. After a few times
// one of them takes precedence, and the others wait for it.
type precedence struct{ of atomic.Uint64 }

// patientTries is after how many tries in vain precedence is taken.
const patientTries = 4

// An applicant is one who wants something with a precedence.
type applicant struct {
	precedence *precedence
	region     *region
	tries      int
}

// mayPass reports whether nobody else has precedence.
func (a *applicant) mayPass() bool {
	of := a.precedence.of.Load()
	return of == 0 || of == uint64(me())
}

// refused takes note of a try in vain.
func (a *applicant) refused() {
	if a.tries++; a.tries >= patientTries {
		a.precedence.of.CompareAndSwap(0, uint64(me()))
	}
}

// served takes note that the applicant has got what it wanted.
func (a *applicant) served() { a.precedence.of.CompareAndSwap(uint64(me()), 0) }

// holders appends who has precedence.
func (a *applicant) holders(list []identity) []identity {
	if of := a.precedence.of.Load(); of != 0 && of != uint64(me()) {
		list = append(list, identity(of))
	}
	return list
}

// fallen takes note that a process has ended.
func (a *applicant) fallen(id identity) { a.precedence.of.CompareAndSwap(uint64(id), 0) }

// withdrawn is the end of the application: those who have waited for this one look again.
func (a *applicant) withdrawn() {
	if a.precedence.of.Load() == uint64(me()) {
		a.region.ring()
		a.precedence.of.Store(0)
	}
}
