// The page: what is typed goes through the model, and everything computed on the way is drawn.
// Text only ever enters the document as text nodes.
"use strict";

let data = JSON.parse(document.getElementById("data").textContent); // null within the playground, which sends it
let model = null;
let links = null;
const ROUNDING = 2 ** 22; // larger numbers than this are the constants that round to whole numbers
const FOLD = 3; // more columns of one s-op than this are folded into one row

const state = { trace: null, shown: [], pinned: null, unfolded: new Set(), source: 0, opened: new Set(), calls: new Set() };
let registered = []; // {element, keys}: what lights up when a key is part of the selection
let matrices = []; // {matrix, key}: attention matrices, to outline a row in
let keepers = []; // all matrices in which a cell can be kept

function el(tag, options = {}, ...children) {
  const { text, className, ...attributes } = options;
  const element = document.createElement(tag);
  if (className) element.className = className;
  if (text !== undefined) element.textContent = text;
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

function drawStrip() {
  const table = el("table", {}, headRow(false), el("tbody", {}, answerRow()));
  table.tBodies[0].id = "answers";
  table.addEventListener("keydown", moveInTable);
  document.getElementById("strip").replaceChildren(table);
}

const LETTER = 0.512; // rem: how wide a letter of a row's name is

/** The names of rows as wide as the longest, within bounds, in rem; beyond `most` only as far as they fit `room`. */
function labelWidth(most, room = most) {
  const names = [...document.querySelectorAll("#stages th.row .name")];
  const wide = (name) => LETTER * name.textContent.length + (name.previousElementSibling ? 2.6 : name.classList.contains("inner") ? 2.2 : 0.9);
  const widths = names.map(wide);
  return Math.max(5.2, Math.min(most, Math.max(...widths)), ...widths.filter((width) => width <= room));
}

/** How wide layers, the last card and all of them are at least where they stand side by side, in pixels. */
function sideBySide(mostLabel, rem) {
  const cell = 1.1 * rem + 2;
  const label = labelWidth(mostLabel);
  const least = label * rem + state.trace.T * cell + 2.8 * rem;
  const last = Math.max(12 * rem, 7.3 * rem + (state.trace.T - 1) * cell);
  return { label, least, last, all: (1 + model.layers.length) * (least + 1.2 * rem) + last + 1.5 * rem };
}

/** How wide names may be at most, in rem, so that cells of the least width fit; and so that usual ones do. */
function roomForLabels(rem, narrow) {
  const left = (cell) => (document.getElementById("stages").clientWidth - 4.5 * rem - state.trace.T * (cell * rem + 2)) / rem;
  return [Math.max(5.2, Math.min(narrow ? 8.5 : 12.5, left(1.1))), Math.min(20, left(2.75))];
}

/** Cells as wide as the window allows, wide enough for what stands in them if it can be. Layers stand side by
 *  side where there is room for narrow cells at least, so that no table is cut. */
function fitCells() {
  const page = document.documentElement;
  const rem = parseFloat(getComputedStyle(page).fontSize);
  const narrow = window.matchMedia("(max-width: 40rem)").matches;
  const there = window.innerWidth - 24 * rem;
  const [roomy, close] = [9.5, 7.5].map((most) => sideBySide(most, rem));
  const beside = roomy.all <= there ? roomy : close;
  const wide = window.innerWidth >= 100 * rem && !page.classList.contains("within") && beside.all <= there;
  page.classList.toggle("wide", wide);
  page.classList.toggle("docked", page.classList.contains("within") || window.matchMedia("(max-width: 60rem)").matches);
  page.style.setProperty("--least", `${beside.least}px`);
  page.style.setProperty("--last", `${beside.last}px`);
  const cards = [...document.querySelectorAll("#stages .stage")]; // where layers stand side by side, narrower than all stages
  const inCard = (card) => (card.clientWidth - state.trace.T * (2.75 * rem + 2)) / rem - 2.5;
  const besideCells = Math.min(...cards.slice(0, -1).map(inCard));
  const label = wide ? labelWidth(beside.label, besideCells) : labelWidth(...roomForLabels(rem, narrow));
  const fitting = (card, names, cells) => ((card ?? document.getElementById("stages")).clientWidth - (names + 2.5) * rem) / cells - 2;
  const last = wide ? fitting(cards[cards.length - 1], 4.5, state.trace.T - 1) : Infinity;
  const room = Math.min(fitting(cards[0], label, state.trace.T), last);
  const longest = Math.max(3, ...positionLabels().map((each) => each.length), ...state.trace.answers.map((each) => each.text.length));
  const width = Math.max(1.1 * rem, Math.min(Math.max(2.75, 0.6 * longest) * rem, room, 6 * rem));
  page.style.setProperty("--label", `${label}rem`);
  page.style.setProperty("--col", `${width}px`);
  page.style.setProperty("--text", width < 1.4 * rem ? "0.6rem" : width < 2.2 * rem ? "0.72rem" : "0.85rem");
  page.classList.toggle("tight", width < 1.4 * rem);
}

/** Matrices that are wider than their card get narrower cells, if they can. All are measured before one is drawn. */
function fitMatrices() {
  for (const matrix of keepers) if (matrix.across !== matrix.size) matrix.fit(matrix.size);
  const narrower = keepers.map((matrix) => [matrix, matrix.fitting()]).filter(([matrix, across]) => across < matrix.across);
  for (const [matrix, across] of narrower) matrix.fit(across);
}

function drawAll() {
  registered = [];
  matrices = [];
  keepers = [];
  fitCells();
  drawSource();
  drawStrip();
  drawStages();
  fitCells();
  fitMatrices();
  show(state.pinned);
}

function update() {
  const field = document.getElementById("input");
  let problem = "";
  try {
    state.trace = model.run(model.encode(field.value));
    state.pinned = null;
    drawAll();
    keepStep();
    beginRun();
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    problem = error.message;
  }
  document.getElementById("error").textContent = problem;
  field.setAttribute("aria-invalid", String(Boolean(problem)));
  document.getElementById("strip").classList.toggle("stale", Boolean(problem));
  document.getElementById("stages").classList.toggle("stale", Boolean(problem));
}

function drawHeading() {
  const { size } = data;
  document.getElementById("title").textContent = data.title;
  document.getElementById("size").textContent = [
    counted(size.layers, "layer"), counted(model.layers.reduce((n, layer) => n + layer.heads, 0), "head"),
    counted(size.d_model, "column"), counted(model.layers.reduce((n, layer) => n + layer.neurons, 0), "neuron"),
    counted(size.parameters, "parameter"), data.causal ? "causal" : null, data.certified ? "certified exact" : null,
  ].filter(Boolean).join(" · ");
  const plain = data.vocab.every((atom) => typeof atom === "string" && Array.from(atom).length === 1);
  const shown = data.vocab.slice(0, 16).map(plain ? atomText : atomSource).join(" ");
  document.getElementById("hint").textContent = `${plain ? "Text or a JSON list" : "A JSON list"}, up to ${data.max_length} of: ${shown}${data.vocab.length > 16 ? " …" : ""}`;
}

const THEMES = ["auto", "light", "dark"];

function nextTheme() {
  const now = document.documentElement.dataset.theme || "auto";
  setTheme(THEMES[(THEMES.indexOf(now) + 1) % THEMES.length]);
}

function setTheme(theme) {
  if (theme === "auto") delete document.documentElement.dataset.theme; else document.documentElement.dataset.theme = theme;
  document.getElementById("theme-name").textContent = theme;
  repaint();
}

function repaint() {
  forgetColours();
  if (state.trace) drawAll();
}

// The cards stand below the header however tall it is: an error makes it grow, and its end shrink.
new ResizeObserver(([{ target }]) => document.documentElement.style.setProperty("--header", `${target.offsetHeight}px`))
  .observe(document.querySelector("header"));
document.getElementById("input").addEventListener("input", update);
document.getElementById("theme").addEventListener("click", nextTheme);
document.addEventListener("click", () => { if (state.pinned) pin(null); });
document.addEventListener("click", keepInSight, true);
document.addEventListener("keydown", (event) => { if (event.key === "Escape") pin(null); });
window.addEventListener("resize", () => { if (state.trace) { fitCells(); fitMatrices(); } });
window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", repaint);

function load(given) {
  data = given;
  model = new Transformer(data);
  links = new Links(model);
  state.source = Math.min(state.source, Math.max(data.sources.length - 1, 0));
  stopSteps();
  walk.position = null;
  drawHeading();
  document.getElementById("input").value = data.input;
  update();
}

prepareArrows();
if (data) {
  load(data);
  const code = document.querySelector("#source .mark"); // below the comments that a program begins with
  if (code) code.closest(".card").scrollTop = code.offsetTop - code.closest(".card").offsetTop - 3 * code.offsetHeight;
} else {
  within();
}

/** Within the playground: models come from the page around this one, which has the input and the program. */
function within() {
  document.documentElement.classList.add("within");
  window.addEventListener("message", (event) => {
    if (event.source !== window.parent) return;
    if (event.data.kind === "model") { load(event.data.data); window.parent.postMessage({ kind: "drawn" }, "*"); }
    if (event.data.kind === "at" && data) { pauseRun(); goTo(event.data.at); }
    if (event.data.kind === "theme") setTheme(event.data.theme);
    if (event.data.kind === "line" && data) showLine(event.data.line);
  });
  window.parent.postMessage({ kind: "ready" }, "*");
}

/** What a line of the program is computed in. */
function showLine(line) {
  const { text, marks } = data.sources[0];
  const characters = Array.from(text);
  const lineOf = (at) => characters.slice(0, at).filter((c) => c === "\n").length + 1;
  const columns = [...new Set(marks.filter((mark) => lineOf(mark.start) === line).flatMap((mark) => mark.columns))];
  if (columns.length) pin({ kind: "columns", columns }); else pin(null);
}
