// The panels: what a step is in words, and how everything stands after it.

const shown = 60, shownOfGroup = 6; // items of a list

function formatTime(ns) {
  const round = (x, digits) => String(Number(x.toFixed(digits)));
  if (ns < 0) return `-${formatTime(-ns)}`;
  if (ns === 0) return "0s";
  if (ns < 1e3) return `${round(ns, 0)}ns`;
  if (ns < 1e6) return `${round(ns / 1e3, 3)}µs`;
  if (ns < 1e9) return `${round(ns / 1e6, 3)}ms`;
  const hours = Math.floor(ns / 3600e9), minutes = Math.floor(ns % 3600e9 / 60e9);
  const seconds = round(ns % 60e9 / 1e9, 6);
  return (hours ? `${hours}h` : "") + (hours || minutes ? `${minutes}m` : "") +
    (seconds === "0" && ns >= 60e9 ? "" : `${seconds}s`);
}

const short = text => text.length > 120 ? `${text.slice(0, 119)}…` : text;
const byId = id => document.getElementById(id);
const limit = deadline => deadline === never ? "" : formatTime(deadline);

// element makes an element with a class and children, which are elements or texts.
function element(tag, className, ...children) {
  const e = document.createElement(tag);
  if (className) e.className = className;
  e.append(...children);
  return e;
}

class Panels {
  constructor(recording, found, lang, onGo) {
    Object.assign(this, {recording, found, onGo});
    this.words = words[lang];
    this.sentences = sentences[lang];
    this.list = byId("events");
    this.list.addEventListener("scroll", () => this.showEvents());
    byId("events-rows").addEventListener("click", e => {
      const row = e.target.closest("[data-step]");
      if (row) onGo(Number(row.dataset.step));
    });
    byId("events-rows").style.height = `${(recording.events.length + 1) * rowSize}px`;
  }

  name(id) {
    if (id === 0) return this.words.theLoop;
    return short(this.words.taskName(id, this.recording.tasks.get(id)?.name));
  }

  // holders names who has what is waited for, unless the text does so.
  holders({text, holders}) {
    const unnamed = id => !text.includes(this.recording.tasks.get(id)?.name || `task ${id}`);
    return (holders ?? []).some(unnamed) ? this.names(holders) : "";
  }

  names(ids) { return (ids ?? []).map(id => this.name(id)).join(this.words.and); }

  // describe returns what the event of a step is, and why, in words.
  describe(step) {
    const e = this.recording.events[step - 1];
    if (!e) return this.recording.events.length ? [this.words.start, this.words.startWhy] : [this.words.noEvents, ""];
    const before = this.recording.events[step - 2];
    const inside = this.found.speakers.has(step) ? ` › ${this.found.speakers.get(step)}` : "";
    return this.sentences[e.kind]({
      task: this.name(e.task) + short(inside), from: short(e.from), to: short(e.to),
      text: short(this.words.reason(e.text)), fired: e.fired, ran: e.ran, timer: e.timer,
      other: e.other ? this.words.spaced(this.name(e.other)) : this.words.theLoop,
      holders: this.holders(e), byTask: e.other !== 0, sleep: e.text === "sleep",
      later: e.kind === "spawn" && e.deadline !== never, deadline: limit(e.deadline), until: limit(e.deadline),
      start: !e.waited, byLoop: e.other === 0,
      timeUp: e.kind === "ready" && e.fired,
      toHost: e.task === 0, stuck: this.state?.stuck, first: this.queueBefore?.[0] === e.task,
      brief: e.deadline === e.at, took: before && e.at > before.at ? formatTime(e.at - before.at) : "",
      calls: this.recording.lines[e.calls].function ? ` (${lastName(this.recording.lines[e.calls].function)})` : "",
    });
  }

  // show shows a state, which is that of the time now; queueBefore is the run queue one step earlier.
  show(state, queueBefore, now) {
    this.state = state;
    this.now = now;
    this.queueBefore = queueBefore;
    const [what, why] = this.describe(state.step);
    byId("what").textContent = what;
    byId("why").textContent = why;
    this.showRunning(state);
    this.showWaits(state);
    this.showTimers(state);
    this.showCode(state);
    this.follow(state.step);
  }

