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

// Values in words --------------------------------------------------------------------------------------

function tokenText(t) {
  return t === 0 ? "BOS" : atomText(data.vocab[state.trace.ids[t - 1] - 1]);
}

/** A token with its place, as sentences name it. */
function tokenPlace(t) {
  return t === 0 ? "BOS" : `${JSON.stringify(tokenText(t))} at position ${t - 1}`;
}

function decimal(x) {
  if (Number.isInteger(x)) return String(x);
  return Math.abs(x) < 1e-3 ? x.toExponential(0) : String(Number(x.toFixed(3)));
}

/** What a number in a column means; of parts of a read only their sum has a label. */
function valueText(column, x, isSum = false) {
  const { labels, scale, truth, part_of: read } = data.columns[column];
  if (truth && (x === 0 || x === 1)) return x ? "True" : "False";
  if (labels && !truth && (isSum || !read)) return atomText(labels[Math.min(Math.max(Math.round(x), 0), labels.length - 1)]);
  const [n, m] = ratio(scale).map(Number);
  return decimal((x * n) / m);
}

function residual(column, t, stage = data.columns[column].written) {
  return state.trace.residual[stage][t * model.d + column];
}

/** The vocabulary's tokens, or the positions, at which embedded columns hold the values that they hold here. */
function embeddedLabel(columns, t) {
  if (t === 0 || data.columns[columns[0]].written !== 0) return null;
  const ofToken = columns.some((c) => data.vocab.some((_, i) => model.tokenRows[(1 + i) * model.d + c] !== 0));
  const rows = ofToken ? model.tokenRows : model.positionRows;
  const labels = ofToken ? data.vocab.map(atomText) : Array.from({ length: data.max_length }, (_, i) => String(i));
  const same = labels.filter((_, i) => columns.every((c) => rows[(1 + i) * model.d + c] === residual(c, t)));
  return same.length && same.length <= 2 ? same.join("|") : null;
}

function stageName(stage) {
  if (stage === 0) return "Embedding";
  const layer = Math.ceil(stage / 2);
  return `Layer ${layer} · ${stage % 2 ? "attention" : "MLP"}`;
}

function listed(names, limit = 5) {
  const unique = [...new Set(names)];
  const shown = unique.slice(0, limit).join(", ");
  return unique.length > limit ? `${shown} and ${unique.length - limit} more` : shown || "nothing";
}

const counted = (count, name) => `${count.toLocaleString("en")} ${name}${count === 1 ? "" : "s"}`;

const bases = (columns) => [...columns].map((c) => data.columns[c].base);

// Selecting and highlighting ---------------------------------------------------------------------------

function register(element, keys) {
  registered.push({ element, keys });
  return element;
}

/** Makes an element show `selection` under the pointer, in focus, and for good when clicked. */
function selectable(element, selection, focusable = false) {
  if (focusable) element.tabIndex = 0;
  element.addEventListener("pointerenter", () => hover(selection));
  element.addEventListener("pointerleave", () => hover(null));
  element.addEventListener("focus", () => hover(selection));
  element.addEventListener("blur", () => hover(null));
  element.addEventListener("click", (event) => { event.stopPropagation(); pin(selection); });
  element.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && event.target === element) pin(selection);
  });
  return element;
}

function hover(selection) {
  if (!state.pinned) show(selection);
}

/** Keep a selection; if it is not a step of the step mode that does so, that one stops playing. */
function pin(selection, stepping = false) {
  if (!stepping) {
    stopSteps();
    if (selection?.position) walk.position = selection.position;
  }
  state.pinned = selection;
  for (const matrix of keepers) if (matrix.kept) matrix.keep(null);
  show(selection);
}

function linksOf(selection) {
  const { trace } = state;
  switch (selection.kind) {
    case "columns": return links.ofColumns(selection.columns, selection.position ?? null, trace);
    case "head": return links.ofHead(selection.layer, selection.head, selection.query ?? null, selection.key ?? null, trace);
    case "neuron": return links.ofNeuron(selection.layer, selection.neuron ?? null, selection.position ?? null);
    case "answer": return links.ofAnswer(selection.position);
    default: return links.ofToken(selection.position);
  }
}

