// The panel that explains what is selected.
// Text only ever enters the document as text nodes.
"use strict";

function say(...lines) {
  document.getElementById("detail").replaceChildren(...lines.map((parts) => [].concat(parts).filter(Boolean)).filter((parts) => parts.length).map((parts) => {
    const pieces = parts.map((part) => (typeof part === "string" ? part : el("span", { className: "name", text: part.name })));
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
    if (window.matchMedia("(hover: none) and (max-width: 60rem)").matches) {
      say(["Tap an expression, a value, a head or a weight to see where it comes from and where it goes."], ["Tap beside them to let it go."]);
      return;
    }
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
    say([{ name }, plural], [`Written by ${writers}.`], columns.length === 1 ? [purposeTold(first)] : null);
    return;
  }
  const values = columns.map((c) => residual(c, position));
  const total = sumOf(columns, position);
  const rest = restOf(first, isRead);
  const readersAdd = rest ? `; its readers add ${decimal(rest)}` : "";
  const shown = columns.length === 1 || isRead
    ? (position === 0 ? decimal(total + rest) : valueText(first, total, isRead)) : embeddedLabel(columns, position) ?? columns.map((c, i) => decimal(values[i] + restOf(c))).join(" ");
  say([{ name: holding(name, shown) }], [`At ${tokenPlace(position)}. Written by ${writers}${sourceKeys(columns, position)}.`],
    columns.length === 1 ? [purposeTold(first)] : null,
    isRead ? [`The parts: ${values.map(decimal).join(" + ")}${readersAdd}.`] : null,
    columns.length === 1 && shown !== decimal(values[0]) ? [`The number carried is ${decimal(values[0])}${readersAdd}.`] : null);
}

/** What a column is for, as a sentence; nothing if nobody reads it. */
function purposeTold(column) {
  const purpose = purposeOf(column);
  return purpose && `It is there ${purpose}.`;
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
  const terms = own.in.filter(([, j]) => j === neuron).map(([c, , w]) => `${decimal(w)} × ${carriedName(c)}`);
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