  task(id, more = "") {
    const e = element("button", "task", this.name(id), more);
    e.title = this.recording.tasks.get(id)?.name ?? "";
    e.addEventListener("click", () => this.onGo(this.state.step, id));
    return e;
  }

  some(items, make, most = shown) {
    const list = items.slice(0, most).map(make);
    if (items.length > most) list.push(element("li", "faint", this.words.more(items.length - most)));
    return list;
  }

  showRunning(state) {
    const w = this.words, e = this.recording.events[state.step - 1];
    let who;
    if (state.running) {
      const raw = state.control.get(state.running);
      who = element("p", "who running", this.task(state.running, raw ? ` › ${short(raw)}` : ""), ` ${w.runsNow}`);
    } else if (!e || e.kind === "switch") {
      who = element("p", "who", w.hostHas);
    } else if (e.kind === "poll" && e.deadline !== e.at) {
      who = element("p", "who", w.asleep(e.deadline === never ? w.forEver : w.until(limit(e.deadline))));
    } else {
      who = element("p", "who", state.queue.length ? w.picks : w.idle);
    }
    const title = element("p", "faint", state.queue.length ? w.queue(state.queue.length) : w.emptyQueue);
    const queue = element("ol", "queue", ...this.some(state.queue, id => element("li", "", this.task(id))));
    byId("cpu").replaceChildren(who, title, queue);
  }

  showWaits(state) {
    const w = this.words, groups = new Map();
    for (const [id, wait] of state.parked) {
      const key = keyOf(wait);
      if (!groups.has(key)) groups.set(key, {key, wait, tasks: []});
      const group = groups.get(key);
      group.wait = wait; // the latest knows best who holds it
      group.tasks.push([id, wait]);
    }
    // In the same order at each step; those who sleep last, as nobody else has to do with it.
    const sleeps = ({wait}) => Number(wait.text === "sleep"), number = ({key}) => this.found.things.get(key);
    const sorted = [...groups.values()].sort((a, b) => sleeps(a) - sleeps(b) || number(a) - number(b));
    const list = this.some(sorted, g => this.group(g));
    byId("waits").replaceChildren(...list.length ? list : [element("p", "faint", w.none)]);
  }

  group({wait, tasks}) {
    const w = this.words;
    const head = element("p", "thing", element("i", `swatch wait-${colourOf(wait, this.found.things)}`), short(wait.text));
    if (tasks.length > 1) head.append(element("span", "faint", ` × ${tasks.length}`));
    if (this.holders(wait)) head.append(element("span", "faint", ` · ${w.held(this.holders(wait))}`));
    const list = this.some(tasks, ([id, one]) => {
      const since = one.earlier ? w.sinceEver : this.now > one.since ? w.since(formatTime(this.now - one.since)) : "";
      const until = one.deadline === never ? "" : w.until(limit(one.deadline));
      return element("li", "", this.task(id), element("span", "faint", ` ${[since, until].filter(Boolean).join(w.comma)}`));
    }, shownOfGroup);
    return element("div", "group", head, element("ul", "", ...list));
  }

  showTimers(state) {
    const w = this.words, all = [];
    for (const [id, {deadline}] of state.parked) if (deadline !== never) all.push([deadline, id, w.wakesUp]);
    for (const [id, at] of state.delayed) all.push([at, id, w.starts]);
    for (const [n, at] of state.timers) all.push([at, w.timer(n), ""]);
    all.sort((a, b) => a[0] - b[0]);
    const rows = this.some(all, ([at, who, what]) => {
      const when = at > this.now ? w.due(formatTime(at - this.now)) : w.now;
      return element("li", "", element("b", "", formatTime(at)), element("span", "faint", ` ${when} `),
        typeof who === "number" ? this.task(who) : who,
        element("span", "faint", ` ${what}`));
    });
    byId("timers").replaceChildren(all.length ? element("ul", "", ...rows) : element("p", "faint", w.noTimers));
  }
}

const lastName = name => name.slice(name.lastIndexOf("/") + 1);