/** Whether a key, or the column that it is part of or consists of, is in a set. */
function has(set, key) {
  if (set.has(key)) return true;
  const [kind, thing, position] = key.split(":");
  if ((kind === "c" && position !== undefined) && set.has(`c:${thing}`)) return true;
  return (kind === "t" || kind === "a") && set.has(kind);
}

function show(selection) {
  const found = selection && state.trace ? linksOf(selection) : null;
  const touched = found && Object.fromEntries(["self", "from", "to"].map((role) => {
    const rows = [...found[role]].filter((key) => key.startsWith("c:")).map((key) => `c:${key.split(":")[1]}`);
    return [role, new Set([...found[role], ...rows.map((row) => `row ${row}`)])];
  }));
  for (const { element, keys } of registered) {
    const role = touched && ["self", "to", "from"].find((each) => keys.some((key) => has(touched[each], key)));
    for (const each of ["self", "to", "from"]) element.classList.toggle(`is-${each}`, each === role);
  }
  for (const { matrix, key } of matrices) {
    const row = found?.rows.get(key);
    matrix.mark(row ?? null, "from");
  }
  describe(selection);
  askForArrows();
}

// The source -------------------------------------------------------------------------------------------

function drawSource() {
  const tabs = document.getElementById("tabs");
  tabs.replaceChildren(...data.sources.map((source, i) => {
    const tab = el("button", { text: source.title, type: "button", role: "tab", "aria-selected": String(i === state.source) });
    tab.addEventListener("click", () => { state.source = i; drawAll(); });
    return tab;
  }));
  const source = data.sources[state.source];
  const characters = Array.from(source.text); // Python counts code points
  const marks = [...source.marks].sort((a, b) => a.start - b.start || b.end - a.end);
  document.getElementById("source").replaceChildren(...marked(characters, 0, characters.length, marks, source.opened));
  document.querySelectorAll("#source .opened").forEach(endLineBefore);
}

/** What ends the line of a call that is open, such as its semicolon, stands before the lines that it opens to. */
function endLineBefore(lines) {
  const rest = lines.nextSibling;
  if (rest?.nodeType !== Node.TEXT_NODE) return;
  const end = rest.data.split("\n", 1)[0];
  lines.before(end);
  rest.data = rest.data.slice(end.length).replace(/^\n/, "");
}

/** A button that opens a call of a library function in place, and the function's lines where it is open. */
function openable(call) {
  const key = `${state.source}:${call.start}:${call.end}`;
  const isOpen = state.calls.has(key);
  const button = el("button", { type: "button", className: "unfold", text: isOpen ? "▾" : "▸", "aria-expanded": String(isOpen), "aria-label": `${isOpen ? "Close" : "Open"} the library function`, title: "the lines of the library function" });
  button.addEventListener("click", (event) => {
    event.stopPropagation();
    if (isOpen) state.calls.delete(key); else state.calls.add(key);
    drawAll();
  });
  if (!isOpen) return [button];
  const characters = Array.from(call.text);
  const marks = [...call.marks].sort((a, b) => a.start - b.start || b.end - a.end);
  return [button, el("span", { className: "opened" }, ...marked(characters, 0, characters.length, marks, []))];
}

/** The text from start to end with its marks, those inside another nested in it. */
function marked(characters, start, end, marks, calls) {
  const nodes = [];
  let at = start;
  const plain = (until) => { if (until > at) nodes.push(...uncommented(characters.slice(at, until).join(""))); };
  for (let i = 0; i < marks.length; i++) {
    const mark = marks[i];
    if (mark.start < at || mark.end > end) continue;
    plain(mark.start);
    const inner = marks.slice(i + 1).filter((each) => each.start < mark.end && each.end <= mark.end);
    const span = el("span", { className: "mark" }, ...marked(characters, mark.start, mark.end, inner, calls));
    Object.assign(span, { columns: mark.columns, start: mark.start });
    const keys = mark.columns.flatMap((c) => [`c:${c}`, `row c:${c}`]);
    nodes.push(selectable(register(span, keys), { kind: "columns", columns: mark.columns }, true));
    const call = calls.find((each) => each.start === mark.start && each.end === mark.end);
    if (call) nodes.push(...openable(call));
    at = mark.end;
  }
  plain(end);
  return nodes;
}

