// Reads that several heads compute, each a digit of an order or some of the positions: one number to whatever
// reads it, the sum of its parts. They are shown as one, and as their parts to those who unfold it.
"use strict";

/** The columns that add up to the read that a column is a part of. */
function partsOf(c) {
  const { part_of: read } = data.columns[c];
  return read ? data.columns.map((_, i) => i).filter((i) => data.columns[i].part_of === read) : [c];
}

/** Columns in groups: those together that are the parts of one read, if all of them are there. */
function readsOf(columns) {
  const whole = (c) => partsOf(c).every((part) => columns.includes(part));
  return [...new Set(columns.map((c) => (whole(c) ? partsOf(c)[0] : c)))].map((c) => (whole(c) ? partsOf(c) : [c]));
}

/** What people call a column, or the read that several add up to. */
function readName(parts) {
  const own = formulaOf(parts[0]);
  if (parts.length === 1) return own;
  const { name, part_of: read } = data.columns[parts[0]];
  return own.slice(0, own.length - (name.length - read.length));
}

/** What columns hold together. */
const sumOf = (columns, t) => columns.reduce((sum, c) => sum + residual(c, t), 0);

/** A column in a row; a read that several heads compute as their sum, with its parts when it is unfolded. */
function rowsOfRead(stage, parts) {
  if (parts.length === 1) return [columnRow(parts[0], false)];
  const name = data.columns[parts[0]].part_of;
  const id = `${stage}:read ${name}`;
  const keys = parts.flatMap((c) => [`c:${c}`, `row c:${c}`]);
  const head = folding(id, `the ${parts.length} parts of ${name}`, rowHead(readName(parts), parts, keys, false));
  const row = valueCells(el("tr", { className: "read" }, head), parts);
  return [row, ...(state.unfolded.has(id) ? parts.map((c) => columnRow(c, true)) : [])];
}

/** The heads of a layer, those together that compute one read, each a part of it. */
function headsOfReads(layer) {
  const groups = new Map();
  for (const { layer: own, head, copies } of links.heads) {
    if (own !== layer) continue;
    const reads = [...new Set([...copies.keys()].map((c) => data.columns[c].part_of))].sort();
    const id = reads.some(Boolean) ? JSON.stringify(reads) : `alone ${head}`;
    groups.set(id, [...(groups.get(id) || []), head]);
  }
  return [...groups.values()];
}

/** A head, or the heads of one read in a frame. */
function readFigure(layer, heads) {
  if (heads.length === 1) return headFigure(layer, heads[0]);
  const columns = heads.flatMap((h) => [...links.heads.find((each) => each.layer === layer && each.head === h).copies.keys()]);
  const names = listed(readsOf([...new Set(columns)].sort((a, b) => a - b)).map(readName));
  const title = el("p", { className: "note", text: `${names}: one read in ${heads.length} parts, which add up` });
  return el("div", { className: "read", role: "group", "aria-label": `The heads that compute ${names}` }, title, ...heads.map((h) => headFigure(layer, h)));
}

/** What a head writes: of a read that others compute with it, which part. */
function namesOfParts(head) {
  return [...head.copies.keys()].map((c) => (data.columns[c].part_of ? formulaOf(c) : data.columns[c].shown));
}
