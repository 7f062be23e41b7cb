// The rows of the timeline: for each task its spans, from one change of its state to the next, found once for
// the whole recording.

// A span lasts from one step to the next one's beginning. what: "running", "ready", "waiting", "delayed", or of
// the loop "poll", "loop" and "host", of a raw greenlet "control". wait is what a waiting task waits for.

// findRows returns the loop's row and the tasks', in order of spawn, with those of their raw greenlets in them; the things
// that are waited for; and by step the wait that a wake-up ended, the raw greenlet of which an event is told, and for
// some that have no line of their own another: where the task was last, or the first that is known of a raw greenlet
// that starts.
function findRows(recording) {
  const loop = {task: 0, key: 0, spans: [], marks: [], depth: 0};
  const rows = new Map([[0, loop]]);
  const things = new Map(); // what is waited for, by key: its number
  const lines = new Map(); // by task: where it was last
  const places = new Map(); // by step: that line
  const starts = new Map(); // by task: the step at which a raw greenlet started of which no line is known yet
  const speakers = new Map(); // by step: the raw greenlet
  const events = recording.events;
  for (const t of recording.tasks.values()) rows.set(t.id, {task: t.id, key: t.id, spans: [], marks: [], inner: []});
  const inner = findInner(recording, rows);

  const enter = (task, step, what, wait) => {
    const spans = rows.get(task)?.spans;
    if (!spans) return;
    leave(task, step);
    spans.push({from: step, to: events.length + 1, what, wait});
  };
  const leave = (task, step) => {
    const last = rows.get(task)?.spans.at(-1);
    if (!last || last.to <= step) return;
    last.to = step;
    if (last.from === step) rows.get(task).spans.pop();
  };
  const coloured = wait => {
    const key = keyOf(wait);
    if (!things.has(key)) things.set(key, things.size);
    return {...wait, colour: colourOf(wait, things)};
  };

  // who has control inside the running task
  const start = new State(recording.start), control = new Map(start.control);
  let running = start.running, holds;
  const holder = task => inner.get(keyInside(task, control.get(task)));
  const passed = step => {
    if (holder(running) === holds) return;
    if (holds) holds.spans.at(-1).to = step;
    holds = holder(running);
    holds?.spans.push({from: step, to: events.length + 1, what: "control"});
  };

  for (const task of start.live) enter(task, 0, "ready");
  for (const [task, wait] of start.parked) {
    enter(task, 0, "waiting", coloured(wait));
    lines.set(task, wait.line);
  }
  for (const task of start.delayed.keys()) enter(task, 0, "delayed");
  enter(start.running, 0, start.running ? "running" : "loop");
  passed(0);

  events.forEach((e, i) => {
    const step = i + 1;
    if (e.line) {
      lines.set(running, e.line);
      if (starts.has(running)) places.set(starts.get(running), e.line);
      starts.delete(running);
    } else if (e.kind === "pass") {
      starts.set(e.task, step);
    } else if (["ready", "switch", "exit"].includes(e.kind)) {
      places.set(step, lines.get(e.task));
    }
    if (["park", "yield", "note"].includes(e.kind) && holder(e.task)) speakers.set(step, control.get(e.task));
    switch (e.kind) {
      case "spawn":
        enter(e.task, step, e.deadline === never ? "ready" : "delayed");
        break;
      case "ready":
        enter(e.task, step, "ready");
        break;
      case "yield":
        enter(e.task, step, "ready");
        enter(0, step, "loop");
        break;
      case "park":
        enter(e.task, step, "waiting", coloured({text: e.text, object: e.object, since: e.at, deadline: e.deadline}));
        enter(0, step, "loop");
        break;
      case "switch":
        if (e.task) {
          leave(0, step);
          enter(e.task, step, "running");
        } else {
          enter(0, step, "host");
        }
        break;
      case "exit":
        leave(e.task, step);
        if (e.ran) enter(0, step, "loop");
        break;
      case "poll":
        enter(0, step, "poll", {text: "", deadline: e.deadline});
        break;
      case "polled":
        enter(0, step, "loop");
        break;
      case "pass":
        if (!inner.has(keyInside(e.task, e.to))) rows.get(e.task)?.marks.push(step); // the host's
        control.set(e.task, e.to);
        break;
      case "note":
        (holder(e.task) ?? rows.get(e.task))?.marks.push(step);
    }
    if (e.kind === "switch") running = e.task;
    if (e.kind === "park" || e.kind === "yield" || e.kind === "exit" && e.ran) running = 0;
    passed(step);
  });
  rows.delete(0);
  return {loop, tasks: [...rows.values()], things, places, speakers};
}

// findInner puts the raw greenlets of tasks into their rows, and returns the rows of all by key. The host's have none.
function findInner(recording, rows) {
  const inner = new Map();
  for (const e of recording.events) {
    if (e.kind !== "pass" || !e.task) continue;
    for (const raw of [e.from, e.to]) {
      const key = keyInside(e.task, raw);
      if (!raw || inner.has(key) || !rows.has(e.task)) continue;
      inner.set(key, {task: e.task, raw, key, spans: [], marks: []});
      rows.get(e.task).inner.push(inner.get(key));
    }
  }
  return inner;
}

// keyInside tells the row of a raw greenlet from others; that of a task has its number.
function keyInside(task, raw) { return `${task} › ${raw ?? ""}`; }

// withInner returns rows of tasks with those of their raw greenlets below each.
function withInner(rows) {
  return rows.flatMap(row => [row, ...row.inner.map(raw => ({...raw, depth: (row.depth ?? 0) + 1}))]);
}

// keyOf tells what is waited for from other things: the object if there is one, else the text.
function keyOf(wait) { return wait.object ? `#${wait.object}` : wait.text; }

// colourOf returns the number of a colour; sleep, which nobody has to end, has the greyest.
function colourOf(wait, things) { return wait.text === "sleep" ? 7 : things.get(keyOf(wait)) % 7; }

// underParents returns the rows with the children after their parents, each with its depth.
function underParents(rows, tasks) {
  const children = new Map();
  const roots = [];
  for (const row of rows) {
    const parent = tasks.get(row.task).parent;
    if (!tasks.has(parent)) roots.push(row);
    else if (children.has(parent)) children.get(parent).push(row);
    else children.set(parent, [row]);
  }
  const list = [];
  const stack = roots.reverse().map(row => ({row, depth: 0}));
  while (stack.length > 0) {
    const {row, depth} = stack.pop();
    list.push({...row, depth});
    for (const child of (children.get(row.task) ?? []).reverse()) stack.push({row: child, depth: depth + 1});
  }
  return list;
}

// firstAfter returns the index of the first item that is past, where the items that are so come last.
function firstAfter(items, isPast) {
  let low = 0, high = items.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (isPast(items[middle])) high = middle;
    else low = middle + 1;
  }
  return low;
}
