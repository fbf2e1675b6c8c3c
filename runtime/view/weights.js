// Weights as heat maps of the rows and columns that hold anything.
// Text only ever enters the document as text nodes.
"use strict";

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
