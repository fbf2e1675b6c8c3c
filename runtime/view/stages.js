// The cards: the embedding, each layer's heads and neurons, and the unembedding.
// Text only ever enters the document as text nodes.
"use strict";

function drawStages() {
  const groups = [el("div", { className: "layer" }, stageCard(0, null))];
  model.layers.forEach((layer, i) => {
    const cards = [2 * i + 1, 2 * i + 2].filter((stage) => (stage % 2 ? layer.heads : layer.neurons));
    if (cards.length) groups.push(el("div", { className: "layer" }, ...cards.map((stage) => stageCard(stage, layer))));
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

/** What a head compares, and what it does where that matches: a head can do one thing for several s-ops. */
function headText(head, heavy) {
  const plain = (columns) => [...columns].filter((c) => data.columns[c].name !== "bos");
  const compared = bases(plain([...head.q, ...head.k]));
  const read = plain([...head.copies.values()].flatMap((set) => [...set]));
  const steps = data.steps.filter(({ sublayer, heads }) => sublayer === 2 * head.layer - 1 && heads.includes(head.head));
  const told = [...new Set((steps.length ? steps : [{ how: "reads" }]).map(({ how, values }) => DOING[how] ?? `${how} ${values || brought(how, read)}`))].join(" and ");
  return `${compared.length ? `compares ${listed(compared)}; ` : ""}${told}${heavy ? " (✓ is selected)" : ""}`;
}

/** What a head brings together whose line of the program does not say it: of numbers that are added, of what. */
function brought(how, columns) {
  const isItself = ({ name, shown, labels, truth }) => how === "reads" || (name === shown && (!labels || truth));
  return listed(columns.map((c) => data.columns[c]).map((column) => (isItself(column) ? column.shown : `a function of ${column.shown}`)));
}

const DOING = { counts: "counts the keys", asks: "asks for any key" }; // others read values

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