function uncommented(text) {
  return text.split(/("[^"\n]*"|#.*$)/m).map((piece) => (piece[0] === "#" ? el("span", { className: "comment", text: piece }) : piece));
}

// Tables of columns ------------------------------------------------------------------------------------

function headRow(withBos) {
  const row = el("tr", {}, el("th", { className: "row" }));
  for (let t = withBos ? 0 : 1; t < state.trace.T; t++) {
    const cell = el("th", { scope: "col", text: tokenText(t), title: tokenPlace(t) });
    row.append(t ? selectable(register(cell, [`t:${t}`]), { kind: "token", position: t }) : cell);
  }
  return el("thead", {}, row);
}

/** The columns written at a stage, those of one s-op together. */
function groupsOf(stage) {
  const groups = new Map();
  data.columns.forEach((column, c) => {
    if (column.written !== stage) return;
    const sop = column.of ?? `alone ${c}`;
    if (!groups.has(sop)) groups.set(sop, []);
    groups.get(sop).push(c);
  });
  return [...groups.entries()];
}

function columnTable(stage) {
  const body = el("tbody");
  for (const [sop, columns] of groupsOf(stage)) {
    const id = `${stage}:${sop}`;
    const reads = readsOf(columns);
    if (reads.length <= FOLD) { body.append(...reads.flatMap((parts) => rowsOfRead(stage, parts))); continue; }
    body.append(foldedRow(id, data.columns[columns[0]].base, columns));
    if (state.unfolded.has(id)) body.append(...columns.map((c) => columnRow(c, true)));
  }
  const table = el("table", { "aria-label": `Columns written by ${stageName(stage)}` }, headRow(true), body);
  table.addEventListener("keydown", moveInTable);
  return el("div", { className: "scroll" }, table);
}

function rowHead(name, columns, keys, inner) {
  const title = columns.length === 1 ? `${formulaOf(columns[0])} ${purposeOf(columns[0])}`.trim() : `${columns.length} columns`;
  const head = el("th", { className: "row", scope: "row", title }, el("span", { className: inner ? "name inner" : "name", text: name }));
  return selectable(register(head, keys), { kind: "columns", columns }, true);
}

function columnRow(c, inner) {
  return valueCells(el("tr", {}, rowHead(formulaOf(c), [c], [`c:${c}`, `row c:${c}`], inner)), [c]);
}

/** A row with what a column holds at each position, or what several add up to. */
function valueCells(row, parts) {
  const [first] = parts;
  const isSum = parts.length > 1;
  const numbers = Array.from({ length: state.trace.T }, (_, t) => sumOf(parts, t));
  const largest = Math.max(...numbers.map(Math.abs), 1e-9);
  numbers.forEach((x, t) => {
    const text = t === 0 ? decimal(x) : valueText(first, x, isSum);
    const short = t && data.columns[first].truth ? text[0] : text;
    const quiet = short === "F" ? " false" : "";
    const name = isSum ? data.columns[first].part_of : data.columns[first].name;
    const cell = el("td", { className: t === 0 ? "bos" : `value${quiet}`, text: short, tabindex: "-1", title: `${name} = ${text}` });
    cell.style.setProperty("--tint", `var(--${x < 0 ? "negative" : "positive"})`);
    cell.style.setProperty("--much", `${Math.round((45 * Math.abs(x)) / largest)}%`);
    row.append(selectable(register(cell, parts.map((c) => `c:${c}:${t}`)), { kind: "columns", columns: parts, position: t }));
  });
  return row;
}

/** A row's head with a button that folds and unfolds what is below it. */
function folding(id, what, head) {
  const open = state.unfolded.has(id);
  const fold = el("button", { className: "fold", type: "button", text: open ? "▼" : "▶", "aria-expanded": String(open), "aria-label": `${open ? "Fold" : "Unfold"} ${what}` });
  fold.addEventListener("click", (event) => {
    event.stopPropagation();
    if (open) state.unfolded.delete(id); else state.unfolded.add(id);
    drawAll();
  });
  head.prepend(fold);
  return head;
}

/** Many columns of one s-op in one row: small bars, and the token or position that they stand for. */
function foldedRow(id, base, columns) {
  const head = rowHead(`${base} (${columns.length})`, columns, columns.flatMap((c) => [`c:${c}`, `row c:${c}`]), false);
  const row = el("tr", {}, folding(id, `the ${columns.length} columns of ${base}`, head));
  for (let t = 0; t < state.trace.T; t++) row.append(foldedCell(base, columns, t));
  return row;
}

function foldedCell(base, columns, t) {
  const numbers = columns.map((c) => residual(c, t));
  const largest = Math.max(...numbers.map(Math.abs), 1);
  const bars = el("div", { className: "bars" }, ...numbers.map((x) => {
    const bar = el("i");
    if (x) bar.style.setProperty("--bar", `var(--${x < 0 ? "negative" : "positive"})`);
    bar.style.opacity = String(Math.abs(x) / largest);
    return bar;
  }));
  const label = embeddedLabel(columns, t);
  const cell = el("td", { className: t ? "" : "bos", tabindex: "-1", title: `${base}: ${numbers.map(decimal).join(" ")}` });
  if (label !== null) cell.append(el("span", { className: "decoded", text: label }));
  cell.append(bars);
  return selectable(register(cell, columns.map((c) => `c:${c}:${t}`)), { kind: "columns", columns, position: t });
}

function moveInTable(event) {
  const step = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }[event.key];
  const cell = event.target.closest("td, th");
  if (!step || !cell) return;
  event.preventDefault();
  const rows = [...event.currentTarget.tBodies[0].rows];
  const place = [...cell.parentElement.children].indexOf(cell);
  rows[rows.indexOf(cell.parentElement) + step[0]]?.children[place + step[1]]?.focus();
}

