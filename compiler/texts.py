"""The text forms of the compiler's stages, for people (`rasp compile --emit STAGE`)."""

from __future__ import annotations

from collections import Counter

import numpy as np

from compiler.graph.terms import Term, dump, reachable
from compiler.layout.assembly import Stored
from compiler.layout.schedule import Schedule
from compiler.lowering.operations import Head, Lowered, Neurons, neuron_count
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
