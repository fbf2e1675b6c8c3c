// What a column is, in terms of s-ops: its formula, and what it is for. Both are read off the weights.
"use strict";

/** A polynomial of at most the second degree through all points [x, y], written with a name; else null. */
function polynomial(name, points) {
  if (points.length < 3) return null;
  const [[x0, y0], [x1, y1], [x2, y2]] = [points[0], points[points.length >> 1], points[points.length - 1]];
  const first = (y1 - y0) / (x1 - x0);
  const a = ((y2 - y1) / (x2 - x1) - first) / (x2 - x0);
  const b = first - a * (x0 + x1);
  const c = y0 - a * x0 * x0 - b * x0;
  const near = (x, y) => Math.abs(x - y) < 1e-6 * (1 + Math.abs(y));
  if (![a, b, c].every(Number.isFinite) || !points.every(([x, y]) => near((a * x + b) * x + c, y))) return null;
  const times = (weight) => (near(weight, 1) ? "" : `${decimal(weight)}·`);
  if (near(a, 0)) return near(b, 1) && near(c, 0) ? name : `${times(b)}${name}${near(c, 0) ? "" : ` ${c < 0 ? "−" : "+"} ${decimal(Math.abs(c))}`}`;
  if (!near(c, 0)) return `${times(a)}${name}² ${b < 0 ? "−" : "+"} ${times(Math.abs(b))}${name} ${c < 0 ? "−" : "+"} ${decimal(Math.abs(c))}`;
  if (near(b, 0)) return `${times(a)}${name}²`;
  const root = decimal(Math.abs(b / a));
  return a < 0 ? `${times(-a)}${name}·(${b < 0 ? `−${root}` : root} − ${name})` : `${times(a)}${name}·(${name} ${b < 0 ? "−" : "+"} ${root})`;
}

/** Each number with the values that stand for it, the most frequent number last. */
function cases(name, labels, numbers) {
  const groups = new Map();
  numbers.forEach((x, i) => groups.set(x, [...(groups.get(x) || []), labels[i]]));
  const ordered = [...groups].sort((one, other) => one[1].length - other[1].length);
  const [rest] = ordered.pop();
  const told = ordered.slice(0, 5).map(([x, given]) => `${decimal(x)} for ${listed(given, 5)}`);
  return `${told.join("; ")}${ordered.length > 5 ? "; …" : `; ${decimal(rest)} for any other of ${name}`}`;
}

/** The values of an embedded s-op, as [labels, numbers or null, rows of the embedding]. */
function embeddedValues(c) {
  const at = (rows, i) => rows[i * model.d + c];
  const ofToken = data.vocab.some((_, i) => at(model.tokenRows, 1 + i) !== 0);
  if (!ofToken) {
    const places = Array.from({ length: data.max_length }, (_, i) => i);
    return [places.map(String), places, places.map((i) => at(model.positionRows, 1 + i))];
  }
  const numeric = data.vocab.every((atom) => typeof atom === "number" || typeof atom === "object");
  const numbers = numeric ? data.vocab.map((atom) => Number(ratio(atomNumber(atom))[0]) / Number(ratio(atomNumber(atom))[1])) : null;
  return [data.vocab.map(atomSource), numbers, data.vocab.map((_, i) => at(model.tokenRows, 1 + i))];
}

