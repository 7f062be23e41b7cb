// How the timeline looks. Only what can be seen is drawn: of many spans in one pixel the most important.

const importance = ["loop", "host", "delayed", "waiting", "ready", "poll", "control", "running"];

// readColours takes the colours of the timeline from the style of the page, which knows of light and dark.
function readColours(element) {
  const style = getComputedStyle(element);
  const of = name => style.getPropertyValue(`--${name}`).trim();
  return {
    paper: of("panel"), text: of("text"), faint: of("faint"), line: of("line"),
    running: of("running"), onRunning: of("on-running"),
    ready: of("ready"), cursor: of("cursor"), wake: of("wake"), mark: of("note"), loop: of("loop"),
    waits: Array.from({length: 8}, (_, i) => of(`wait-${i}`)),
  };
}

function drawTimeline(t) {
  t.colours ??= readColours(t.canvas);
  const {ink, colours} = t;
  ink.clearRect(0, 0, t.fullWidth, t.height);
  ink.font = "12px system-ui, sans-serif";
  ink.textBaseline = "middle";
  drawAxis(t);
  drawColumn(t);
  drawRow(t, t.found.loop, axisHeight, t.loopHeight, t.text.loop);
  ink.strokeStyle = colours.line;
  ink.strokeRect(-1, axisHeight + 0.5, t.fullWidth + 2, t.loopHeight + 2);

  ink.save();
  clip(ink, 0, t.body, t.fullWidth, t.bodyHeight);
  const first = Math.floor(t.top / t.rowHeight);
  const subject = t.recording.events[t.step - 1]?.task;
  for (let i = first; i < t.rows.length && (i - first - 1) * t.rowHeight < t.bodyHeight; i++) {
    const row = t.rows[i], y = t.body + i * t.rowHeight - t.top;
    const named = t.rowHeight >= 11 || row.key === t.hovered || row.task === subject;
    if (row.key === t.hovered) {
      ink.fillStyle = colours.line;
      ink.fillRect(0, y, t.fullWidth, t.rowHeight);
    }
    drawRow(t, row, y, t.rowHeight, "");
    if (named) drawName(t, row, y + t.rowHeight / 2);
  }
  if (t.rows.length === 0 && t.recording.tasks.size > 0) {
    ink.fillStyle = colours.faint;
    ink.fillText(t.text.noMatch, 8, t.body + 16);
  }
  ink.restore();
  drawScrollbar(t);
  drawArrow(t);
  drawCursor(t);
}

function clip(ink, x, y, width, height) {
  ink.beginPath();
  ink.rect(x, y, width, height);
  ink.clip();
}

function drawName(t, row, y) {
  const {ink, colours} = t;
  const indent = 8 + Math.min((row.depth ?? 0) * 10, t.gutter / 2);
  ink.save();
  clip(ink, 0, y - 10, t.gutter - 4, 20);
  if (t.rowHeight < 11) { // over its neighbours
    ink.fillStyle = colours.paper;
    ink.fillRect(0, y - 8, t.gutter - 4, 16);
  }
  const what = row.spans[firstAfter(row.spans, s => s.to > t.step)];
  const now = what && what.from <= t.step ? what.what : "none";
  ink.fillStyle = {running: colours.running, control: colours.running, ready: colours.text}[now] ?? colours.faint;
  if (now === "running" || now === "control") ink.font = "bold 12px system-ui, sans-serif";
  ink.fillText(row.raw ? `› ${row.raw}` : t.text.name(row), indent, y);
  ink.restore();
}

function drawRow(t, row, y, height, name) {
  const {ink, colours} = t;
  if (name) {
    ink.fillStyle = colours.faint;
    ink.fillText(name, 8, y + height / 2);
  }
  ink.save();
  clip(ink, t.gutter, y, t.width, height);
  const begin = t.stepAt(t.gutter), end = t.stepAt(t.gutter + t.width);
  let pixel, best; // spans that are less than a pixel wide, together
  const flush = () => {
    if (best) drawSpan(t, best, pixel, 1, y, height);
    best = undefined;
  };
  for (let i = firstAfter(row.spans, s => s.to > begin); i < row.spans.length && row.spans[i].from <= end; i++) {
    const span = row.spans[i];
    const x = t.x(t.at(span.from)), width = t.x(t.at(Math.min(span.to, t.times.length - 1))) - x;
    if (width >= 1) {
      drawSpan(t, span, x, width, y, height);
      continue;
    }
    if (Math.floor(x) !== pixel) flush();
    pixel = Math.floor(x);
    if (!best || importance.indexOf(span.what) > importance.indexOf(best.what)) best = span;
  }
  flush();
  drawMarks(t, row, begin, end, y, height);
  ink.restore();
}

function drawSpan(t, span, x, width, y, height) {
  const {ink, colours} = t;
  const gap = height >= 14 ? 3 : height >= 8 ? 1 : 0.5;
  const top = y + gap, tall = height - 2 * gap;
  t.drawn++;
  switch (span.what) {
    case "running":
      ink.fillStyle = colours.running;
      ink.fillRect(x, top, width, tall);
      break;
    case "ready":
      ink.fillStyle = colours.ready;
      ink.fillRect(x, top + tall / 4, width, tall / 2);
      break;
    case "control":
      ink.fillStyle = colours.running;
      ink.fillRect(x, top + tall / 4, width, tall / 2);
      break;
    case "loop": case "host":
      ink.fillStyle = colours.loop;
      ink.fillRect(x, top + tall / 2 - 1, width, 2);
      break;
    case "poll":
      ink.fillStyle = colours.loop;
      ink.fillRect(x, top, width, tall);
      label(t, t.text.poll(span.wait.deadline), x, width, top, tall, colours.onRunning);
      break;
    default:
      box(t, span, x, width, top, tall);
  }
}

