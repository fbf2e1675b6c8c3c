// What is computed from what, read off the weights: which columns each head and neuron reads and writes.
// Things have keys: "c:5" a column, "c:5:2" its value at position 2 (BOS is 0), "h:1:0" a head (layer from 1),
// "m:1" the neurons of a layer, "t:2" the token and "a:2" the answer at a position.
"use strict";

const VISIBLE_WEIGHT = 1e-3; // the least weight of BOS that counts as attention to it
const LEAST_WEIGHT = 1e-12; // of a token: beside a heavy BOS the selected ones have little, the others exactly 0

class Links {
  constructor(model) {
    this.model = model;
    this.heads = [];
    this.neurons = [];
    model.layers.forEach((layer, number) => {
      for (let h = 0; h < layer.heads; h++) this.heads.push(this.headLinks(layer, 1 + number, h));
      if (layer.neurons) this.neurons.push(this.neuronLinks(layer, 1 + number));
    });
    this.unembedded = new Set(model.unembeddingEntries.map(([column]) => column));
  }

  headLinks(layer, number, h) {
    const rows = (matrix) => new Set(matrix.map(([row]) => row));
    const copies = new Map(); // written column -> the columns whose values it is made of
    for (const [j, column] of layer.o[h]) {
      const sources = layer.v[h].filter(([, dim]) => dim === j).map(([row]) => row);
      copies.set(column, new Set([...(copies.get(column) || []), ...sources]));
    }
    return { key: `h:${number}:${h}`, layer: number, head: h, q: rows(layer.q[h]), k: rows(layer.k[h]), copies };
  }

  neuronLinks(layer, number) {
    const inputs = new Map(), writes = new Map();
    for (const [column, j] of layer.in) inputs.set(j, new Set([...(inputs.get(j) || []), column]));
    for (const [j, column] of layer.out) {
      const known = writes.get(column) || { neurons: new Set(), columns: new Set() };
      known.neurons.add(j);
      for (const read of inputs.get(j) || []) known.columns.add(read);
      writes.set(column, known);
    }
    return { key: `m:${number}`, layer: number, writes, inputs };
  }

  /** What a column's value at a position (null: everywhere) comes from, and where it goes. */
  ofColumn(column, position, trace) {
    const from = new Set(), to = new Set(), rows = new Map();
    const at = (c, p) => (p === null ? `c:${c}` : `c:${c}:${p}`);
    for (const head of this.heads) {
      if (head.copies.has(column)) {
        from.add(head.key);
        if (position !== null) rows.set(head.key, position);
        for (const c of head.q) from.add(at(c, position));
        for (const p of this.attended(head, position, trace)) {
          for (const c of [...head.copies.get(column), ...head.k]) from.add(at(c, p));
        }
      }
      this.addReader(head, column, position, trace, to, at);
    }
    for (const mlp of this.neurons) {
      const made = mlp.writes.get(column);
      if (made) {
        from.add(mlp.key);
        for (const c of made.columns) from.add(at(c, position));
      }
      for (const [written, { columns }] of mlp.writes) {
        if (columns.has(column)) to.add(mlp.key).add(at(written, position));
      }
    }
    if (this.model.data.columns[column].written === 0) from.add(position === null ? "t" : `t:${position}`);
    if (this.unembedded.has(column)) to.add(position === null ? "a" : `a:${position}`);
    return { self: new Set([at(column, position)]), from, to, rows };
  }

  /** The keys that a query attends to; null (all of them) where no position is meant. */
  attended(head, position, trace) {
    if (position === null) return [null];
    const { pattern } = trace.layers[head.layer - 1].heads[head.head];
    const keys = Array.from({ length: trace.T }, (_, key) => key);
    return keys.filter((key) => pattern[position * trace.T + key] > (key === 0 ? VISIBLE_WEIGHT : LEAST_WEIGHT));
  }

  addReader(head, column, position, trace, to, at) {
    const asQuery = head.q.has(column), asKey = head.k.has(column);
    for (const [written, sources] of head.copies) {
      if (!asQuery && !asKey && !sources.has(column)) continue;
      to.add(head.key);
      if (position === null) { to.add(at(written, null)); continue; }
      for (let query = 0; query < trace.T; query++) {
        const read = sources.has(column) && this.attended(head, query, trace).includes(position);
        if (read || (asQuery && query === position)) to.add(at(written, query));
      }
    }
  }

  /** A head, or one of its queries: the columns it reads and writes. */
  ofHead(layer, index, query, key, trace) {
    const head = this.heads.find((each) => each.layer === layer && each.head === index);
    const from = new Set(), to = new Set();
    const keys = key === null ? this.attended(head, query, trace) : [key];
    const add = (set, c, p) => set.add(p === null ? `c:${c}` : `c:${c}:${p}`);
    for (const c of head.q) add(from, c, query);
    for (const p of keys) for (const c of head.k) add(from, c, p);
    for (const [written, sources] of head.copies) {
      for (const p of keys) for (const c of sources) add(from, c, p);
      add(to, written, query);
    }
    return { self: new Set([head.key]), from, to, rows: new Map(query === null ? [] : [[head.key, query]]) };
  }

  /** A neuron at a position, or (null) all of a layer everywhere: the columns read and written. */
  ofNeuron(layer, neuron, position) {
    const mlp = this.neurons.find((each) => each.layer === layer);
    const at = (c) => (position === null ? `c:${c}` : `c:${c}:${position}`);
    const from = new Set(), to = new Set();
    mlp.inputs.forEach((columns, j) => {
      if (neuron === null || j === neuron) for (const c of columns) from.add(at(c));
    });
    mlp.writes.forEach(({ neurons }, c) => { if (neuron === null || neurons.has(neuron)) to.add(at(c)); });
    return { self: new Set([mlp.key]), from, to, rows: new Map() };
  }

  ofAnswer(position) {
    const from = new Set([...this.unembedded].map((c) => `c:${c}:${position}`));
    return { self: new Set([`a:${position}`]), from, to: new Set(), rows: new Map() };
  }

  ofToken(position) {
    const to = new Set();
    this.model.data.columns.forEach((column, c) => { if (column.written === 0) to.add(`c:${c}:${position}`); });
    return { self: new Set([`t:${position}`]), from: new Set(), to, rows: new Map() };
  }

  /** Several columns at once: what is one of them counts as neither source nor destination. */
  ofColumns(columns, position, trace) {
    const all = { self: new Set(), from: new Set(), to: new Set(), rows: new Map() };
    for (const column of columns) {
      const one = this.ofColumn(column, position, trace);
      for (const role of ["self", "from", "to"]) for (const key of one[role]) all[role].add(key);
      one.rows.forEach((row, key) => all.rows.set(key, row));
    }
    for (const role of ["from", "to"]) for (const key of all.self) all[role].delete(key);
    return all;
  }

  /** In words: what writes a column. */
  writer(column) {
    const heads = this.heads.filter((head) => head.copies.has(column));
    if (heads.length) return heads.map((h) => `head ${h.head + 1} of layer ${h.layer}`).join(" and ");
    const mlp = this.neurons.find((each) => each.writes.has(column));
    if (!mlp) return "the embedding";
    const count = mlp.writes.get(column).neurons.size;
    return `${count} neuron${count === 1 ? "" : "s"} of layer ${mlp.layer}`;
  }
}
