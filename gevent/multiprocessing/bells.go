package multiprocessing

import (
	"slices"
	"sync"
	"time"

	"greenloop/gevent"
)

// bells wakes the greenlets of one hub that wait for changes of regions, or for the ends of processes. It is a greenlet,
// which waits for what its sources tell while somebody waits for that.
type bells struct {
	hub     *gevent.Hub
	sources *sources // nil: there are none (any more), those who wait look again and again
	runner  *gevent.Greenlet
	begun   bool
	waiting int // how many do
	some    gevent.Event
	none    gevent.Event
	regions map[int32]*region // at which somebody of this hub waits, by the descriptors of their bells
	deaths  map[int32]*death
}

// A death is one that will be noticed.
type death struct {
	of      identity
	sysfd   int32
	waiting []*waiter
}

// maxIdleDeaths is how many processes are watched for which nobody waits just now.
const maxIdleDeaths = 16

// towers have the bells of each hub that has any. The lock also guards their sources.
var towers = struct {
	sync.Mutex
	of map[*gevent.Hub]*bells
}{of: map[*gevent.Hub]*bells{}}

func bellsOf(hub *gevent.Hub) *bells {
	towers.Lock()
	b := towers.of[hub]
	if b == nil {
		b = &bells{hub: hub, sources: newSources(), regions: map[int32]*region{}, deaths: map[int32]*death{}}
		towers.of[hub] = b
	}
	fresh := !b.begun && b.waiting == 0
	towers.Unlock()
	if fresh && b.sources != nil {
		b.runner = gevent.SpawnNamed("bells of other processes", b.run)
	}
	if b.sources != nil && b.runner.Ready() { // it was killed before it began, or the hub is ending: nothing can be spawned
		b.end()
	}
	return b
}

func (b *bells) run() error {
	if b.sources == nil { // whoever began this has gone again
		return nil
	}
	b.begun = true
	defer b.end()
	w, err := gevent.WatchFd(b.sources.sysfd)
	if err != nil {
		return err
	}
	defer w.Close()
	for {
		for b.waiting == 0 { // not to be taken for one who waits for an event: that would hide a deadlock
			b.some.Clear()
			if err := b.some.Wait(); err != nil {
				return err
			}
		}
		b.none.Clear()
		if _, err := gevent.WaitCount(1, w.Readable(), &b.none); err != nil {
			return err
		}
		b.sources.collect(b.rang, b.died)
	}
}

// end is the end of the hub: those who wait still, in deferred functions, have to look for themselves. It is also that
// of a wait without sources: the next one may have some.
func (b *bells) end() {
	towers.Lock()
	if towers.of[b.hub] == b {
		delete(towers.of, b.hub)
	}
	if b.sources != nil {
		b.sources.close()
		b.sources = nil
	}
	towers.Unlock()
	for _, r := range b.regions {
		r.wake()
	}
	for _, d := range b.deaths {
		for _, w := range d.waiting {
			w.woken.Set()
		}
		_ = sysClose(int(d.sysfd))
	}
	clear(b.deaths)
}

// listen has those woken who wait at the region, one more than before.
func (b *bells) listen(r *region) {
	if b.waiting++; b.waiting == 1 {
		b.some.Set()
	}
	sysfd := int32(r.bell.sysfd)
	if b.sources == nil || b.regions[sysfd] == r {
		return
	}
	if r.heard == b || b.sources.addBell(sysfd) {
		r.heard = b
		b.regions[sysfd] = r
	}
}

// ignore ends a listen.
func (b *bells) ignore(r *region) {
	sysfd := int32(r.bell.sysfd)
	if len(r.waiting) == 0 && b.regions[sysfd] == r {
		delete(b.regions, sysfd)
	}
	if b.waiting--; b.waiting > 0 {
		return
	}
	b.none.Set()
	if !b.begun {
		b.end()
	}
}

// forget ends what listens to a bell that will be closed. Safe from any goroutine.
func (m remains) forget() {
	towers.Lock()
	defer towers.Unlock()
	if b := towers.of[m.name.hub]; b != nil && b.sources != nil {
		b.sources.removeBell(int32(m.bell.sysfd))
	}
}

// wait waits until w is woken, or one of the processes has ended. Where nothing tells of that, only for a while.
func (b *bells) wait(w *waiter, r *region, ids []identity) error {
	sure := b.sources != nil && b.regions[int32(r.bell.sysfd)] == r
	for _, id := range ids {
		if id == me() {
			continue
		}
		d := b.watch(id)
		if d != nil {
			d.waiting = append(d.waiting, w)
			defer d.leave(w)
			continue
		}
		if !id.alive() {
			w.fallen = append(w.fallen, id)
			return nil
		}
		sure = false
	}
	if sure {
		return w.woken.Wait()
	}
	w.pause = min(max(2*w.pause, shortPause), longPause)
	if err := w.woken.WaitTimeout(w.pause); err != gevent.ErrTimeout {
		return err
	}
	return nil
}

// How long those wait whom nobody wakes, until they look again: ever longer.
const (
	shortPause = 200 * time.Microsecond
	longPause  = 10 * time.Millisecond
)

// watch returns the death of a process that is alive, nil if it cannot be watched.
func (b *bells) watch(id identity) *death {
	if b.sources == nil {
		return nil
	}
	idle := 0
	for _, d := range b.deaths {
		if d.of == id {
			return d
		}
		if len(d.waiting) == 0 {
			idle++
		}
	}
	for sysfd, d := range b.deaths {
		if idle >= maxIdleDeaths && len(d.waiting) == 0 {
			b.sources.removeDeath(sysfd)
			delete(b.deaths, sysfd)
			idle--
		}
	}
	sysfd, ok := b.sources.addDeath(id)
	if !ok {
		return nil
	}
	d := &death{of: id, sysfd: sysfd}
	b.deaths[sysfd] = d
	return d
}

func (d *death) leave(w *waiter) {
	d.waiting = slices.DeleteFunc(d.waiting, func(o *waiter) bool { return o == w })
}

func (b *bells) rang(sysfd int32) {
	if r := b.regions[sysfd]; r != nil {
		r.wake()
	}
}

func (r *region) wake() {
	for _, w := range r.waiting {
		w.woken.Set()
	}
}

func (b *bells) died(sysfd int32) {
	d := b.deaths[sysfd]
	if d == nil {
		return
	}
	delete(b.deaths, sysfd)
	b.sources.removeDeath(sysfd)
	for _, w := range d.waiting {
		w.fallen = append(w.fallen, d.of)
		w.woken.Set()
	}
}
