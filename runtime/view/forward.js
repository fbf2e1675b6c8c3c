// The model in the browser: reading an input, the forward pass, and decoding the answers.
// Shapes: T = 1 + tokens (BOS in front), d = residual columns, per layer H heads of size e and m neurons.
// Every product is summed first, then the bias is added, then the residual, as in the JAX model; each step
// is rounded to the model's number format, so that the answers are the same.
"use strict";

/** Weights arrive as {shape, at, v}: the gaps between non-zero places, and the values there. */
function unpack(packed) {
  const places = new Int32Array(packed.at.length);
  let place = -1;
  packed.at.forEach((gap, i) => { place += gap; places[i] = place; });
  return { shape: packed.shape, places, values: Float64Array.from(packed.v) };
}

/** A dense copy of a sparse array. */
function dense(array, Floats) {
  const out = new Floats(array.shape.reduce((a, b) => a * b, 1));
  array.places.forEach((place, i) => { out[place] = array.values[i]; });
  return out;
}

/** The non-zero entries [row, column, value] of one [rows, columns] slice of a stack of matrices. */
function entries(array, slice = 0) {
  const [rows, columns] = array.shape.slice(-2);
  const first = slice * rows * columns;
  const found = [];
  array.places.forEach((place, i) => {
    const at = place - first;
    if (at >= 0 && at < rows * columns) found.push([Math.floor(at / columns), at % columns, array.values[i]]);
  });
  return found;
}

class Transformer {
  constructor(data) {
    this.data = data;
    this.Floats = data.dtype === "float32" ? Float32Array : Float64Array;
    this.round = data.dtype === "float32" ? Math.fround : (x) => x;
    this.d = data.columns.length;
    const get = (name) => unpack(data.weights[name]);
    this.tokenEmbedding = get("token_embedding");
    this.positionEmbedding = get("position_embedding");
    this.unembedding = get("unembedding");
    this.unembeddingBias = get("unembedding_bias");
    this.layers = Array.from({ length: data.layers }, (_, number) => {
      const names = ["w_q", "b_q", "w_k", "b_k", "w_v", "b_v", "w_o", "b_o", "w_in", "b_in", "w_out", "b_out"];
      const layer = Object.fromEntries(names.map((name) => [name, get(`layers.${number}.${name}`)]));
      const heads = layer.w_q.shape[0];
      const perHead = (name) => Array.from({ length: heads }, (_, h) => entries(layer[name], h));
      return {
        ...layer, heads, size: layer.w_q.shape[2], neurons: layer.w_in.shape[1],
        q: perHead("w_q"), k: perHead("w_k"), v: perHead("w_v"), o: perHead("w_o"),
        in: entries(layer.w_in), out: entries(layer.w_out),
        bias: Object.fromEntries(names.filter((n) => n[0] === "b").map((n) => [n, dense(layer[n], this.Floats)])),
      };
    });
    this.tokenRows = dense(this.tokenEmbedding, this.Floats);
    this.positionRows = dense(this.positionEmbedding, this.Floats);
    this.unembeddingEntries = entries(this.unembedding);
    this.logitCount = this.unembedding.shape[1];
    this.logitBias = dense(this.unembeddingBias, this.Floats);
    this.ids = new Map(data.vocab.map((atom, i) => [atomKey(atom), 1 + i]));
  }

  /** x [T, from] times a sparse matrix [from, to]: the plain sum of products. */
  product(x, T, from, matrix, to) {
    const out = new this.Floats(T * to);
    for (const [i, j, weight] of matrix) {
      for (let t = 0; t < T; t++) out[t * to + j] += this.round(x[t * from + i] * weight);
    }
    return out;
  }

  plusBias(x, T, width, bias, offset = 0) {
    for (let t = 0; t < T; t++) for (let j = 0; j < width; j++) x[t * width + j] += bias[offset + j];
    return x;
  }

  plus(x, update) {
    return x.map((value, i) => value + update[i]);
  }

  /** Everything computed for token ids (without BOS). */
  run(ids) {
    const { d, Floats } = this;
    const all = [0, ...ids];
    const T = all.length;
    let x = new Floats(T * d);
    all.forEach((id, t) => {
      for (let c = 0; c < d; c++) x[t * d + c] = this.tokenRows[id * d + c] + this.positionRows[t * d + c];
    });
    const trace = { ids, T, residual: [x], layers: [] };
    for (const layer of this.layers) {
      const record = { heads: [], hidden: null };
      if (layer.heads) x = this.attention(x, T, layer, record);
      trace.residual.push(x);
      if (layer.neurons) x = this.mlp(x, T, layer, record);
      trace.residual.push(x);
      trace.layers.push(record);
    }
    const logits = this.product(x, T, d, this.unembeddingEntries, this.logitCount);
    trace.logits = this.plusBias(logits, T, this.logitCount, this.logitBias);
    trace.answers = ids.map((_, i) => this.decode(trace.logits, 1 + i));
    return trace;
  }