// box is a span of a task that waits, or starts later.
function box(t, span, x, width, top, tall) {
  const {ink, colours} = t;
  const colour = span.wait ? colours.waits[span.wait.colour] : colours.loop;
  ink.fillStyle = colour;
  ink.globalAlpha = tall < 7 ? 0.28 : 0.12;
  ink.fillRect(x, top, width, tall);
  ink.globalAlpha = 1;
  if (width > 3 && tall >= 7) {
    ink.strokeStyle = colour;
    ink.strokeRect(x + 0.5, top + 0.5, width - 1, tall - 1);
  }
  label(t, span.wait?.text ?? t.text.later, x, width, top, tall, colours.text);
}

// label writes into a span what fits, where it can be seen.
function label(t, text, x, width, top, tall, colour) {
  const left = Math.max(x, t.gutter), right = Math.min(x + width, t.gutter + t.width);
  if (tall < 11 || right - left < 26) return;
  const {ink} = t;
  ink.save();
  clip(ink, left + 2, top, right - left - 4, tall);
  ink.font = "11px system-ui, sans-serif";
  ink.fillStyle = colour;
  ink.fillText(text.slice(0, Math.ceil(right - left)), left + 4, top + tall / 2 + 0.5);
  ink.restore();
}

// drawMarks shows notes as dots.
function drawMarks(t, row, begin, end, y, height) {
  const {ink, colours} = t;
  ink.fillStyle = colours.mark;
  let last = -Infinity;
  for (let i = firstAfter(row.marks, m => m >= begin); i < row.marks.length && row.marks[i] <= end; i++) {
    const x = t.x(t.at(row.marks[i])) + 3;
    if (x - last < 2) continue;
    last = x;
    t.drawn++;
    ink.beginPath();
    ink.arc(x, y + height / 2, Math.min(height / 4, 4), 0, 7);
    ink.fill();
  }
}

function drawAxis(t) {
  const {ink, colours} = t;
  const wanted = (t.to - t.from) / Math.max(t.width / 90, 1);
  const power = 10 ** Math.floor(Math.log10(wanted));
  const distance = Math.max([1, 2, 5, 10].find(n => n * power >= wanted) * power, 1);
  ink.fillStyle = colours.faint;
  for (let p = Math.ceil(t.from / distance) * distance; p <= t.to; p += distance) {
    const x = t.x(p);
    ink.fillRect(x, axisHeight - 4, 1, 4);
    ink.fillText(t.byTime ? formatTime(p) : String(p), x + 3, axisHeight / 2 - 1);
  }
}

function drawScrollbar(t) {
  const all = t.rows.length * t.rowHeight;
  if (all <= t.bodyHeight) return;
  t.ink.fillStyle = t.colours.faint;
  t.ink.fillRect(t.fullWidth - 4, t.body + t.top / all * t.bodyHeight, 3, Math.max(t.bodyHeight ** 2 / all, 12));
}

// drawArrow shows at the present step who woke whom, spawned whom, or passed control to whom.
function drawArrow(t) {
  const e = t.recording.events[t.step - 1];
  if (!e || !["ready", "spawn", "pass"].includes(e.kind)) return;
  const [from, to] = (e.kind === "pass" ? [keyInside(e.task, e.from), keyInside(e.task, e.to)] : [e.other, e.task])
    .map(key => t.rowY(key));
  if (from === undefined || to === undefined || from === to) return;
  const {ink} = t;
  const x = Math.round(t.x(t.at(t.step))) + 0.5, tip = Math.sign(to - from);
  ink.save();
  clip(ink, t.gutter - 8, axisHeight, t.width + 16, t.height);
  ink.strokeStyle = ink.fillStyle = t.colours.wake;
  ink.lineWidth = 2;
  ink.beginPath();
  ink.moveTo(x, from);
  ink.lineTo(x, to - tip * 6);
  ink.stroke();
  ink.beginPath();
  ink.arc(x, from, 3.5, 0, 7);
  ink.fill();
  ink.beginPath();
  ink.moveTo(x, to);
  ink.lineTo(x - 5, to - tip * 9);
  ink.lineTo(x + 5, to - tip * 9);
  ink.fill();
  ink.restore();
}

function columnOf(t) {
  const x = t.x(t.at(t.step));
  return {x, width: t.byTime ? 2 : Math.max(t.x(t.at(t.step) + 1) - x, 2)};
}

// drawColumn tints the present step, under the rows, and drawCursor frames it, over them.
function drawColumn(t) {
  const {x, width} = columnOf(t);
  if (x + width < t.gutter) return;
  t.ink.fillStyle = t.colours.cursor;
  t.ink.globalAlpha = 0.14;
  t.ink.fillRect(x, axisHeight, width, t.height);
  t.ink.globalAlpha = 1;
}

function drawCursor(t) {
  const {x, width} = columnOf(t);
  if (x + width < t.gutter) return;
  t.ink.fillStyle = t.colours.cursor;
  t.ink.fillRect(x, axisHeight - 6, width, 6);
  t.ink.fillRect(x, axisHeight, 1, t.height);
  if (width > 4) t.ink.fillRect(x + width - 1, axisHeight, 1, t.height);
}