// Stages -----------------------------------------------------------------------------------------------

function drawStages() {
  const groups = [el("div", { className: "layer" }, stageCard(0, null))];
  model.layers.forEach((layer, i) => {
    const cards = [2 * i + 1, 2 * i + 2].filter((stage) => (stage % 2 ? layer.heads : layer.neurons));
    groups.push(el("div", { className: "layer" }, ...cards.map((stage) => stageCard(stage, layer))));
  });
  document.getElementById("stages").replaceChildren(...groups, el("div", { className: "layer" }, outputCard()));
}

function stageCard(stage, layer) {
  const number = Math.ceil(stage / 2);
  const count = stage === 0 ? "token + position" : stage % 2
    ? counted(layer.heads, "head") : counted(layer.neurons, "neuron");
  const card = el("section", { className: "card stage", "data-stage": String(stage) });
  card.append(el("h2", {}, stageName(stage), el("small", { text: count })));
  if (stage) {
    const figures = stage % 2 ? headsOfReads(number).map((heads) => readFigure(number, heads)) : [neuronFigure(number)];
    card.append(el("div", { className: "heads" }, ...figures));
  }
  if (groupsOf(stage).length) card.append(columnTable(stage));
  card.append(weightsOf(stage, layer));
  return card;
}

const positionLabels = () => Array.from({ length: state.trace.T }, (_, t) => tokenText(t));
const cellSize = (count, room, most = 26) => Math.max(4, Math.min(most, Math.floor(room / count)));

/** What of a head's weights is drawn. A head that counts has a heavy BOS: beside it the selected keys weigh
 *  next to nothing, so they are drawn by their share among the tokens. */
function drawnPattern({ pattern }, T) {
  const row = (r) => pattern.subarray(r * T, (r + 1) * T);
  const largest = (r) => row(r).subarray(1).reduce((a, b) => Math.max(a, b), 0);
  const heavy = Array.from({ length: T }, (_, r) => row(r)[0] > 0.9 && largest(r) > LEAST_WEIGHT).some(Boolean);
  const share = (r, c) => {
    const weight = pattern[r * T + c];
    if (!heavy) return weight;
    return c === 0 ? 0.02 * weight : largest(r) > LEAST_WEIGHT ? weight / largest(r) : 0;
  };
  return { heavy, share, text: (r, c) => (heavy ? (c && share(r, c) > 0.5 ? "✓" : null) : shortWeight(share(r, c))) };
}

