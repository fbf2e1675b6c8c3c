"""The text forms of the compiler's stages, for people (`rasp compile --emit STAGE`, and the worked examples
of the tests).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from fractions import Fraction

import numpy as np

from compiler.certificate.claims import Claims, FeatureClaim
from compiler.graph.terms import Kind, Term, dump, reachable
from compiler.layout.assembly import Stored
from compiler.layout.schedule import Schedule
from compiler.lowering.operations import Gate, Head, HiddenLayer, Lowered, Neurons, neuron_count
from compiler.lowering.plan import Plan
from compiler.values.inference import Domains
from runtime.places import apart, changes
from runtime.weights import Config, Weights


def graph(root: Term) -> str:
    """One line a term."""
    return dump(root)


def domains(root: Term, known: Domains) -> str:
    """The values that every s-op can take."""
    lines = [f"{t.title}: {known.get(t).text}" for t in reachable(root) if not t.is_selector]
    return "\n".join(dict.fromkeys(lines)) + "\n"


def plan(plan: Plan) -> str:
    """How the value of each s-op reaches its readers, and the layer after which it is there."""
    shown = [t for t in plan.terms if t.kind is not Kind.CONST]
    return "".join(f"{t.title}: {_reached(plan, t)}, after layer {plan.ready(t)}\n" for t in shown)


def _reached(plan: Plan, term: Term) -> str:
    variable = plan.variable(term)
    if term.index in plan.reads:
        heads = len(plan.reads[term.index].conjunctions)
        what = "only its number" if variable is None else "any feature of it"
        return f"attention brings {what} ({heads} head{'s' if heads > 1 else ''})"
    if term.index in plan.grids:
        coordinates = (f"{c.title} ({c.size})" for c in plan.grids[term.index].coordinates)
        return f"neurons over {' x '.join(coordinates)}"
    if variable is None:
        return "a weighted sum of what is there"
    return "embedded" if variable is term else f"a function of {variable.title}"


def lowered(lowered: Lowered) -> str:
    """Embedding columns, heads and neurons: what each reads and writes."""
    lines = [f"{entry.of} embedding: {entry.column.name}" for entry in lowered.embedded]
    for head in lowered.heads:
        lines.append(f"head for {head.title}: BOS at {float(head.bos_score):g}")
        lines += [f"  score: ({query.text}) * ({key.text})" for query, key in head.dims]
        lines += [f"  {v.column.name}: {float(v.factor):g} * mean of {v.reading.text}" for v in head.values]
    for hidden in lowered.hidden:
        lines += _gate(hidden) if isinstance(hidden, Gate) else _hidden_layer(hidden)
    return "\n".join([*lines, f"output: {lowered.output.text}"]) + "\n"


def _gate(gate: Gate) -> list[str]:
    units = (f"{float(weight):g} * relu({reading.text})" for reading, weight in gate.units)
    made = " + ".join([f"{float(gate.start):g}", *units])
    return [f"neurons for {gate.title}", f"  {gate.column.name}: {made}"]


def _hidden_layer(hidden: HiddenLayer) -> list[str]:
    made = (f"  {c.name}: {_neurons(hidden, number)}" for number, c in enumerate(hidden.columns))
    return [f"neurons for {hidden.title}: p = {hidden.reading.text}", *made]


def _neurons(hidden: HiddenLayer, number: int) -> str:
    """What one of a hidden layer's columns gets at a point p."""
    units = zip(hidden.weights[:, number], hidden.signs, hidden.thresholds, strict=True)
    parts = [f"{w:g} * relu({f'p - {t:g}' if s > 0 else f'{t:g} - p'})" for w, s, t in units if w]
    return " + ".join([f"{hidden.starts[number]:g}", *parts])


def claims(claims: Claims, terms: Sequence[Term], names: Sequence[str]) -> str:
    """What a certificate claims, with s-ops and columns by name: `terms` and `names` have those by number."""

    def title(of: int | str) -> str:
        return terms[of].title if isinstance(of, int) else of

    def over(of: int | str | Mapping[int, Fraction]) -> str:
        if isinstance(of, int | str):
            return title(of)
        return " + ".join(terms[n].title if c == 1 else f"{c}*{terms[n].title}" for n, c in of.items())

    lines = []
    for held in claims.features:
        columns = " + ".join(names[column] for column in held.columns)
        lines.append(f"{columns}: {_claimed(held, title(held.of))}")
    for head in claims.heads:
        scored = (
            f"{title(x.keys)} {x.relation} {title(x.queries)} by dims {list(x.dims)}" for x in head.literals
        )
        where = f"layer {head.layer} head {head.head}"
        lines.append(f"{where} reads for {title(head.term)}: {' and '.join(scored) or 'everything'}")
    for hidden in claims.hidden:
        made = ", ".join(names[column] for column in hidden.columns)
        lines.append(f"layer {hidden.layer} neurons make {made} from {', '.join(map(over, hidden.over))}")
    lines += [f"constant: {title(c.term)} over {', '.join(map(over, c.over))}" for c in claims.constants]
    return "\n".join(lines) + "\n"


