// The page: its controls, and the one function that goes to a step.

const lang = document.documentElement.lang;
const recording = readRecording(JSON.parse(byId("recording").textContent));
const found = findRows(recording);
const replay = new Replay(recording);

for (const e of document.querySelectorAll("[data-word]")) e.textContent = words[lang][e.dataset.word];
for (const e of document.querySelectorAll("[data-name]")) {
  e.ariaLabel = words[lang][e.dataset.name];
  if (e.tagName === "BUTTON") e.title = e.ariaLabel;
}
byId("filter").placeholder = words[lang].filter;

const panels = new Panels(recording, found, lang, (step, task) => task ? timeline.reveal(task) : go(step));
const timeline = new Timeline(byId("canvas"), byId("tip"), recording, found, {
  loop: words[lang].loop, later: words[lang].later, noMatch: words[lang].noMatch,
  name: row => panels.name(row.task) + (row.raw ? ` › ${row.raw}` : ""),
  poll: deadline => deadline === never ? words[lang].forEver : words[lang].until(formatTime(deadline)),
  span: s => spanText(s),
}, step => {
  pause();
  go(step);
});

// go goes to a step and shows it before the next frame.
function go(step) {
  step = Math.min(Math.max(Math.trunc(step) || 0, 0), replay.steps);
  replay.go(Math.max(step - 1, 0));
  const queueBefore = [...replay.state.queue];
  replay.go(step);
  shownQueue = queueBefore;
  asked ??= requestAnimationFrame(show);
}

let shownQueue = [], asked, linkTimer;

function show() {
  asked = undefined;
  const {state, steps} = replay;
  panels.show(state, shownQueue, replay.now);
  timeline.go(state.step);
  byId("slider").value = state.step;
  byId("position").textContent = words[lang].position(state.step, steps, formatTime(replay.now));
  for (const id of ["first", "previous", "previous-switch"]) byId(id).disabled = state.step === 0;
  for (const id of ["last", "next", "next-switch"]) byId(id).disabled = state.step === steps;
  linkTimer ??= setTimeout(() => { // browsers limit how often an address may change
    linkTimer = undefined;
    history.replaceState(null, "", `#step=${replay.state.step}`);
  }, 300);
}

function spanText(span) {
  const w = words[lang], at = recording.events;
  const time = step => formatTime(step > 0 ? at[Math.min(step, at.length) - 1]?.at ?? 0 : at[0]?.at ?? 0);
  const what = {
    running: w.runsNow, control: w.hasControl, ready: w.ready, delayed: w.later, loop: w.picks, host: w.hostHas,
    poll: w.polls,
  }[span.what];
  const wait = span.wait?.text && short(span.wait.text) + (span.wait.deadline === never ? "" :
    w.comma + w.until(formatTime(span.wait.deadline)));
  return `${wait || what}\n${span.from}–${span.to - 1} · ${time(span.from)} – ${time(span.to)}`;
}

// Playing.

let playing, owed = 0, before;

function play() {
  if (replay.state.step === replay.steps) go(0);
  before = performance.now();
  owed = 0;
  playing = requestAnimationFrame(frame);
  showPlaying();
}

function pause() {
  if (playing) cancelAnimationFrame(playing);
  playing = undefined;
  showPlaying();
}

function frame(now) {
  owed += Math.max(now - before, 0) / 1000 * Number(byId("speed").value);
  before = now;
  const steps = Math.floor(owed);
  owed -= steps;
  if (steps > 0) go(replay.state.step + steps);
  if (replay.state.step === replay.steps) pause();
  else playing = requestAnimationFrame(frame);
}

function showPlaying() {
  for (const id of ["now", "position"]) byId(id).ariaLive = playing ? "off" : "polite"; // nobody reads aloud that fast
  byId("play").textContent = playing ? `❚❚ ${words[lang].pauseShort}` : `▶\ufe0e ${words[lang].playShort}`;
}

// Rows.

