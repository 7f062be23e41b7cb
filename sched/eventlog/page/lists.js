// Two panels more: the program's lines, and the list of all events, of which only what can be seen is in the document.

const rowSize = 22; // pixels, as in page.css

// The line that belongs to a step, and what it is to it.
Panels.prototype.lineOf = function (step) {
  const e = this.recording.events[step - 1];
  const {lines} = this.recording, {commentOf, commentOfPlace, calls} = this.words;
  if (e?.line) return [lines[e.line], commentOf[e.kind]];
  if (this.found.places.get(step)) return [lines[this.found.places.get(step)], commentOfPlace[e.kind]];
  if (e?.calls) return [lines[e.calls], calls];
  return [this.recording.lines[this.recording.tasks.get(e?.task)?.line ?? 0], this.words.origin];
};

Panels.prototype.showCode = function (state) {
  const [line, comment] = this.lineOf(state.step);
  const box = byId("code");
  if (!line.file) {
    box.replaceChildren(element("p", "faint", this.words.noCode));
    return;
  }
  const place = element("p", "place", element("b", "", `${lastName(line.file)}:${line.line}`), ` ${comment}`,
    element("span", "faint", ` · ${lastName(line.function)}`));
  place.title = `${line.file}:${line.line}`;
  const code = this.recording.code[line.file];
  if (!code) {
    box.replaceChildren(place, element("p", "faint", this.words.noText));
    return;
  }
  const numbers = Array.from({length: 10}, (_, i) => line.line - 5 + i).filter(n => code[n] !== undefined);
  const indent = Math.min(...numbers.filter(n => code[n].trim()).map(n => /^\t*/.exec(code[n])[0].length));
  const text = element("pre", "", ...numbers.map(n => element("span", n === line.line ? "line present" : "line",
    element("span", "number", String(n)), code[n].slice(indent) || " ")));
  box.replaceChildren(place, text);
};

// follow has the list show a step.
Panels.prototype.follow = function (step) {
  const top = step * rowSize, height = this.list.clientHeight;
  if (top < this.list.scrollTop || top + rowSize > this.list.scrollTop + height) this.list.scrollTop = top - height / 2;
  this.showEvents();
};

Panels.prototype.showEvents = function () {
  const first = Math.max(Math.floor(this.list.scrollTop / rowSize) - 2, 0);
  const last = Math.min(first + Math.ceil(this.list.clientHeight / rowSize) + 4, this.recording.events.length);
  const rows = [];
  for (let step = first; step <= last; step++) {
    const e = this.recording.events[step - 1];
    const row = element("div", step === this.state.step ? "event present" : "event",
      element("span", "number", String(step)),
      element("span", "faint", formatTime(e ? e.at : 0)), this.describe(step)[0]);
    row.title = row.lastChild.textContent;
    row.dataset.step = step;
    row.dataset.kind = e?.kind ?? "";
    row.style.top = `${step * rowSize}px`;
    rows.push(row);
  }
  byId("events-rows").replaceChildren(...rows);
};
