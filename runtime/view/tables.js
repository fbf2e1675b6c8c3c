// Tables of columns: a row for each, or one for many of an s-op, and a cell for each position.
// Text only ever enters the document as text nodes.
"use strict";

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
  head.dataset.sop = data.columns[columns[0]].shown;
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
  const rest = restOf(first, isSum);
  const largest = Math.max(...numbers.map((x) => Math.abs(x + rest)), 1e-9);
  numbers.forEach((x, t) => {
    const text = t === 0 ? decimal(x + rest) : valueText(first, x, isSum);
    const short = t && data.columns[first].truth ? text[0] : text;
    const quiet = short === "F" ? " false" : "";
    const name = isSum ? data.columns[first].part_of : formulaOf(first);
    const cell = el("td", { className: t === 0 ? "bos" : `value${quiet}`, text: short, tabindex: "-1", title: holding(name, text) });
    cell.style.setProperty("--tint", `var(--${x + rest < 0 ? "negative" : "positive"})`);
    cell.style.setProperty("--much", `${Math.round((45 * Math.abs(x + rest)) / largest)}%`);
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
  const numbers = columns.map((c) => residual(c, t) + restOf(c));
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