  attention(x, T, layer, record) {
    const { d } = this;
    const e = layer.size;
    const update = new this.Floats(T * d);
    for (let h = 0; h < layer.heads; h++) {
      const project = (matrix, bias) => this.plusBias(this.product(x, T, d, matrix, e), T, e, bias, h * e);
      const q = project(layer.q[h], layer.bias.b_q);
      const k = project(layer.k[h], layer.bias.b_k);
      const v = project(layer.v[h], layer.bias.b_v);
      const head = this.attend(q, k, v, T, e);
      record.heads.push({ q, k, v, ...head });
      for (const [j, c, weight] of layer.o[h]) {
        for (let t = 0; t < T; t++) update[t * d + c] += this.round(head.out[t * e + j] * weight);
      }
    }
    return this.plus(x, this.plusBias(update, T, d, layer.bias.b_o));
  }

  /** Softmax attention that divides last: sums of integers stay exact. */
  attend(q, k, v, T, e) {
    const { Floats, round } = this;
    const scores = new Floats(T * T), pattern = new Floats(T * T), out = new Floats(T * e);
    const powers = new Floats(T), sum = new Floats(1), dot = new Floats(1);
    for (let i = 0; i < T; i++) {
      const keys = this.data.causal ? i + 1 : T;
      let highest = -Infinity;
      for (let j = 0; j < T; j++) {
        dot[0] = 0;
        for (let c = 0; c < e; c++) dot[0] += round(q[i * e + c] * k[j * e + c]);
        scores[i * T + j] = dot[0];
        if (j < keys) highest = Math.max(highest, dot[0]);
      }
      sum[0] = 0;
      for (let j = 0; j < keys; j++) {
        powers[j] = Math.exp(round(scores[i * T + j] - highest));
        sum[0] += powers[j];
      }
      for (let j = 0; j < keys; j++) {
        pattern[i * T + j] = powers[j] / sum[0];
        if (powers[j]) for (let c = 0; c < e; c++) out[i * e + c] += round(powers[j] * v[j * e + c]);
      }
      for (let c = 0; c < e; c++) out[i * e + c] /= sum[0];
    }
    return { scores, pattern, out };
  }

  mlp(x, T, layer, record) {
    const before = this.product(x, T, this.d, layer.in, layer.neurons);
    const hidden = this.plusBias(before, T, layer.neurons, layer.bias.b_in).map((value) => Math.max(value, 0));
    record.hidden = hidden;
    const update = this.product(hidden, T, layer.neurons, layer.out, this.d);
    return this.plus(x, this.plusBias(update, T, this.d, layer.bias.b_out));
  }

  /** The answer at a position (BOS is 0), as {text, exact}. */
  decode(logits, t) {
    const row = logits.subarray(t * this.logitCount, (t + 1) * this.logitCount);
    const output = this.data.output;
    if (output.kind === "labels") {
      let best = 0;
      row.forEach((value, i) => { if (value > row[best]) best = i; });
      return { text: atomText(output.labels[best]), exact: atomExact(output.labels[best]), label: best };
    }
    const [n, m] = nearestFraction(...floatFraction(row[0]), BigInt(output.max_denominator));
    const [a, b] = ratio(output.scale);
    const found = reduced(n * a, m * b);
    const exact = numberExact(found, output);
    return { text: exact.includes("/") ? fractionText(found) : exact, exact, label: null };
  }

  /** Token ids of what was typed: a JSON list, or a text of one-character tokens. Throws InputError. */
  encode(text) {
    const tokens = readInput(text);
    const limit = this.data.max_length;
    if (!tokens.length) throw new InputError("The input is empty: the model needs at least one token.");
    if (tokens.length > limit) {
      throw new InputError(`The input has ${tokens.length} tokens, but the model takes at most ${limit}.`);
    }
    return tokens.map((token, position) => {
      const id = this.ids.get(token.key);
      if (id === undefined) throw new InputError(this.wrongToken(token, position));
      return id;
    });
  }

  wrongToken(token, position) {
    const kind = typeof this.data.vocab[0];
    const shown = this.data.vocab.slice(0, 12).map(atomSource).join(", ");
    const more = this.data.vocab.length > 12 ? `, … ${atomSource(this.data.vocab[this.data.vocab.length - 1])}` : "";
    const hint = kind !== "string" && token.key[0] === "s"
      ? ` This model's tokens are ${kind === "boolean" ? "booleans" : "numbers"}: write a list such as [${shown.split(", ").slice(0, 3).join(", ")}].` : "";
    return `Position ${position} holds ${token.text}, which is not in the vocabulary: ${shown}${more}.${hint}`;
  }
}

class InputError extends Error {}

