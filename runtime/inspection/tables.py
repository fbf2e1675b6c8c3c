"""Tables as terminals and notebooks show them, and what a model is in a few words."""

from __future__ import annotations

import html
import json
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from rasp.graph.atoms import decimal
from runtime.weights import Atom, Config, Size


@dataclass(frozen=True)
class Table:
    """A header and rows of texts; the columns from `right` on stand at the right."""

    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    right: int = 1

    def text(self) -> str:
        """In aligned columns, a line each."""
        lines = [line for line in (self.header, *self.rows) if any(line)]
        widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
        return "\n".join(
            "  ".join(
                cell.rjust(width) if place >= self.right else cell.ljust(width)
                for place, (cell, width) in enumerate(zip(line, widths, strict=True))
            ).rstrip()
            for line in lines
        )

    def html(self) -> str:
        """As notebooks show it."""
        return f"<table>{_row('th', self.header)}{''.join(_row('td', row) for row in self.rows)}</table>"


def _row(tag: str, cells: Sequence[str]) -> str:
    inner = "".join(f"<{tag}>{html.escape(cell)}</{tag}>" for cell in cells)
    return f"<tr>{inner}</tr>" if any(cells) else ""


def written(value: Atom) -> str:
    """A value as people write it: strings in quotes, fractions as decimals to three places."""
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    return decimal(round(value, 3)) if isinstance(value, Fraction) else str(value)


def few(values: Sequence[Atom], most: int = 8) -> str:
    """The values, or the first and last of many."""
    shown = [written(value) for value in values]
    return " ".join(shown if len(shown) <= most else [*shown[: most - 2], "...", shown[-1]])


def counted(count: int, noun: str) -> str:
    """`1 layer`, `2 layers`."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def in_short(config: Config, size: Size, certified: bool, warnings: int = 0) -> str:
    """A model in one line."""
    parts = [
        counted(size.layers, "layer"),
        counted(size.heads, "head"),
        f"d_model {size.d_model}",
        counted(size.parameters, "parameter"),
        f"{counted(len(config.vocab), 'token')}, up to {config.max_length:,}",
        *(["causal"] if config.causal else []),
        "certified"
        if certified
        else "soft, tried, not certified"
        if config.style == "soft"
        else "not certified",
        *([counted(warnings, "warning")] if warnings else []),
    ]
    return f"<Model: {'; '.join(parts)}>"


def facts(config: Config, size: Size, summary: str) -> Table:
    """A model as a table of names and figures."""
    labels = few(config.output.labels) if config.output.kind == "labels" else "numbers"
    rows = {
        "tokens": few(config.vocab),
        "max length": f"{config.max_length:,} ({'causal' if config.causal else 'bidirectional'})",
        "layers": f"{size.layers:,}",
        "heads": f"{size.heads:,}",
        "d_model": f"{size.d_model:,}",
        "d_head": f"{size.d_head:,}",
        "d_mlp": f"{size.d_mlp:,}",
        "parameters": f"{size.parameters:,} ({size.nonzeros:,} not 0)",
        "outputs": labels,
        "certificate": summary,
    }
    return Table(("", ""), tuple(rows.items()), right=2)