function headFigure(layer, h) {
  const record = state.trace.layers[layer - 1].heads[h];
  const { T } = state.trace;
  const head = links.heads.find((each) => each.layer === layer && each.head === h);
  const size = cellSize(T, 400, 28);
  const drawn = drawnPattern(record, T);
  const hidden = (r, c) => data.causal && c > r;
  const pick = (r, c) => ({ kind: "head", layer, head: h, query: r, key: c, score: record.scores[r * T + c], weight: record.pattern[r * T + c] });
  const matrix = new Matrix({
    rows: positionLabels(), columns: positionLabels(), size, longest: 8,
    name: `Attention of head ${h + 1} in layer ${layer}: rows are queries, columns are keys. Arrow keys move.`,
    colour: (r, c) => ({ fill: hidden(r, c) ? colour("--card") : heat(Math.sqrt(drawn.share(r, c))), dark: drawn.share(r, c) > 0.3 }),
    text: (r, c) => (size >= 22 ? drawn.text(r, c) : null),
    onCell: (r, c) => hover(pick(r, c)), onLeave: () => hover(null), onPick: (r, c) => pin(pick(r, c)),
  });
  matrices.push({ matrix, key: head.key });
  keepers.push(matrix);
  const caption = el("figcaption", {}, el("b", { text: `Head ${h + 1} → ${listed(namesOfParts(head))}` }), el("small", { text: headText(head, drawn.heavy) }));
  selectable(caption, { kind: "head", layer, head: h }, true);
  return register(el("figure", {}, matrix.canvas, caption), [head.key]);
}

/** What a head compares and what it reads where that matches. */
function headText(head, heavy) {
  const plain = (columns) => [...columns].filter((c) => data.columns[c].name !== "bos");
  const compared = bases(plain([...head.q, ...head.k]));
  const read = bases(plain([...head.copies.values()].flatMap((set) => [...set])));
  const does = read.length ? `${heavy ? "adds up" : "reads"} ${listed(read)}` : heavy ? "counts the keys" : "asks for any key";
  return `${compared.length ? `compares ${listed(compared)}; ` : ""}${does}${heavy ? " (✓ is selected)" : ""}`;
}

function shortWeight(weight) {
  if (weight <= VISIBLE_WEIGHT) return null;
  return weight > 0.995 ? "1" : weight < 0.01 ? "·" : weight.toFixed(2).slice(1);
}

function neuronFigure(layer) {
  const { hidden } = state.trace.layers[layer - 1];
  const { T } = state.trace;
  const count = model.layers[layer - 1].neurons;
  const largest = hidden.reduce((a, b) => Math.max(a, b), 0);
  const pick = (r, c) => ({ kind: "neuron", layer, neuron: c, position: r, value: hidden[r * count + c] });
  const matrix = new Matrix({
    rows: positionLabels(), columns: Array.from({ length: count }, () => ""), longest: 8,
    size: Math.min(cellSize(count, 640, 16), cellSize(T, 400, 16)),
    name: `Neurons of layer ${layer}: rows are positions, columns are neurons. Arrow keys move.`,
    colour: (r, c) => ({ fill: diverging(hidden[r * count + c], largest), dark: false }),
    onCell: (r, c) => hover(pick(r, c)), onLeave: () => hover(null), onPick: (r, c) => pin(pick(r, c)),
  });
  keepers.push(matrix);
  const writes = links.neurons.find((each) => each.layer === layer).writes;
  const caption = el("figcaption", {}, el("b", { text: `Neurons → ${listed(bases(writes.keys()))}` }),
    el("small", { text: "after ReLU; a row for each position, a column for each neuron" }));
  selectable(caption, { kind: "neuron", layer }, true);
  return register(el("figure", {}, matrix.canvas, caption), [`m:${layer}`]);
}