// Atoms: strings, booleans and whole numbers as JSON has them, other numbers as {fraction: "1/3"}. -------

function atomKey(atom) {
  if (typeof atom === "string") return `s${atom}`;
  if (typeof atom === "boolean") return `b${atom}`;
  return `n${reduced(...ratio(atomNumber(atom))).join("/")}`;
}

function atomNumber(atom) {
  return typeof atom === "object" ? atom.fraction : String(atom);
}

/** What people see. */
function atomText(atom) {
  if (typeof atom === "object") return fractionText(ratio(atom.fraction));
  return typeof atom === "boolean" ? (atom ? "T" : "F") : String(atom);
}

/** The same, told apart by type: "1" is a string, 1 a number, 1/2 a fraction. */
function atomExact(atom) {
  return typeof atom === "object" ? ratio(atom.fraction).join("/") : JSON.stringify(atom);
}

/** How the atom is written in an input. */
function atomSource(atom) {
  return typeof atom === "object" ? fractionText(ratio(atom.fraction)) : JSON.stringify(atom);
}

const ATOM = /"(?:[^"\\]|\\.)*"|true|false|-?\d+\/[1-9]\d*|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;

/** A list as JSON reads it: a fraction such as 1/3, which JSON does not know, stands for itself later. */
const withoutFractions = (text) => text.replace(ATOM, (atom) => (atom[0] !== '"' && atom.includes("/") ? "0" : atom));

function readInput(text) {
  let list = null;
  try { list = JSON.parse(withoutFractions(text)); } catch { /* not JSON: a text of tokens */ }
  if (!Array.isArray(list)) return Array.from(text, (c) => ({ key: `s${c}`, text: JSON.stringify(c) }));
  if (list.some((item) => item === null || typeof item === "object")) {
    throw new InputError("A token is a string, a number or a boolean, and the list is flat.");
  }
  // The numbers are read from the text: JSON.parse would round long ones.
  return (text.match(ATOM) || []).map((source) => {
    if (source[0] === '"') return { key: `s${JSON.parse(source)}`, text: source };
    if (source === "true" || source === "false") return { key: `b${source}`, text: source };
    if (Math.abs(Number((/[eE](.*)/.exec(source) || [0, 0])[1])) > 400) throw new InputError(`${source} is out of range.`);
    return { key: `n${reduced(...ratio(source)).join("/")}`, text: source };
  });
}

// Exact fractions of big integers ---------------------------------------------------------------------

/** "3", "-1/3", "0.25" or "1e-3" as [numerator, denominator]. */
function ratio(text) {
  if (text.includes("/")) return text.split("/").map(BigInt);
  const [, sign, whole, part = "", power = "0"] = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(text);
  const shift = Number(power) - part.length;
  const digits = BigInt(sign + whole + part);
  return reduced(digits * 10n ** BigInt(Math.max(shift, 0)), 10n ** BigInt(Math.max(-shift, 0)));
}

function reduced(n, m) {
  let [a, b] = [n < 0n ? -n : n, m];
  while (b) [a, b] = [b, a % b];
  return a ? [n / a, m / a] : [n, m];
}

/** A float as the fraction that it is. */
function floatFraction(x) {
  let power = 0n;
  while (!Number.isInteger(x)) { x *= 2; power += 1n; }
  return [BigInt(x), 2n ** power];
}

/** The fraction nearest to n/m with a denominator of at most `limit`: continued fractions. */
function nearestFraction(n, m, limit) {
  [n, m] = reduced(n, m);
  if (m <= limit) return [n, m];
  let [p0, q0, p1, q1, a, b] = [0n, 1n, 1n, 0n, n, m];
  for (;;) {
    const floor = a >= 0n || a % b === 0n ? a / b : a / b - 1n;
    const q2 = q0 + floor * q1;
    if (q2 > limit) break;
    [p0, q0, p1, q1, a, b] = [p1, q1, p0 + floor * p1, q2, b, a - floor * b];
  }
  const steps = (limit - q0) / q1;
  const near = [p0 + steps * p1, q0 + steps * q1];
  const away = ([p, q]) => { const gap = p * m - n * q; return [gap < 0n ? -gap : gap, q]; };
  const [[g1, h1], [g0, h0]] = [away([p1, q1]), away(near)];
  return g1 * h0 <= g0 * h1 ? [p1, q1] : near;
}

/** A number that a model answers: whole where only whole ones can occur. */
function numberExact([n, m], { max_denominator: most, scale }) {
  const whole = most === 1 && ratio(scale)[1] === 1n && m === 1n;
  return whole ? String(n) : `${n}/${m}`;
}

/** A fraction as a decimal of at most three places, always with a point. */
function fractionText([n, m]) {
  const text = (Number((n * 100000000n) / m) / 1e8).toFixed(3).replace(/0+$/, "");
  return text.endsWith(".") ? `${text}0` : text;
}
