"""A model at work as a figure for a paper, drawn by matplotlib (the extra `plot`)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import groupby
from typing import TYPE_CHECKING, Any

import numpy as np

from rasp.errors import RaspError
from rasp.graph.atoms import shown
from runtime.inspection.own import in_words
from runtime.inspection.reading import as_reads
from runtime.inspection.trace import Trace
from runtime.weights import Array, Atom, Column

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


HEAVY = 0.9
"""Where BOS has more weight than this beside selected tokens, the head counts (see `drawn_weights`)."""


def plot(trace: Trace, told: Mapping[str, str]) -> Figure:
    """Attention of every head, and below it the residual columns once they are written; `told` is what people
    are told that columns are, by their names.

    Raises RaspError without matplotlib.
    """
    try:
        from matplotlib.figure import Figure as NewFigure
    except ImportError:
        raise RaspError("plotting needs matplotlib", hint='pip install "rasp-compiler[plot]"') from None
    heads = [
        (layer, head, weights)
        for layer, patterns in enumerate(trace.attention, start=1)
        for head, weights in enumerate(patterns, start=1)
    ]
    names = ["BOS", *(label(token) for token in trace.tokens)]
    rows = drawn_rows(trace)
    wide = max(3.0 * max(len(heads), 1), 0.34 * len(names) + 3)
    tall = 0.19 * len(rows) + 0.8
    figure = NewFigure(figsize=(wide, 3.4 * bool(heads) + tall), layout="constrained")
    parts: Any = figure.subfigures(2, 1, height_ratios=[3.4 if heads else 0.01, tall])
    upper, lower = parts
    if heads:
        grid = upper.subplots(1, len(heads), squeeze=False)[0]
        for axes, (layer, head, weights) in zip(grid, heads, strict=True):
            draw_attention(axes, weights, names, f"layer {layer}, head {head}")
    draw_columns(
        lower.subplots(), [replace(row, name=told.get(row.name, in_words(row.name))) for row in rows], names
    )
    return figure


def label(token: Atom) -> str:
    """A token beside a matrix: strings as they are, and never a formula to matplotlib."""
    return (token if isinstance(token, str) else shown(token)).replace("$", r"\$")


def drawn_weights(weights: Array) -> Array:
    """The weights as they are drawn: where a heavy BOS counts, the tokens' share among themselves."""
    largest = weights[:, 1:].max(axis=1, initial=0.0)
    if not ((weights[:, 0] > HEAVY) & (largest > 0)).any():
        return weights
    share = weights / np.where(largest > 0, largest, 1)[:, None]
    share[:, 0] = 0
    return share


def draw_attention(axes: Axes, weights: Array, names: list[str], title: str) -> None:
    """One head: a row for each query, a column for each key."""
    axes.imshow(drawn_weights(weights), cmap="Blues", vmin=0, vmax=1)
    axes.set_title(title, fontsize=9)
    axes.set_xticks(range(len(names)), names, fontsize=7)
    axes.set_yticks(range(len(names)), names, fontsize=7)
    axes.tick_params(length=0)


@dataclass(frozen=True)
class DrawnRow:
    """One row of the residual stream: its name, its numbers [T], and what they say at each position."""

    name: str
    numbers: Array
    texts: tuple[str, ...]


def drawn_rows(trace: Trace) -> list[DrawnRow]:
    """A row for each column once it is written; the columns that tell how far up one value is (`x >= 1`,
    `x >= 2` and so on) are one row, in which it stands, and so are the parts of a read: their sum.
    """
    rows = []
    reads = [read for read, _ in as_reads(trace.columns, range(len(trace.columns)))]
    for name, group in groupby(reads, _step_of):
        columns = list(group)
        if name is None or len(columns) == 1:
            rows += [_row(trace, column) for column in columns]
        else:
            rows.append(_folded(trace, name, columns))
    return rows


def _step_of(column: Column) -> str | None:
    """The value that a column tells one step of: `tokens` for `tokens >= 3`, None for any other column. The
    last step may be written `tokens = 5`.
    """
    step = re.fullmatch("(.+) >?= .+", column.name)
    return step[1] if step and column.sop == step[1] else None


def _row(trace: Trace, column: Column) -> DrawnRow:
    numbers = trace[column.name]
    if column.labels is None or all(isinstance(each, bool) for each in column.labels):
        texts = tuple(f"{number * float(column.scale):.3g}" for number in numbers)
        return DrawnRow(column.name, numbers, texts)
    return DrawnRow(column.name, numbers, ("", *map(label, trace.values(column.name))))


def _folded(trace: Trace, name: str, columns: list[Column]) -> DrawnRow:
    """How many steps are reached, and the highest of them."""
    steps = [column.name.removeprefix(name).lstrip(" >=") for column in columns]
    reached = np.stack([trace[column.name] for column in columns])
    counts = (reached > 0.5).sum(axis=0)
    texts = [steps[count - 1] if count else f"< {steps[0]}" for count in counts.tolist()]
    return DrawnRow(name, counts, ("", *map(label, texts[1:])))


def draw_columns(axes: Axes, rows: list[DrawnRow], names: list[str]) -> None:
    """The residual stream, each row coloured relative to its largest number."""
    table = np.stack([row.numbers for row in rows])
    largest = np.abs(table).max(axis=1, keepdims=True)
    image: Any = table / np.where(largest > 0, largest, 1)
    axes.imshow(image, cmap="RdBu", vmin=-1, vmax=1, aspect="auto")
    axes.set_xticks(range(len(names)), names, fontsize=7)
    axes.set_yticks(range(len(rows)), [row.name.replace("$", r"\$") for row in rows], fontsize=6)
    axes.tick_params(length=0)
    if table.size <= 600:
        for row, place in np.ndindex(*table.shape):
            shade = "white" if abs(image[row, place]) > 0.6 else "black"
            axes.text(place, row, rows[row].texts[place], ha="center", va="center", fontsize=6, color=shade)