function answerRow() {
  const row = el("tr", { className: "answers" }, el("th", { className: "row", text: "answer", scope: "row" }));
  state.trace.answers.forEach((answer, i) => {
    const cell = el("td", { text: answer.text, title: answer.exact, "data-exact": answer.exact, tabindex: "-1" });
    row.append(selectable(register(cell, [`a:${i + 1}`]), { kind: "answer", position: i + 1 }));
  });
  return row;
}

function outputCard() {
  const table = el("table", {}, headRow(false), el("tbody", {}, answerRow()));
  table.addEventListener("keydown", moveInTable);
  const how = data.output.kind === "labels"
    ? (data.output.labels.length === 1 ? "its only answer" : `the largest of ${data.output.labels.length} logits`) : "one number, taken to the nearest fraction";
  return el("section", { className: "card stage", "data-stage": "answer" }, el("h2", {}, "Unembedding", el("small", { text: how })),
    el("div", { className: "scroll" }, table), weightsOf(null, null));
}

// Weights ----------------------------------------------------------------------------------------------

const numbered = (count, name = "") => Array.from({ length: count }, (_, i) => `${name}${i}`);
const columnNames = () => data.columns.map((_, c) => formulaOf(c));

/** The weight matrices of a stage, each {title, array, slice, bias, rows, columns}; null is the unembedding. */
function weightList(stage, layer) {
  const names = columnNames();
  const logits = data.output.kind === "labels" ? data.output.labels.map(atomText) : ["number"];
  if (stage === null) {
    return [{ title: "unembedding", array: model.unembedding, bias: model.logitBias, rows: names, columns: logits }];
  }
  if (stage === 0) {
    return [
      { title: "token embedding", array: model.tokenEmbedding, rows: ["BOS", ...data.vocab.map(atomText)], columns: names },
      { title: "position embedding", array: model.positionEmbedding, rows: ["BOS", ...numbered(data.max_length)], columns: names },
    ];
  }
  if (stage % 2 === 0) {
    return [
      { title: "W in", array: layer.w_in, bias: layer.bias.b_in, rows: names, columns: numbered(layer.neurons, "n") },
      { title: "W out (transposed)", array: layer.w_out, flipped: true, rows: names, columns: numbered(layer.neurons, "n") },
      { title: "bias after the neurons", bias: layer.bias.b_out, rows: [], columns: names },
    ];
  }
  const list = [];
  for (let h = 0; h < layer.heads; h++) {
    const e = layer.size;
    for (const name of ["q", "k", "v"]) {
      const bias = layer.bias[`b_${name}`].subarray(h * e, (h + 1) * e);
      list.push({ title: `head ${h + 1}: W ${name}`, array: layer[`w_${name}`], slice: h, bias, rows: names, columns: numbered(e) });
    }
    list.push({ title: `head ${h + 1}: W o`, array: layer.w_o, slice: h, rows: numbered(e), columns: names });
  }
  return [...list, { title: "bias after the heads", bias: layer.bias.b_o, rows: [], columns: names }];
}

function weightsOf(stage, layer) {
  const id = String(stage);
  const holder = el("div", { className: "weights" });
  const details = el("details", {}, el("summary", { text: "weights" }), holder);
  const fill = () => {
    if (!details.open) { state.opened.delete(id); return; }
    state.opened.add(id);
    holder.replaceChildren(...weightList(stage, layer).map(weightFigure).filter(Boolean));
  };
  details.addEventListener("toggle", fill);
  details.open = state.opened.has(id);
  return details;
}

