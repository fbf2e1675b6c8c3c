// Matrices as heat maps on a canvas, crisp at every zoom, with a cell under the pointer or the arrow keys.
"use strict";

const colours = new Map();

/** A colour of the theme, by its name in the style sheet; kept until the theme changes. */
function colour(name) {
  if (!colours.has(name)) {
    colours.set(name, getComputedStyle(document.documentElement).getPropertyValue(name).trim());
  }
  return colours.get(name);
}

function forgetColours() {
  colours.clear();
}

function rgb(hex) {
  return [1, 3, 5].map((i) => parseInt(hex.slice(i, i + 2), 16));
}

function mix(low, high, share) {
  const [a, b] = [rgb(low), rgb(high)];
  return `rgb(${a.map((x, i) => Math.round(x + (b[i] - x) * share)).join(",")})`;
}

/** Attention: from the cell's ground to the heat colour. */
function heat(share) {
  return mix(colour("--cell"), colour("--heat"), share);
}

/** Weights: blue above zero, orange below, on a logarithmic scale. */
function diverging(value, largest) {
  const share = largest ? Math.log1p(Math.abs(value)) / Math.log1p(largest) : 0;
  return mix(colour("--cell"), colour(value < 0 ? "--negative" : "--positive"), value ? 0.2 + 0.8 * share : 0);
}

class Matrix {
  /** options: rows and columns (labels), size (of a cell), colour(row, column), text(row, column) or null,
   *  name (for screen readers), onCell(row, column), onLeave(), onPick(row, column), told(row, column) */
  constructor(options) {
    Object.assign(this, { longest: 18, text: () => null, onPick() {}, onLeave() {} }, options);
    this.canvas = document.createElement("canvas");
    this.canvas.tabIndex = 0;
    this.canvas.setAttribute("role", "img");
    this.canvas.setAttribute("aria-label", options.name);
    this.cursor = null;
    this.kept = null;
    this.marked = { row: null, role: null };
    this.across = this.size; // a cell's width
    const leave = () => { this.cursor = null; this.onLeave(); this.draw(); };
    this.canvas.addEventListener("pointermove", (event) => this.point(event));
    this.canvas.addEventListener("pointerleave", leave);
    this.canvas.addEventListener("blur", leave);
    this.canvas.addEventListener("click", (event) => { // a tap comes without any movement before it
      event.stopPropagation(); // or the page would let go of what is kept
      this.point(event);
      this.pick();
    });
    this.canvas.addEventListener("keydown", (event) => this.key(event));
    this.draw();
  }

  /** How wide cells can be in the figure around, which is as wide as its card at most. */
  fitting() {
    const around = this.canvas.parentElement;
    const edges = 2 * parseFloat(getComputedStyle(around).paddingLeft);
    return Math.max(3, Math.min(this.size, Math.floor((around.clientWidth - edges - this.left - 2) / this.columns.length)));
  }

  fit(across) {
    this.across = across;
    this.draw();
  }

  shorten(label) {
    const letters = Array.from(label);
    return letters.length > this.longest ? `${letters.slice(0, this.longest - 1).join("")}…` : label;
  }

  measure(context) {
    context.font = `${this.font}px ui-monospace, "DejaVu Sans Mono", monospace`;
    const widest = (labels) => Math.max(0, ...labels.map((label) => context.measureText(this.shorten(label)).width));
    this.left = Math.ceil(widest(this.rows)) + 8;
    this.upright = widest(this.columns) <= this.across - 2;
    this.top = this.upright ? this.font + 8 : Math.ceil(widest(this.columns)) + 8;
  }

  draw() {
    const context = this.canvas.getContext("2d");
    const ratio = window.devicePixelRatio || 1;
    this.font = Math.max(8, Math.min(14, this.size - 2));
    this.measure(context);
    const width = this.left + this.across * this.columns.length + 2;
    const height = this.top + this.size * this.rows.length + 2;
    this.canvas.width = width * ratio;
    this.canvas.height = height * ratio;
    this.canvas.style.width = `${width}px`;
    this.canvas.style.height = `${height}px`;
    context.scale(ratio, ratio);
    context.font = `${this.font}px ui-monospace, "DejaVu Sans Mono", monospace`;
    context.textBaseline = "middle";
    this.drawLabels(context);
    this.drawCells(context);
    if (this.marked.row !== null) this.frame(context, this.marked.row, 0, this.columns.length, this.marked.role);
    for (const cell of [this.kept, this.cursor]) if (cell) this.frame(context, cell[0], cell[1], 1, "self");
  }

  drawLabels(context) {
    const ink = (active) => { context.fillStyle = colour(active ? "--ink" : "--quiet"); };
    context.textAlign = "right";
    this.rows.forEach((label, r) => {
      ink(this.cursor?.[0] === r || this.marked.row === r);
      context.fillText(this.shorten(label), this.left - 5, this.top + (r + 0.5) * this.size);
    });
    this.columns.forEach((label, c) => {
      ink(this.cursor?.[1] === c);
      context.save();
      context.translate(this.left + (c + 0.5) * this.across, this.top - 5);
      if (!this.upright) context.rotate(-Math.PI / 2);
      context.textAlign = this.upright ? "center" : "left";
      context.fillText(this.shorten(label), 0, this.upright ? -this.font / 2 : 0);
      context.restore();
    });
  }

  drawCells(context) {
    const gap = this.across > 8 ? 1 : 0;
    context.textAlign = "center";
    this.rows.forEach((_, r) => this.columns.forEach((__, c) => {
      const [x, y] = [this.left + c * this.across, this.top + r * this.size];
      const { fill, dark } = this.colour(r, c);
      context.fillStyle = fill;
      context.fillRect(x, y, this.across - gap, this.size - gap);
      const text = this.across < this.size - 6 ? null : this.text(r, c);
      if (!text) return;
      context.fillStyle = colour(dark ? "--card" : "--ink");
      context.fillText(text, x + this.across / 2, y + this.size / 2);
    }));
  }

  frame(context, row, column, count, role) {
    context.strokeStyle = colour(`--${role}`);
    context.lineWidth = 2.5;
    context.strokeRect(this.left + column * this.across - 1, this.top + row * this.size - 1, count * this.across + 1, this.size + 1);
  }

  mark(row, role) {
    if (this.marked.row === row && this.marked.role === role) return;
    this.marked = { row, role };
    this.draw();
  }

  point(event) {
    const c = Math.floor((event.offsetX - this.left) / this.across);
    const r = Math.floor((event.offsetY - this.top) / this.size);
    if (r >= 0 && r < this.rows.length && c < this.columns.length) this.move(r, Math.max(c, 0));
  }

  key(event) {
    const step = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }[event.key];
    if (event.key === "Enter") this.pick();
    if (!step) return;
    event.preventDefault();
    const within = (x, count) => Math.min(Math.max(x, 0), count - 1);
    const [r, c] = this.cursor || [0, -1 + (step[1] < 0)];
    this.move(within(r + step[0], this.rows.length), within(c + step[1], this.columns.length));
  }

  /** Keep the cell under the pointer or the keys: its frame stays until `keep` is called anew. */
  pick() {
    if (!this.cursor) return;
    this.onPick(...this.cursor);
    this.keep(this.cursor);
  }

  keep(cell) {
    this.kept = cell;
    this.draw();
  }

  move(r, c) {
    if (this.cursor && this.cursor[0] === r && this.cursor[1] === c) return;
    this.cursor = [r, c];
    this.onCell(r, c);
    this.draw();
  }
}
