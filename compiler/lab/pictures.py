"""Figures of experiments, drawn by matplotlib (the extra `lab`): the same numbers give the same picture."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from rasp.errors import ModelError, RaspError
from runtime.weights import Array

if TYPE_CHECKING:
    from compiler.lab.compressing import Compression

STYLE = {"svg.hashsalt": "lab", "svg.fonttype": "none", "font.size": 8}
SMALL = 40
"""So many columns at most are named beside a matrix."""


@dataclass(frozen=True)
class Picture:
    """A figure as SVG, which notebooks show."""

    svg: str

    def _repr_svg_(self) -> str:
        return self.svg

    def save(self, file: str | Path) -> None:
        """Write it to `file`. Raises ModelError if that cannot be written."""
        try:
            Path(file).write_text(self.svg, encoding="utf-8")
        except OSError as error:
            raise ModelError(f"cannot write {file}: {error.strerror}") from None


def extra() -> Any:
    """What makes figures. Raises RaspError without matplotlib."""
    try:
        from matplotlib.figure import Figure
    except ImportError:
        raise RaspError("figures need matplotlib", hint='pip install "rasp-compiler[lab]"') from None
    return Figure


def figure(rows: int, columns: int, width: float, height: float) -> tuple[Any, Any]:
    """An empty figure of so many axes. Raises RaspError without matplotlib."""
    made = extra()(figsize=(width, height), layout="constrained")
    return made, made.subplots(rows, columns, squeeze=False)


def picture(made: Any) -> Picture:
    """A figure as text, without the time when it was drawn."""
    from matplotlib import rc_context

    out = io.StringIO()
    settings: Any = STYLE
    with rc_context(settings):
        made.savefig(out, format="svg", metadata={"Date": None})
    return Picture(out.getvalue())


def curve(compressions: Sequence[Compression]) -> Picture:
    """Accuracy against the number of directions: each seed a dot, their mean a line."""
    made, axes = figure(1, 1, 4.6, 2.8)
    draw_curve(axes[0, 0], compressions)
    return picture(made)


def draw_curve(axes: Any, compressions: Sequence[Compression]) -> None:
    """The same on axes."""
    by_size = sorted(compressions, key=lambda each: each.d)
    for each in by_size:
        dots = [100 * seed.accuracy for seed in each.seeds]
        axes.plot([each.d] * len(dots), dots, ".", color="tab:gray", markersize=4, alpha=0.6)
    sizes = [each.d for each in by_size]
    axes.plot(sizes, [100 * each.accuracy for each in by_size], "-o", markersize=4, label="mean")
    axes.plot(sizes, [100 * each.best.accuracy for each in by_size], "--", linewidth=1, label="best")
    axes.set_xticks(sizes)
    axes.set_xlabel(f"directions (of {by_size[0].original.config.width} columns)")
    axes.set_ylabel("tokens right, %")
    axes.legend(fontsize=7)


def overlap(compression: Compression) -> Picture:
    """W W^T of the best seed: how much of each column is read where another was written. Columns that are
    read larger than they were written (answers, as the loss likes to be sure) count as if they were not.
    """
    names = compression.columns
    size = max(3.0, 0.17 * min(len(names), SMALL) + 1.8)
    made, axes = figure(1, 1, size, size)
    draw_matrix(axes[0, 0], capped(compression.best.projection), names, f"W Wᵀ, d = {compression.d}")
    return picture(made)


def capped(projection: Array) -> Array:
    """W W^T with the rows of W no longer than 1."""
    rows = projection / np.maximum(np.linalg.norm(projection, axis=1, keepdims=True), 1)
    found: Array = rows @ rows.T
    return found


def draw_matrix(axes: Any, matrix: Array, names: Sequence[str], title: str) -> None:
    """A square matrix with names on both sides, blue below 0 and red above."""
    axes.imshow(matrix, cmap="RdBu_r", vmin=-1, vmax=1)
    axes.set_title(title, fontsize=9)
    shown = [name.replace("$", r"\$") for name in names] if len(names) <= SMALL else []
    axes.set_xticks(range(len(shown)), shown, fontsize=5, rotation=90)
    axes.set_yticks(range(len(shown)), shown, fontsize=5)
    axes.tick_params(length=0)


def attention(heads: Mapping[str, Array], tokens: Sequence[str]) -> Picture:
    """Heads, each as a matrix with a row for each query and a column for each key."""
    made, axes = figure(1, len(heads), 0.5 + 2.1 * len(heads), 2.6)
    for each, (title, weights) in zip(axes[0], heads.items(), strict=True):
        each.imshow(np.asarray(weights), cmap="Blues", vmin=0, vmax=1)
        each.set_title(title, fontsize=8)
        for axis in ("x", "y"):
            getattr(each, f"set_{axis}ticks")(range(len(tokens)), tokens, fontsize=6)
        each.tick_params(length=0)
    return picture(made)