function showRows() {
  const wanted = byId("filter").value.trim().toLowerCase();
  const all = byId("order").value === "tree" ? underParents(found.tasks, recording.tasks) : found.tasks;
  const names = row => [panels.name(row.task), ...row.inner.map(inner => inner.raw)];
  const shown = wanted ? all.filter(row => names(row).some(name => name.toLowerCase().includes(wanted))) : all;
  timeline.setRows(withInner(shown), wanted !== "");
}

function setScale(byTime) {
  byId("by-step").ariaPressed = String(!byTime);
  byId("by-time").ariaPressed = String(byTime);
  timeline.setScale(byTime);
}

// Controls. Whoever steps by hand does not want the play to go on.

const actions = {
  "first": () => go(0),
  "last": () => go(replay.steps),
  "previous": () => go(replay.state.step - 1),
  "next": () => go(replay.state.step + 1),
  "previous-switch": () => go(replay.switchAfter(replay.state.step, -1)),
  "next-switch": () => go(replay.switchAfter(replay.state.step, 1)),
};
for (const [id, action] of Object.entries(actions)) {
  byId(id).addEventListener("click", () => {
    pause();
    action();
  });
}
byId("play").addEventListener("click", () => playing ? pause() : play());
byId("slider").max = replay.steps;
byId("slider").addEventListener("input", e => {
  pause();
  go(Number(e.target.value));
});
byId("by-step").addEventListener("click", () => setScale(false));
byId("by-time").addEventListener("click", () => setScale(true));
byId("zoom-in").addEventListener("click", () => timeline.zoom(1 / 1.6, timeline.at(replay.state.step)));
byId("zoom-out").addEventListener("click", () => timeline.zoom(1.6, timeline.at(replay.state.step)));
byId("zoom-fit").addEventListener("click", () => {
  timeline.fit();
  timeline.draw();
});
byId("filter").addEventListener("input", showRows);
byId("order").addEventListener("change", showRows);

const keys = {
  "ArrowLeft": "previous", "ArrowRight": "next", "Shift+ArrowLeft": "previous-switch", "Shift+ArrowRight": "next-switch",
  "Home": "first", "End": "last", " ": "play",
};
addEventListener("keydown", e => {
  const id = keys[(e.shiftKey ? "Shift+" : "") + e.key];
  const typing = e.target.matches("input[type=search], select");
  if (!id || typing || e.ctrlKey || e.metaKey || e.altKey || e.key === " " && e.target.matches("button")) return;
  e.preventDefault();
  byId(id).click();
});

// Light and dark.

const root = document.documentElement, dark = matchMedia("(prefers-color-scheme: dark)");

function setTheme(theme) {
  root.dataset.theme = theme;
  timeline.colours = undefined;
  timeline.draw();
}

byId("theme").addEventListener("click", () => setTheme(root.dataset.theme === "dark" ? "light" : "dark"));
dark.addEventListener("change", () => setTheme(dark.matches ? "dark" : "light"));

// The deep link.

function stepOfLink() { return Number(/step=(\d+)/.exec(location.hash)?.[1] ?? 0); }
addEventListener("hashchange", () => go(stepOfLink()));

const span = formatTime(recording.end - (recording.events[0]?.at ?? 0));
byId("summary").textContent = words[lang].summary(recording.tasks.size, replay.steps, span) +
  (recording.lost ? words[lang].lost(recording.lost) : "");
const switchesByHand = found.tasks.some(row => row.inner.length > 0);
byId("legend-control").hidden = !switchesByHand;
if (switchesByHand) byId("legend-wakes").textContent = words[lang].wakesOrPasses;
showPlaying();
setTheme(root.dataset.theme || (dark.matches ? "dark" : "light"));
setScale(false);
go(stepOfLink());

// For tests, and for whoever embeds the page: go(n), and the present state as plain data.
window.replay = {
  steps: replay.steps,
  go,
  state: () => asJSON(replay.state, recording),
  work: () => ({applied: replay.applied, drawn: timeline.drawn}),
};