/** A heat map of the rows and columns that hold anything. */
function weightFigure({ title, array, slice = 0, flipped = false, bias, rows, columns }) {
  const found = array ? entries(array, slice) : [];
  const cells = flipped ? found.map(([r, c, value]) => [c, r, value]) : found;
  const labels = [...rows];
  if (bias) {
    bias.forEach((value, c) => { if (value) cells.push([labels.length, c, value]); });
    labels.push("bias");
  }
  if (!cells.length) return null;
  const used = (place) => [...new Set(cells.map((cell) => cell[place]))].sort((a, b) => a - b);
  const [usedRows, usedColumns] = [used(0), used(1)];
  const values = new Map(cells.map(([r, c, value]) => [`${r} ${c}`, value]));
  const at = (r, c) => values.get(`${usedRows[r]} ${usedColumns[c]}`) || 0;
  const inOrder = (row, column) => (flipped ? [column, row] : [row, column]);
  const largest = Math.max(1, ...cells.map(([, , x]) => Math.abs(x)).filter((x) => x < ROUNDING));
  const size = cellSize(Math.max(usedColumns.length, usedRows.length / 1.5), 620, 22);
  const matrix = new Matrix({
    rows: usedRows.map((r) => labels[r]), columns: usedColumns.map((c) => columns[c]), size, longest: 24,
    name: `Weights ${title}`,
    colour: (r, c) => (Math.abs(at(r, c)) >= ROUNDING ? { fill: colour("--line"), dark: false }
      : { fill: diverging(at(r, c), largest), dark: Math.abs(at(r, c)) > largest / 4 }),
    text: (r, c) => (Math.abs(at(r, c)) >= ROUNDING && size >= 10 ? "R" : null),
    onCell: (r, c) => describeWeight(title, ...inOrder(labels[usedRows[r]], columns[usedColumns[c]]), at(r, c)),
    onLeave: () => hover(null),
  });
  const zeros = labels.length * columns.length - cells.length;
  return el("div", { className: "scroll" }, el("h3", { text: title }), matrix.canvas,
    el("p", { className: "note", text: `${counted(cells.length, "weight")}, ${counted(zeros, "zero")}` }));
}

// The panel that explains what is selected -------------------------------------------------------------

function say(...lines) {
  document.getElementById("detail").replaceChildren(...lines.filter(Boolean).map((parts) => {
    const pieces = [].concat(parts).map((part) => (typeof part === "string" ? part : el("span", { className: "name", text: part.name })));
    return el("p", {}, ...pieces);
  }));
}

function describeWeight(title, row, column, value) {
  const note = Math.abs(value) >= ROUNDING
    ? "The constant that rounds to whole numbers: adding it and taking it off again leaves the nearest integer." : null;
  say([{ name: title }, ` from ${row} to ${column}`], [{ name: String(value) }], note && [note]);
}

function describe(selection) {
  if (!selection) {
    say(["Point at an expression, a value, a head or a weight to see where it comes from and where it goes."],
      ["Click keeps it, Esc lets it go. Tab and the arrow keys move."]);
    return;
  }
  ({ columns: describeColumns, head: describeHead, neuron: describeNeuron, answer: describeAnswer, token: describeToken })[selection.kind](selection);
}

function describeColumns({ columns, position = null }) {
  const [first] = columns;
  const column = data.columns[first];
  const isRead = columns.length > 1 && readsOf(columns).length === 1;
  const name = columns.length === 1 || isRead ? readName(columns) : `${column.base} and others`.replace(/ and others$/, new Set(columns.map((c) => data.columns[c].of)).size > 1 ? " and others" : "");
  const writers = listed(columns.map((c) => links.writer(c)), 3);
  const plural = columns.length === 1 ? "" : isRead ? `, the sum of ${columns.length} parts` : ` (${columns.length} columns)`;
  if (position === null) {
    say([{ name }, plural], [`Written by ${writers}.`], columns.length === 1 ? [purposeOf(first)] : null);
    return;
  }
  const values = columns.map((c) => residual(c, position));
  const total = sumOf(columns, position);
  const shown = columns.length === 1 || isRead
    ? (position === 0 ? decimal(total) : valueText(first, total, isRead)) : embeddedLabel(columns, position) ?? values.map(decimal).join(" ");
  say([{ name: `${name} = ${shown}` }], [`At ${tokenPlace(position)}. Written by ${writers}${sourceKeys(columns, position)}.`],
    columns.length === 1 ? [purposeOf(first)] : null,
    isRead ? [`The parts: ${values.map(decimal).join(" + ")}.`] : null,
    columns.length === 1 && shown !== decimal(values[0]) ? [`The number carried is ${decimal(values[0])}.`] : null);
}