def _claimed(held: FeatureClaim, title: str) -> str:
    """What columns are claimed to hold of an s-op."""
    if held.slope is None:
        return "marks BOS" if held.values is None else f"of {title}, value by value: {held.values}"
    factor, offset = held.slope
    return f"{'' if factor == 1 else f'{factor} * '}the code of {title}{f' + {offset}' if offset else ''}"


def schedule(lowered: Lowered, schedule: Schedule) -> str:
    """Heads and hidden layers by layer, and every choice of encoding with its cost."""
    lines = []
    for number in range(1, schedule.depth + 1):
        lines.append(f"layer {number}")
        lines += [_head_line(head) for layer, head in schedule.heads if layer == number]
        lines += [_hidden_line(hidden) for layer, hidden in schedule.hidden if layer == number]
    counted = Counter(lowered.choices)
    lines.append("choices")
    lines += [f"  {choice}" + (f" (x{n})" if n > 1 else "") for choice, n in counted.items()]
    return "\n".join(lines) + "\n"


def _head_line(head: Head) -> str:
    names = ", ".join(dict.fromkeys(read.term.title for read in head.reads))
    bos = f"BOS at {float(head.bos_score):g}"
    return f"  head for {names}: {len(head.dims)} score dims, {bos}, writes {len(head.values)}"


def _hidden_line(hidden: Neurons) -> str:
    outputs = ", ".join(column.name for column in hidden.columns)
    return f"  {neuron_count(hidden)} neurons for {outputs}"


def layout(stored: Stored, lowered: Lowered) -> str:
    """The columns of the residual stream, each with its place there."""
    config = stored.config
    sublayers = {0: "embedding"}
    lines = []
    for number, column in enumerate(config.columns):
        layer = (column.written + 1) // 2
        default = f"layer {layer} {'attention' if column.written % 2 else 'MLP'}"
        where = sublayers.get(column.written, default)
        lines.append(f"{config.place(number):4d}  {column.name}  [{where}]")
    lines += [
        f"layer {c.layer} MLP: clears place {c.place} of {config.columns[c.old].name} "
        f"for {config.columns[c.new].name}"
        for c in changes(config)
    ]
    lines += [stored.reason, f"output: {lowered.output.text}"]
    return "\n".join(lines) + "\n"


def weights(config: Config, values: Weights) -> str:
    """The non-zero entries of every matrix, by column names; what only clears shared places is left out."""
    config, values = apart(config, values)
    names = [c.name for c in config.columns]
    lines = []
    for vocab, row in zip(["BOS", *map(str, config.vocab)], values.token_embedding, strict=True):
        lines.append(f"token {vocab}: {_row(row, names)}")
    for number, layer in enumerate(values.layers, start=1):
        for h in range(layer.w_q.shape[0]):
            for matrix, bias, letter in (
                (layer.w_q, layer.b_q, "query"),
                (layer.w_k, layer.b_k, "key"),
                (layer.w_v, layer.b_v, "value"),
            ):
                for j in range(matrix.shape[2]):
                    text = _row(matrix[h, :, j], names, float(bias[h, j]))
                    lines.append(f"layer {number} head {h} {letter} {j}: {text}")
            for j in range(layer.w_o.shape[1]):
                lines.append(f"layer {number} head {h} writes {j}: {_row(layer.w_o[h, j], names)}")
        for m in range(layer.w_in.shape[1]):
            read = _row(layer.w_in[:, m], names, float(layer.b_in[m]))
            lines.append(f"layer {number} neuron {m}: relu({read}) -> {_row(layer.w_out[m], names)}")
    for j in range(values.unembedding.shape[1]):
        text = _row(values.unembedding[:, j], names, float(values.unembedding_bias[j]))
        lines.append(f"logit {j}: {text}")
    return "\n".join(lines) + "\n"


def _row(row: np.ndarray[tuple[int], np.dtype[np.floating]], names: list[str], bias: float = 0.0) -> str:
    parts = [f"{float(row[i]):g} {names[i]}" for i in np.flatnonzero(row)]
    if bias or not parts:
        parts.append(f"{bias:g}")
    return " + ".join(parts)
