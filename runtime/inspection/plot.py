"""A model at work as a figure for a paper, drawn by matplotlib (the extra `plot`)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from rasp.errors import RaspError
from rasp.graph.atoms import shown
from runtime.inspection.trace import Trace
from runtime.weights import Array, Atom

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


HEAVY = 0.9
"""Where BOS has more weight than this beside selected tokens, the head counts (see `drawn_weights`)."""


def plot(trace: Trace) -> Figure:
    """Attention of every head, and below it the residual columns once they are written.

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
    table = column_values(trace)
    wide = max(3.0 * max(len(heads), 1), 0.34 * len(names) + 3)
    tall = 0.19 * len(table) + 0.8
    figure = NewFigure(figsize=(wide, 3.2 * bool(heads) + tall), layout="constrained")
    parts: Any = figure.subfigures(2, 1, height_ratios=[3.2 if heads else 0.01, tall])
    upper, lower = parts
    if heads:
        grid = upper.subplots(1, len(heads), squeeze=False)[0]
        for axes, (layer, head, weights) in zip(grid, heads, strict=True):
            draw_attention(axes, weights, names, f"layer {layer}, head {head}")
    draw_columns(lower.subplots(), table, trace, names)
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
    axes.xaxis.tick_top()
    axes.tick_params(length=0)


def column_values(trace: Trace) -> Array:
    """[columns, T]: each column once it is written."""
    return np.stack([trace.column(column.name) for column in trace.columns])


def draw_columns(axes: Axes, table: Array, trace: Trace, names: list[str]) -> None:
    """The residual stream: a row for each column, coloured relative to its largest number."""
    largest = np.abs(table).max(axis=1, keepdims=True)
    image: Any = table / np.where(largest > 0, largest, 1)
    axes.imshow(image, cmap="RdBu", vmin=-1, vmax=1, aspect="auto")
    axes.set_xticks(range(len(names)), names, fontsize=7)
    axes.set_yticks(
        range(len(trace.columns)), [c.name.replace("$", r"\$") for c in trace.columns], fontsize=6
    )
    axes.tick_params(length=0)
    if table.size <= 600:
        for (row, place), value in np.ndenumerate(table):
            shade = "white" if abs(image[row, place]) > 0.6 else "black"
            axes.text(place, row, f"{value:.3g}", ha="center", va="center", fontsize=6, color=shade)
