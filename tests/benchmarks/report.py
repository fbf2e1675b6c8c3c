"""The measurements as a table and as a plot."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from rich.table import Table

from tests.benchmarks.comparison import BATCHES, OURS, TRACR
from tests.benchmarks.worker import Measured

RUNNING: dict[str, Callable[[Measured], str]] = {
    "FLOP/seq": lambda running: f"{running['operations']:,}",
    "weight bytes": lambda running: f"{running['weight_bytes']:,}",
    "cache/token": lambda running: f"{running['cache_bytes_a_token']:,}",
    "FLOP/byte": lambda running: f"{running['intensity']:.1f}",
    "not 0": lambda running: f"{running['nonzero']:.0%}",
}
"""What a pass over the largest batch takes by arithmetic, beside what it took (`Model.running`)."""


def table(rows: Sequence[Measured], machine: Measured) -> Table:
    """One line for each row; the share of the machine's speed is that of the largest batch."""
    result = Table(title=f"{machine['device']}, {machine['cores']} cores, JAX {machine['jax']}")
    for title in ("program", "V x N", "system"):
        result.add_column(title, no_wrap=True)
    for title in ("compile", "again", "layers", "heads", "d_model", "parameters", "right"):
        result.add_column(title, justify="right", no_wrap=True)
    for batch in BATCHES:
        result.add_column(f"seq/s @{batch}", justify="right", no_wrap=True)
    result.add_column("GFLOP/s", justify="right", no_wrap=True)
    result.add_column("of machine", justify="right", no_wrap=True)
    for title in RUNNING:
        result.add_column(title, justify="right", no_wrap=True)
    result.add_column("note")
    for number, row in enumerate(rows):
        following = rows[number + 1] if number + 1 < len(rows) else row
        result.add_row(*cells(row, machine), end_section=row["program"] != following["program"])
    return result


def cells(row: Measured, machine: Measured) -> list[str]:
    """A row's entries as text; what was not measured is left empty."""
    rates, speeds = row.get("per_second", {}), row.get("flops", {})
    speed = speeds.get(str(BATCHES[-1]))
    return [
        row["program"],
        f"{row['vocabulary']} x {row['length']}",
        row["system"],
        entry(row, "compile_seconds", lambda seconds: f"{seconds:.2f} s"),
        entry(row, "again_seconds", lambda seconds: f"{seconds:.2f} s"),
        *(entry(row, key, str) for key in ("layers", "heads", "d_model")),
        entry(row, "parameters", lambda count: f"{count:,}"),
        entry(row, "right", lambda right: f"{right}/{row['inputs']}"),
        *(f"{rates[str(batch)]:,.0f}" if str(batch) in rates else "" for batch in BATCHES),
        "" if speed is None else f"{speed / 1e9:.1f}",
        "" if speed is None else f"{speed / machine['product_flops']:.0%}",
        *(write(row["running"]) if "running" in row else "" for write in RUNNING.values()),
        str(row.get("error", "")),
    ]


def entry(row: Measured, key: str, text: Callable[[Any], str]) -> str:
    return text(row[key]) if key in row else ""


def summary(rows: Sequence[Measured], machine: Measured) -> list[str]:
    """The comparison in a few lines."""
    lines = [f"A float32 matrix product reaches {machine['product_flops'] / 1e9:.1f} GFLOP/s here."]
    for system in (OURS, TRACR):
        tried = [row for row in rows if row["system"] == system and "right" in row]
        if tried:
            right, inputs = sum(row["right"] for row in tried), sum(row["inputs"] for row in tried)
            lines.append(f"{system}: {right:,} of {inputs:,} answers right, in {len(tried)} models.")
    return lines + [smaller(*pair) for pair in pairs(rows)]


def pairs(rows: Sequence[Measured]) -> list[tuple[Measured, Measured]]:
    """Ours and Tracr's, for each program at the largest size that Tracr compiled."""
    by_place = {(row["program"], row["length"], row["system"]): row for row in rows if "parameters" in row}
    largest: dict[str, tuple[Measured, Measured]] = {}
    for (program, length, system), theirs in by_place.items():
        mine = by_place.get((program, length, OURS))
        if system == TRACR and mine is not None:
            largest[program] = (mine, theirs)
    return list(largest.values())


def smaller(mine: Measured, theirs: Measured) -> str:
    return (
        f"{mine['program']} at {mine['vocabulary']} x {mine['length']}: {mine['parameters']:,} parameters "
        f"against {theirs['parameters']:,}, a factor of {theirs['parameters'] / mine['parameters']:,.0f}."
    )


def plot(rows: Sequence[Measured], path: Path) -> None:
    """Parameters and compile time against the maximum length, one line for each program and system."""
    from matplotlib import colormaps
    from matplotlib.figure import Figure

    figure = Figure(figsize=(13, 6), layout="constrained")
    programs = list(dict.fromkeys(row["program"] for row in rows))
    titles = {"parameters": "parameters", "again_seconds": "compile time in seconds"}
    for axes, (key, title) in zip(figure.subplots(1, 2), titles.items(), strict=True):
        for number, program in enumerate(programs):
            for system, style in ((OURS, "-o"), (TRACR, "--x")):
                points = [r for r in rows if r["program"] == program and r["system"] == system and key in r]
                if points:
                    axes.plot(
                        [row["length"] for row in points],
                        [row[key] for row in points],
                        style,
                        color=colormaps["tab20"](number),
                        label=f"{program}, {system}",
                        markersize=4,
                    )
        axes.set(xscale="log", yscale="log", xlabel="maximum length N", title=title)
    figure.legend(*figure.axes[0].get_legend_handles_labels(), loc="outside right upper", fontsize="small")
    figure.savefig(path)
