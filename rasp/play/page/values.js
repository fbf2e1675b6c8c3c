// Small pictures of values: rows of cells, and selectors as matrices below the same columns.
// Text only ever enters the document as text nodes.
"use strict";

const SVG = "http://www.w3.org/2000/svg";

function el(tag, options = {}, ...children) {
  const { text, className, onclick, ...attributes } = options;
  const element = document.createElement(tag);
  if (className) element.className = className;
  if (text !== undefined) element.textContent = text;
  if (onclick) element.addEventListener("click", onclick);
  for (const [name, value] of Object.entries(attributes)) if (value !== null && value !== undefined) element.setAttribute(name, value);
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

function svgEl(tag, attributes, ...children) {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

/** Cells of one width: as wide as people like, if there is room, and at least as what stands in them, up to a length. */
function columnWidth(texts, count, room) {
  const longest = Math.min(18, Math.max(1, ...texts.map((text) => Array.from(text).length)));
  const least = Math.ceil(8.2 * longest) + 6, wanted = Math.max(26, least + 4);
  return Math.max(least, Math.min(wanted, Math.floor(room / Math.max(count, 1)) - 2));
}

function cells(values, className = "") {
  return values.map((value) => {
    const truth = value === "T" ? " true" : value === "F" ? " false" : "";
    return el("div", { className: `cell${truth} ${className}`, text: value, title: value.length > 4 ? value : undefined });
  });
}

/** A selector: a row for each query, a column for each key. `tell` is told of the cell under the pointer. */
function matrixPicture(matrix, tokens, width, height, { labels = false, tell = null } = {}) {
  const count = matrix.length;
  const left = labels ? 22 : 0, top = labels ? 16 : 0;
  const svg = svgEl("svg", { class: "matrix", width: left + count * width, height: top + count * height, role: "img", "aria-label": `a selector of ${count} by ${count}: rows are queries, columns are keys` });
  svg.append(svgEl("rect", { class: "ground", x: left, y: top, width: count * width, height: count * height, rx: 3 }));
  let path = "", lines = "";
  matrix.forEach((row, q) => Array.from(row).forEach((bit, k) => {
    if (bit === "1") path += `M${left + k * width} ${top + q * height}h${width}v${height}h${-width}z`;
  }));
  for (let i = 1; i < count; i++) lines += `M${left + i * width} ${top}v${count * height}M${left} ${top + i * height}h${count * width}`;
  svg.append(svgEl("path", { class: "chosen", d: path }), svgEl("path", { class: "grown", d: lines }));
  if (labels) {
    tokens.forEach((token, i) => {
      const short = Array.from(token).slice(0, 2).join("");
      const above = svgEl("text", { x: left + (i + 0.5) * width, y: 11, "text-anchor": "middle" });
      const beside = svgEl("text", { x: left - 5, y: top + (i + 0.5) * height + 3.5, "text-anchor": "end" });
      above.textContent = beside.textContent = short;
      svg.append(above, beside);
    });
  }
  if (tell) {
    const over = svgEl("rect", { class: "over", width, height, visibility: "hidden" });
    svg.append(over);
    svg.addEventListener("pointermove", (event) => {
      const box = svg.getBoundingClientRect();
      const k = Math.floor((event.clientX - box.left - left) / width), q = Math.floor((event.clientY - box.top - top) / height);
      if (k < 0 || q < 0 || k >= count || q >= count) return;
      over.setAttribute("x", left + k * width); over.setAttribute("y", top + q * height); over.setAttribute("visibility", "visible");
      tell(q, k, matrix[q][k] === "1");
    });
    svg.addEventListener("pointerleave", () => { over.setAttribute("visibility", "hidden"); tell(null); });
  }
  return svg;
}

const REM = 16;

/** Cells and names as wide as what stands in them, if there is room beside `before` pixels: [pixels, rem]. */
function widths(texts, names, count, room, before) {
  const wanted = Math.max(5, ...names.map((name) => 0.6 * Array.from(name).length + 1));
  const least = Math.min(wanted, 6.2);
  const width = columnWidth(texts, count, room - before - Math.min(wanted, room < 30 * REM ? 8 : 15) * REM);
  return [width, Math.max(least, Math.min(wanted, (room - before - count * (width + 2)) / REM))];
}

/** What stands before the rows; expressions of what has no name go on in a second line. */
const namesOf = (rows) => rows.map((row) => row.unnamed ? row.name.slice(0, 24) : `${row.name}${["s-op", "selector"].includes(row.kind) ? "" : ` ${row.kind}`}`);

/** The values of a program, a line each; `goTo` is called with the line of a name that is clicked. */
function valuesView(seen, room, { goTo }) {
  const { tokens, rows, main } = seen;
  const shown = rows.filter((row) => row.values).flatMap((row) => row.values);
  const [width, names] = widths([...shown, ...tokens], namesOf(rows), tokens.length, room, 2 * REM + 6);
  const box = el("div", { className: "values" });
  box.style.setProperty("--count", tokens.length);
  box.style.setProperty("--col", `${width}px`);
  box.style.setProperty("--names", `${names}rem`);
  const foot = el("p", { id: "values-foot" });
  const tell = (name) => (q, k, chosen) => {
    foot.textContent = q === null ? "" : `${name}: the query at position ${q} (${tokens[q]}) ${chosen ? "selects" : "does not select"} the key at position ${k} (${tokens[k]})`;
  };
  box.append(
    el("div", { className: "grid places" }, el("span"), el("span"), ...cells(tokens.map((_, i) => String(i)))),
    el("div", { className: "grid head" }, el("span"), el("span", { className: "name", text: "input" }), ...cells(tokens)),
  );
  for (const row of rows) {
    const line = el("div", { className: `grid${row.name === main && row.kind === "s-op" ? " main" : ""}${row.unnamed ? " unnamed" : ""}`, "data-line": row.line, "data-end": row.end_line, "data-name": row.name });
    const note = row.kind === "s-op" ? null : el("small", { text: ` ${row.kind === "selector" ? "" : row.kind}` });
    line.append(
      el("button", { className: "at", type: "button", text: String(row.line), title: `to line ${row.line}`, onclick: () => goTo(row.line) }),
      el("span", { className: "name", text: row.name, title: row.name }, note),
    );
    if (row.error) line.append(el("span", { className: "failed", text: row.error }));
    else if (row.values) line.append(...cells(row.values));
    else if (row.matrix && row.matrix.length) line.append(matrixPicture(row.matrix, tokens, width + 2, 13, { tell: tell(row.name) }));
    else line.append(el("span", { className: "text", text: row.matrix ? "a matrix too wide to be shown" : row.text }));
    box.append(line);
  }
  if (rows.some((row) => row.matrix)) box.append(foot);
  return box;
}

/** Light up what a line of the program has made. */
function lightValues(box, line) {
  for (const row of box.querySelectorAll(".grid[data-line]")) {
    row.classList.toggle("lit", Number(row.dataset.line) <= line && line <= Number(row.dataset.end));
  }
}
