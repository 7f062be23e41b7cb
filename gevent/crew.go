package gevent

import (
	"container/list"

	"greenloop/sched"
)

// A crew runs functions that block, each on a goroutine of its own, no more than max at once; the others wait in a queue.
// No goroutine is kept idle: making one costs what waking one does.
type crew struct {
	room    room
	max     int
	queue   list.List             // of *crewJob
	running map[*crewJob]struct{} // what became of them is not known yet
	idle    lineup                // who waits until nothing is queued or runs
	shut    bool
}

// A crewJob is one function of a crew, and the greenlet that waits for its end, or at first for its beginning.
type crewJob struct {
	sleeper
	crew  *crew
	work  func()
	place *list.Element // in the queue

	// The rest is under the crew's lock.
	state   jobState
	wants   bool // to be roused when the function begins
	left    bool // nobody waits any more
	refused bool // whoever waits is told so
}

type jobState uint8

const (
	jobQueued jobState = iota
	jobRunning
	jobOver
	jobGone // there is no outcome, or it was taken
)

// submit has j run when its turn comes. Any number of greenlets may do so; it does not wait.
func (c *crew) submit(j *crewJob) error {
	c.room.lock()
	defer c.room.unlock()
	if c.shut {
		return ErrShutdown
	}
	j.crew = c
	j.place = c.queue.PushBack(j)
	c.fill()
	return nil
}

// fill begins what may begin. Under the lock.
func (c *crew) fill() {
	for c.queue.Len() > 0 && len(c.running) < c.max {
		j := c.queue.Remove(c.queue.Front()).(*crewJob)
		if c.running == nil {
			c.running = make(map[*crewJob]struct{})
		}
		c.running[j] = struct{}{}
		j.state = jobRunning
		if j.wants {
			c.room.rouse(&j.sleeper)
		}
		go j.work()
	}
	if c.isIdle() {
		c.room.wakeAll(&c.idle)
	}
}

func (c *crew) isIdle() bool { return c.queue.Len() == 0 && len(c.running) == 0 }

// finish is called by the function's goroutine at its end. It reports whether the outcome is to be dropped, as nobody
// waits.
func (c *crew) finish(j *crewJob) (dropped bool) {
	c.room.lock()
	defer c.room.unlock()
	delete(c.running, j)
	c.fill()
	j.state = jobOver
	c.room.rouse(&j.sleeper)
	return j.left && j.take()
}

// reached reports whether j is that far; if it is over, the outcome is the caller's. The error tells that it will not be.
func (c *crew) reached(j *crewJob, state jobState) (bool, error) {
	c.room.lock()
	defer c.room.unlock()
	switch {
	case state == jobRunning && j.state != jobQueued && j.state != jobGone, j.take():
		return true, nil
	case j.refused:
		return false, ErrShutdown
	}
	return false, nil
}

// leave is called by whoever waited for j, and will not any more. A function that is still in the queue will not run. It
// reports whether the outcome is to be dropped, as it was not taken.
func (c *crew) leave(j *crewJob) (dropped bool) {
	c.room.lock()
	defer c.room.unlock()
	j.left = true
	if j.state == jobQueued {
		c.drop(j)
		c.fill()
	}
	return j.take()
}

// take reports whether there is an outcome, which is the caller's then. Under the lock.
func (j *crewJob) take() bool {
	if j.state != jobOver {
		return false
	}
	j.state = jobGone
	return true
}

// drop takes j out of the queue. Under the lock.
func (c *crew) drop(j *crewJob) {
	c.queue.Remove(j.place)
	j.state = jobGone
}

// shutDown refuses all jobs from now on; now says whether also those that were accepted.
func (c *crew) shutDown(now bool) {
	c.room.lock()
	defer c.room.unlock()
	c.shut = true
	if !now {
		return
	}
	for c.queue.Len() > 0 {
		j := c.queue.Front().Value.(*crewJob)
		c.drop(j)
		c.refuse(j)
	}
	for j := range c.running {
		c.refuse(j)
	}
	c.fill()
}

func (c *crew) refuse(j *crewJob) {
	j.refused = true
	c.room.rouse(&j.sleeper)
}

func (c *crew) resize(n int) {
	c.room.lock()
	defer c.room.unlock()
	c.max = n
	c.fill()
}

// count returns how many functions run and how many wait for their turn.
func (c *crew) count() (running, queued int) {
	c.room.lock()
	defer c.room.unlock()
	return len(c.running), c.queue.Len()
}

// join waits until nothing is queued and nothing runs.
func (c *crew) join(p allowance) error {
	return c.room.wait(&c.idle, p, sched.Why("thread pool to be idle"), c.isIdle)
}