/** A column's formula in terms of s-ops: never a number or a word of its making alone. */
function formulaOf(c) {
  const column = data.columns[c];
  const name = column.part_of || column.name; // the parts of a read are called after it
  if (!/ (quadratic|squared|feature)( #\d+)?$| #\d+$/.test(name)) return column.name;
  if (column.part_of) return `a function of ${column.base}${column.name.slice(name.length)}`;
  if (column.written === 0) {
    const [labels, numbers, held] = embeddedValues(c);
    return (numbers && polynomial(column.base, numbers.map((x, i) => [x, held[i]]))) || numberedSquare(column.base, held) || cases(column.base, labels, held);
  }
  return column.formula || `a function of ${column.base}`; // told by the neurons that write it
}

/** Tokens that are no numbers are compared by their number in the vocabulary. */
function numberedSquare(name, held) {
  const found = polynomial(`number of ${name}`, held.map((x, i) => [i, x]));
  return found && found.replaceAll(`number of ${name}`, "n") + `, n the token's number in the vocabulary`;
}

/** The other s-op whose columns a head multiplies by those of a column's, one as the query and one as the key;
 *  none if either side is a sum with more in it, which is what is compared then. */
function metBy({ layer, head }, c) {
  const { of } = data.columns[c];
  const isOwn = (x) => x === c || (of !== null && data.columns[x].of === of);
  const sides = [model.layers[layer - 1].q[head], model.layers[layer - 1].k[head]];
  const met = [[0, 1], [1, 0]].flatMap(([mine, other]) => {
    const dims = new Set(sides[mine].filter(([x]) => isOwn(x)).map(([, dim]) => dim));
    const within = (side) => sides[side].filter(([, dim]) => dims.has(dim)).map(([x]) => x).filter((x) => data.columns[x].name !== "bos");
    return within(mine).every(isOwn) ? within(other) : [c];
  });
  const names = [...new Set(bases(met))];
  return names.length === 1 && !met.some(isOwn) ? names[0] : "";
}

/** Who reads a column, and for what. */
function purposeOf(c) {
  const told = data.columns[c].part_of ? [`${data.columns[c].meaning} can be added to the other parts`] : [];
  const squared = / (quadratic|squared)/.test(data.columns[c].name);
  for (const head of links.heads) {
    const who = `head ${head.head + 1} of layer ${head.layer}`;
    if (head.q.has(c) || head.k.has(c)) {
      const other = metBy(head, c);
      const compares = squared ? "can test equality" : "can compare it";
      told.push(data.columns[c].name === "bos" ? `${who} can tell BOS from the input` : `${who} ${compares}${other && ` with ${other}`}`);
    }
    if ([...head.copies.values()].some((sources) => sources.has(c))) told.push(`${who} can read it at the keys that it selects`);
  }
  for (const mlp of links.neurons) {
    const made = [...mlp.writes].filter(([, { columns }]) => columns.has(c)).map(([column]) => column);
    if (made.length) told.push(`the neurons of layer ${mlp.layer} can compute ${listed(bases(made), 3)}`);
  }
  if (links.unembedded.has(c)) told.push("the answer can be read off");
  const shown = told.length > 3 ? [...told.slice(0, 3), `${told.length - 3} more of the kind`] : told;
  return shown.length ? `so that ${shown.join(", and ")}` : "";
}

/** One side of a product in a score, written out: weights times columns with their values there. */
function sideOf(entriesOfSide, bias, j, t, layer) {
  const read = entriesOfSide.filter(([, dim]) => dim === j);
  const terms = read.map(([c, , weight]) => ({ c, weight, value: state.trace.residual[2 * layer - 2][t * model.d + c] })).filter((each) => each.value);
  const text = terms.slice(0, 3).map(({ c, weight, value }) => `${weight === 1 ? "" : `${decimal(weight)}·`}${carriedName(c)}${value === 1 ? "" : ` (${decimal(value)})`}`);
  if (terms.length > 3) text.push(`${terms.length - 3} more`);
  if (bias) text.push(decimal(bias));
  return text.join(" + ").replaceAll("+ -", "− ") || "0";
}

/** A score as the sum of its products, as a table: what of the query, what of the key, and the product. */
function scoreTable(layer, h, query, key) {
  const own = model.layers[layer - 1];
  const { q, k, scores } = state.trace.layers[layer - 1].heads[h];
  const rows = [];
  for (let j = 0; j < own.size; j++) {
    const [left, right] = [q[query * own.size + j], k[key * own.size + j]];
    if (!left || !right) continue;
    const sides = [sideOf(own.q[h], own.bias.b_q[h * own.size + j], j, query, layer), sideOf(own.k[h], own.bias.b_k[h * own.size + j], j, key, layer)];
    rows.push([`${sides[0]} = ${decimal(left)}`, `${sides[1]} = ${decimal(right)}`, decimal(left * right)]);
  }
  rows.push(["score", "", decimal(scores[query * state.trace.T + key])]);
  const line = (cells, tag) => el("tr", {}, ...cells.map((text) => el(tag, { text })));
  return el("div", { className: "scroll" }, el("table", { className: "products" }, el("thead", {}, line(["query", "key", "product"], "th")), el("tbody", {}, ...rows.map((row) => line(row, "td")))));
}
