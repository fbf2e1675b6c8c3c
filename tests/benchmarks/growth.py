"""`python -m tests.benchmarks.growth`: how many parameters models have as length and vocabulary grow.

Ours and Tracr's, each for as long as it compiles; drawn on axes that are both logarithmic, in which a line
of slope 1 says that twice the length takes twice the parameters, and one of slope 2 four times.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import click

from tests.benchmarks.comparison import OURS, TRACR
from tests.benchmarks.tasks import numbers
from tests.benchmarks.worker import Measured, Request, Worker

PROGRAMS = ("reverse", "hist", "sort")
VOCABULARY = 26
"""Tokens while the length grows."""

LENGTH = 16
"""Positions while the vocabulary grows."""

LENGTHS = (4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048)
VOCABULARIES = (4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048)
SIZES = {"length": [(VOCABULARY, n) for n in LENGTHS], "vocabulary": [(v, LENGTH) for v in VOCABULARIES]}
TITLES = {
    "length": f"maximum length, {VOCABULARY} tokens",
    "vocabulary": f"tokens, {LENGTH} positions",
}
COLORS = {"reverse": "#1f9e89", "hist": "#d1812c", "sort": "#8b6fd1"}
GREY = "#808080"
"""Of all text and axes: it is read on white and on black."""

NO_METADATA = dict.fromkeys(("Creator", "Date", "Format", "Type"))
"""The same measurements are the same file."""


def rows(python: str | None, limit: float) -> Iterator[Measured]:
    """Each program at each size, by each system until one is not compiled; `python` is that with Tracr."""
    workers = {OURS: Worker(sys.executable, "tests.benchmarks.ours")}
    if python is not None:
        workers[TRACR] = Worker(python, "tests.benchmarks.peer")
    try:
        for system, worker in workers.items():
            for program in PROGRAMS:
                for grown, sizes in SIZES.items():
                    yield from grow(worker, system, program, grown, sizes, limit)
    finally:
        for worker in workers.values():
            worker.stop()


def grow(
    worker: Worker, system: str, program: str, grown: str, sizes: Sequence[tuple[int, int]], limit: float
) -> Iterator[Measured]:
    """One line of the plot: sizes one after the other, up to the first that is not compiled in time."""
    for size, length in sizes:
        found = worker.ask(Request(program, numbers(size), length, [], []), limit)
        yield {
            "system": system,
            "program": program,
            "grown": grown,
            "vocabulary": size,
            "length": length,
            **found,
        }
        if "parameters" not in found:
            return


def plot(measured: Sequence[Measured], path: Path) -> None:
    """Two drawings side by side, of length and of vocabulary, with nothing behind them."""
    from matplotlib import rc_context
    from matplotlib.figure import Figure

    ink = ("text.color", "axes.edgecolor", "axes.labelcolor", "xtick.color", "ytick.color")
    style: dict[Any, Any] = {**dict.fromkeys(ink, GREY), "svg.hashsalt": "growth", "svg.fonttype": "none"}
    with rc_context(style):
        figure = Figure(figsize=(10, 4.2), layout="constrained")
        for axes, (grown, title) in zip(figure.subplots(1, 2, sharey=True), TITLES.items(), strict=True):
            for program in PROGRAMS:
                for system, marks in ((OURS, "-o"), (TRACR, "--x")):
                    line = [
                        (row[grown], row["parameters"])
                        for row in measured
                        if (row["program"], row["system"], row["grown"]) == (program, system, grown)
                        and "parameters" in row
                    ]
                    axes.plot(
                        *zip(*line, strict=True) if line else ([], []),
                        marks,
                        color=COLORS[program],
                        label=f"{program}, {'Tracr' if system == TRACR else 'this compiler'}",
                        markersize=4,
                    )
            axes.set(xscale="log", yscale="log", xlabel=title)
            axes.patch.set_alpha(0)
            axes.grid(visible=True, color=GREY, alpha=0.25)
        figure.axes[0].set_ylabel("parameters")
        handles = figure.axes[0].get_legend_handles_labels()
        figure.legend(*handles, loc="outside right center", frameon=False)
        figure.savefig(path, transparent=True, metadata=NO_METADATA if path.suffix == ".svg" else None)


@click.command()
@click.option("--tracr/--no-tracr", default=True, help="Measure Tracr too.")
@click.option("--tracr-python", default=sys.executable, help="The Python that has Tracr, if not this one.")
@click.option("--limit", default=300.0, show_default=True, help="Seconds for one model.")
@click.option("--plot", "drawn", type=click.Path(path_type=Path), help="Draw them (extra [plot]).")
@click.option("--measured", "saved", type=click.Path(exists=True, path_type=Path), help="Draw these lines.")
def main(tracr: bool, tracr_python: str, limit: float, drawn: Path | None, saved: Path | None) -> None:
    """Print one line of JSON for each model, and draw them; or draw lines that were printed before."""
    measured = [] if saved is None else [json.loads(line) for line in saved.read_text().splitlines()]
    for row in rows(tracr_python if tracr else None, limit) if saved is None else ():
        measured.append(row)
        print(json.dumps(row), flush=True)
    if drawn is not None:
        plot(measured, drawn)


if __name__ == "__main__":
    main()
