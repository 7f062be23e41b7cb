// The timeline: it draws what can be seen of the rows, and turns clicks, drags and the wheel into steps and views.

const axisHeight = 20, scrollbar = 6;

class Timeline {
  constructor(canvas, tip, recording, found, text, onGo) {
    Object.assign(this, {canvas, tip, recording, found, text, onGo});
    this.ink = canvas.getContext("2d");
    this.rows = withInner(found.tasks);
    this.step = 0;
    this.byTime = false;
    this.thinnest = 5;
    this.top = 0; // pixels that the rows are scrolled up
    this.drawn = 0; // shapes, ever: what tests count
    const events = recording.events;
    this.times = [events[0]?.at ?? 0, ...events.map(e => e.at), recording.end]; // of each step, and the end
    this.fit();
    new ResizeObserver(() => this.resize()).observe(canvas.parentElement);
    this.listen();
    this.resize();
  }

  // The horizontal axis is in steps or in nanoseconds; the view is a part of it.
  at(step) { return this.byTime ? this.times[step] : step; }
  get begin() { return this.at(0); }
  get end() { return Math.max(this.at(this.times.length - 1), this.begin + 1); }
  x(position) { return this.gutter + (position - this.from) / (this.to - this.from) * this.width; }
  position(x) { return this.from + (x - this.gutter) / this.width * (this.to - this.from); }

  stepAt(x) {
    const p = this.position(x);
    const step = this.byTime ? firstAfter(this.times, t => t > p) - 1 : Math.floor(p);
    return Math.min(Math.max(step, 0), this.times.length - 2);
  }

  fit() { this.look(this.begin, this.end); }

  // look sets the view, within the recording, and not closer than a few steps or nanoseconds.
  look(from, to) {
    const span = Math.min(Math.max(to - from, 4), this.end - this.begin);
    this.from = Math.min(Math.max(from, this.begin), this.end - span);
    this.to = this.from + span;
  }

  zoom(factor, position = (this.from + this.to) / 2) {
    this.look(position - (position - this.from) * factor, position + (this.to - position) * factor);
    this.draw();
  }

  pan(pixels) {
    const by = pixels / this.width * (this.to - this.from);
    this.look(this.from + by, this.to + by);
    this.draw();
  }

  scroll(pixels) {
    this.top = Math.min(Math.max(this.top + pixels, 0), Math.max(0, this.rows.length * this.rowHeight - this.bodyHeight));
    this.draw();
  }

  setScale(byTime) {
    this.byTime = byTime;
    this.fit();
    this.go(this.step);
  }

  // setRows shows these rows, thin ones if there are many, unless they are to be readable.
  setRows(rows, readable) {
    this.rows = rows;
    this.thinnest = readable ? 16 : 5;
    this.top = 0;
    this.resize();
  }

  resize() {
    const {clientWidth, clientHeight} = this.canvas.parentElement;
    const density = devicePixelRatio || 1;
    this.canvas.width = clientWidth * density;
    this.canvas.height = clientHeight * density;
    this.ink.setTransform(density, 0, 0, density, 0, 0);
    this.fullWidth = clientWidth;
    this.height = clientHeight;
    this.gutter = Math.min(150, Math.round(clientWidth * 0.25));
    this.width = Math.max(clientWidth - this.gutter - scrollbar, 1);
    this.loopHeight = 18;
    this.body = axisHeight + this.loopHeight + 4; // where the rows begin
    this.bodyHeight = Math.max(clientHeight - this.body, 1);
    this.rowHeight = Math.min(Math.max(Math.floor(this.bodyHeight / Math.max(this.rows.length, 1)), this.thinnest), 36);
    this.index = new Map(this.rows.map((row, i) => [row.key, i]));
    this.scroll(0);
  }

