// The recording, and the state of the scheduler after each of its steps. Step n is the state after n events.

const never = null; // as a deadline

// readRecording makes objects of what pagedata.go has written.
function readRecording(data) {
  const events = data.events.map(row => {
    const [kind, at = 0, task = 0, other = 0, text = 0, deadline = 0, flags = 0, line = 0, object = 0, timer = 0,
      calls = 0, from = 0, to = 0, ...holders] = row;
    return {
      kind: data.kinds[kind], at, task, other, text: data.texts[text], deadline, line, object, timer, calls,
      from: data.texts[from], to: data.texts[to], holders,
      fired: (flags & 1) !== 0, waited: (flags & 2) !== 0, ran: (flags & 4) !== 0,
    };
  });
  const tasks = new Map(data.tasks.map(t => [t.id, t]));
  return {...data, events, tasks, end: Math.max(data.taken, events.at(-1)?.at ?? 0)};
}

// A State is how the scheduler stands after a step.
class State {
  constructor(start) {
    this.step = 0;
    this.at = 0;
    this.running = start.running; // 0: the loop, or the host
    this.live = new Set(start.live);
    this.queue = [...start.queue ?? []];
    this.parked = new Map(start.parked.map(({task, ...wait}) => [task, {...wait, earlier: true}])); // who knows since when
    this.delayed = new Map(start.delayed);
    this.timers = new Map(start.timers);
    this.control = new Map(start.control.map(({task, raw}) => [task, raw])); // which raw greenlet has it inside a task
  }

  clone() {
    const copy = Object.create(State.prototype);
    return Object.assign(copy, this, {
      live: new Set(this.live), queue: [...this.queue], parked: new Map(this.parked),
      delayed: new Map(this.delayed), timers: new Map(this.timers),
      control: new Map(this.control),
    });
  }

  get size() {
    return this.live.size + this.queue.length + this.parked.size + this.delayed.size + this.timers.size + this.control.size;
  }

  // stuck tells whether all tasks wait and no time is set at which that would change.
  get stuck() {
    return this.live.size > 0 && this.parked.size === this.live.size && this.timers.size === 0 &&
      [...this.parked.values()].every(wait => wait.deadline === never);
  }

  // apply changes the state as the event did: State.apply in state.go is the same.
  apply(e) {
    this.step++;
    this.at = e.at;
    switch (e.kind) {
      case "spawn":
        this.live.add(e.task);
        if (e.deadline === never) this.queue.push(e.task);
        else this.delayed.set(e.task, e.deadline);
        break;
      case "ready":
        this.parked.delete(e.task);
        this.delayed.delete(e.task);
        this.queue.push(e.task);
        break;
      case "park":
        this.running = 0;
        this.parked.set(e.task, {
          text: e.text, object: e.object, holders: e.holders, since: e.at, deadline: e.deadline, line: e.line,
        });
        break;
      case "yield":
        this.running = 0;
        this.queue.push(e.task);
        break;
      case "switch":
        this.unqueue(e.task);
        this.running = e.task;
        break;
      case "exit":
        if (e.ran) this.running = 0;
        this.unqueue(e.task);
        this.live.delete(e.task);
        this.delayed.delete(e.task);
        this.control.delete(e.task);
        break;
      case "timer set":
        this.timers.set(e.timer, e.deadline);
        break;
      case "timer gone":
        this.timers.delete(e.timer);
        break;
      case "deadline":
        if (this.parked.has(e.task)) this.parked.set(e.task, {...this.parked.get(e.task), deadline: e.deadline});
        break;
      case "pass":
        this.control.set(e.task, e.to);
    }
  }

  unqueue(task) {
    const i = this.queue.indexOf(task);
    if (i === 0) this.queue.shift();
    else if (i > 0) this.queue.splice(i, 1);
  }
}

// A Replay stands at one step of a recording and goes to any other. It keeps states on its way, so that a step back costs
// as much as a few hundred forward. They are further apart where a state is large, so that all of them together are
// no more than a few items for each event.
class Replay {
  constructor(recording) {
    this.recording = recording;
    this.steps = recording.events.length;
    this.state = new State(recording.start);
    this.kept = [this.state.clone()]; // by step; the first is the start
    this.applied = 0; // events, ever: what tests count
  }

  // The time at the present step: before the first event, that of it.
  get now() { return this.recording.events[Math.max(this.state.step, 1) - 1]?.at ?? 0; }

  go(step) {
    const last = this.kept.findLast(s => s.step <= step);
    if (step < this.state.step || last.step > this.state.step) this.state = last.clone();
    while (this.state.step < step) this.forward();
  }

  forward() {
    this.state.apply(this.recording.events[this.state.step]);
    this.applied++;
    const since = this.state.step - this.kept.at(-1).step;
    if (since >= 256 && since >= this.state.size / 4) this.kept.push(this.state.clone());
  }

  // The step after which the CPU has gone over next, or did so last; the end or the start if it does not any more.
  switchAfter(step, direction) {
    for (let n = step + direction; n > 0 && n < this.steps; n += direction) {
      if (this.recording.events[n - 1].kind === "switch") return n;
    }
    return direction > 0 ? this.steps : 0;
  }
}

// asJSON returns the state with sorted lists and plain objects.
function asJSON(state, recording) {
  const {step, at, running, queue} = state;
  const parked = {}, delayed = Object.fromEntries(state.delayed), timers = Object.fromEntries(state.timers);
  const control = Object.fromEntries(state.control);
  for (const [task, {earlier, ...w}] of state.parked) {
    parked[task] = {...w, holders: w.holders ?? [], line: recording.lines[w.line]};
  }
  const live = [...state.live].sort((a, b) => a - b);
  return {step, at, running, live, queue: [...queue], parked, delayed, timers, control};
}