/** Which positions a value was copied from or averaged over. */
function sourceKeys(columns, position) {
  const heads = links.heads.filter((each) => columns.some((c) => each.copies.has(c)));
  if (!heads.length) return "";
  const all = [...new Set(heads.flatMap((head) => links.attended(head, position, state.trace)))].sort((a, b) => a - b);
  const keys = (all.length > 1 ? all.filter((key) => key) : all).map(tokenPlace);
  return `, which ${heads.length > 1 ? "attend" : "attends"} from here to ${listed(keys, 4)}`;
}

function describeHead({ layer, head, query, key, score, weight }) {
  const found = links.heads.find((each) => each.layer === layer && each.head === head);
  const writes = `It writes ${listed([...found.copies.keys()].map(formulaOf))}.`;
  if (query === undefined) {
    say([{ name: `Head ${head + 1} of layer ${layer}` }], [writes]);
    return;
  }
  const shown = weight > 0 && weight < VISIBLE_WEIGHT ? weight.toExponential(1) : decimal(weight);
  say([{ name: `Head ${head + 1} of layer ${layer}` }], [`The query ${tokenPlace(query)} and the key ${tokenPlace(key)}`],
    data.causal && key > query ? ["cannot meet: the model is causal."] : ["score ", { name: decimal(score) }, ", weight ", { name: shown }, "."], [writes]);
  if (!data.causal || key <= query) document.getElementById("detail").append(scoreTable(layer, head, query, key));
}

function describeNeuron({ layer, neuron, position, value }) {
  if (neuron === undefined) {
    say([{ name: `The neurons of layer ${layer}` }], [`They write ${listed(bases(links.neurons.find((m) => m.layer === layer).writes.keys()))}.`]);
    return;
  }
  const own = model.layers[layer - 1];
  const terms = own.in.filter(([, j]) => j === neuron).map(([c, , w]) => `${decimal(w)} × ${formulaOf(c)}`);
  const bias = own.bias.b_in[neuron];
  say([{ name: `Neuron ${neuron} of layer ${layer} = ${decimal(value)}` }, ` at ${tokenPlace(position)}`],
    [`relu(${listed(terms, 4)}${bias ? ` ${bias < 0 ? "−" : "+"} ${decimal(Math.abs(bias))}` : ""})`]);
}

function describeAnswer({ position }) {
  const answer = state.trace.answers[position - 1];
  say([{ name: `answer = ${answer.text}` }], [`At ${tokenPlace(position)}, read from ${listed(bases(links.unembedded))}.`]);
}

function describeToken({ position }) {
  say([{ name: tokenText(position) }], [`The token at position ${position - 1}; the embedding writes it and its position into the first columns.`]);
}

// Drawing everything -----------------------------------------------------------------------------------

function drawStrip() {
  const table = el("table", {}, headRow(false), el("tbody", {}, answerRow()));
  table.tBodies[0].id = "answers";
  table.addEventListener("keydown", moveInTable);
  document.getElementById("strip").replaceChildren(table);
}

/** Cells as wide as the window allows, wide enough for what stands in them if it can be. */
function fitCells() {
  const root = document.documentElement.style;
  const rem = parseFloat(getComputedStyle(document.documentElement).fontSize);
  const stage = document.querySelector("#stages .stage"); // where layers stand side by side, narrower than all stages
  const room = ((stage ? stage.clientWidth : document.getElementById("stages").clientWidth) - parseFloat(getComputedStyle(document.documentElement).getPropertyValue("--label")) * rem - 40) / state.trace.T - 2;
  const longest = Math.max(3, ...positionLabels().map((label) => label.length), ...state.trace.answers.map((each) => each.text.length));
  const width = Math.max(1.1 * rem, Math.min(Math.max(2.75, 0.6 * longest) * rem, room, 6 * rem));
  root.setProperty("--col", `${width}px`);
  root.setProperty("--text", width < 1.4 * rem ? "0.62rem" : width < 2.2 * rem ? "0.72rem" : "0.85rem");
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
document.addEventListener("keydown", (event) => { if (event.key === "Escape") pin(null); });
window.addEventListener("resize", () => state.trace && fitCells());
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