  // go moves the cursor, and the view only if it would not be seen.
  go(step) {
    this.step = step;
    const here = this.at(step), span = this.to - this.from;
    if (here < this.from) this.look(here - span * 0.1, here + span * 0.9);
    if (here > this.to - span * 0.02 && this.to < this.end) this.look(here - span * 0.5, here + span * 0.5);
    const e = this.recording.events[step - 1];
    const row = this.index.get(e?.kind === "pass" ? keyInside(e.task, e.to) : e?.task);
    if (row !== undefined && !this.dragging) {
      const y = row * this.rowHeight;
      if (y < this.top || y + this.rowHeight > this.top + this.bodyHeight) this.scroll(y - this.top - this.bodyHeight / 2);
    }
    this.draw();
  }

  // reveal marks a task's row, and brings it into view.
  reveal(task) {
    this.hovered = task;
    if (this.index.has(task)) this.scroll(this.rowY(task) - this.body - this.bodyHeight / 2);
    this.draw();
  }

  // draw asks for a drawing before the next frame.
  draw() {
    this.asked ??= requestAnimationFrame(() => {
      this.asked = undefined;
      drawTimeline(this);
    });
  }

  rowY(key) {
    if (key === 0) return axisHeight + this.loopHeight / 2;
    const i = this.index.get(key);
    return i === undefined ? undefined : this.body + (i + 0.5) * this.rowHeight - this.top;
  }

  rowAt(y) {
    if (y >= axisHeight && y < this.body) return this.found.loop;
    return y < this.body ? undefined : this.rows[Math.floor((y - this.body + this.top) / this.rowHeight)];
  }

  listen() {
    const canvas = this.canvas;
    let panning;
    canvas.addEventListener("pointerdown", e => {
      if (e.button !== 0) return;
      canvas.setPointerCapture(e.pointerId);
      if (e.offsetY < axisHeight) {
        panning = e.offsetX;
      } else {
        this.dragging = true;
        this.onGo(this.stepAt(e.offsetX));
      }
    });
    canvas.addEventListener("pointermove", e => {
      if (panning !== undefined) {
        this.pan(panning - e.offsetX);
        panning = e.offsetX;
      } else if (this.dragging) {
        this.onGo(this.stepAt(e.offsetX));
      }
      this.hover(e.offsetX, e.offsetY);
    });
    for (const end of ["pointerup", "pointercancel"]) {
      canvas.addEventListener(end, () => {
        panning = undefined;
        this.dragging = false;
      });
    }
    canvas.addEventListener("pointerleave", () => {
      this.tip.hidden = true;
      this.hovered = undefined;
      this.draw();
    });
    canvas.addEventListener("wheel", e => {
      const sideways = e.shiftKey || Math.abs(e.deltaX) > Math.abs(e.deltaY);
      if (e.ctrlKey || e.metaKey) this.zoom(Math.exp(e.deltaY / 300), this.position(e.offsetX));
      else if (sideways) this.pan(e.deltaX || e.deltaY);
      else if (this.rows.length * this.rowHeight > this.bodyHeight) this.scroll(e.deltaY);
      else return;
      e.preventDefault();
    }, {passive: false});
  }

  // hover shows what is under the pointer.
  hover(x, y) {
    const row = this.rowAt(y);
    this.hovered = row?.key;
    this.draw();
    this.tip.hidden = !row;
    if (!row) return;
    const step = this.stepAt(x);
    const span = x < this.gutter ? undefined : row.spans[firstAfter(row.spans, s => s.from > step) - 1];
    const marks = row.marks.filter(m => m === step).map(m => this.recording.events[m - 1].text);
    this.tip.textContent = [this.text.name(row), span && span.to > step && this.text.span(span), ...marks]
      .filter(Boolean).join("\n");
    this.tip.style.left = `${Math.min(x + 12, Math.max(0, this.fullWidth - this.tip.offsetWidth - 4))}px`;
    const below = y + 18, above = Math.max(0, y - this.tip.offsetHeight - 8);
    this.tip.style.top = `${below + this.tip.offsetHeight > this.height ? above : below}px`;
  }
}
