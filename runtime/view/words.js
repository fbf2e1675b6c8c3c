// Values, positions and stages in words.
// Text only ever enters the document as text nodes.
"use strict";

function tokenText(t) {
  return t === 0 ? "BOS" : atomText(data.vocab[state.trace.ids[t - 1] - 1]);
}

/** A token with its place, as sentences name it. */
function tokenPlace(t) {
  return t === 0 ? "BOS" : `${atomSource(data.vocab[state.trace.ids[t - 1] - 1])} at position ${t - 1}`;
}

/** `rank = 2`, and `tokens == "a" is True`: no sign beside those of a comparison. */
const holding = (name, value) => `${name}${/[=<>]|\b(and|or|not|if|in)\b/.test(name) ? " is " : " = "}${value}`;

function decimal(x) {
  if (Number.isInteger(x)) return String(x);
  return Math.abs(x) < 1e-3 ? x.toExponential(0) : String(Number(x.toFixed(3)));
}

/** What is added to a column's number to read it; to the sum of a read's parts once, and to no part of it. */
function restOf(column, isSum = false) {
  const { rest, part_of: read } = data.columns[column];
  if (rest === "0" || (read && !isSum)) return 0;
  const [n, m] = ratio(rest).map(Number);
  return n / m;
}

/** What a number in a column means; of parts of a read only their sum has a label. */
function valueText(column, carried, isSum = false) {
  const { labels, scale, rest, truth, part_of: read } = data.columns[column];
  const [x, whole] = [carried + restOf(column, isSum), isSum || !read];
  if (truth && (whole || rest === "0") && (x === 0 || x === 1)) return x ? "True" : "False";
  if (labels && !truth && whole) return atomText(labels[Math.min(Math.max(Math.round(x), 0), labels.length - 1)]);
  const [n, m] = ratio(scale).map(Number);
  return decimal((x * n) / m);
}

/** What the number itself is that a column carries: `x − 7` where x is read with the default 7. */
function carriedName(column) {
  const [n, m] = ratio(data.columns[column].scale).map(Number);
  const rest = (restOf(column) * n) / m;
  return rest ? `(${formulaOf(column)} ${rest < 0 ? "+" : "−"} ${decimal(Math.abs(rest))})` : formulaOf(column);
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

const bases = (columns) => [...columns].map((c) => data.columns[c].shown);
