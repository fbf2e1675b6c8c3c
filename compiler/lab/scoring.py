"""How the built-in methods do on a data set: the figures beside which a method's author can put others."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

import numpy as np

from compiler.lab import card
from compiler.lab.bench import MODELS, BenchError
from compiler.lab.candidates import dumps
from compiler.lab.checking import index
from compiler.lab.discovery import METHODS, Found, scored
from compiler.lab.patching import random_pairs
from compiler.workers import ALONE, Crew, results
from runtime.model import load
from runtime.saving.folders import probe

SCORES = "scores.json"

PAIRS = 48
"""Pairs of inputs of the greatest length that the methods see of each model."""


@dataclass(frozen=True)
class Scored:
    """What each method found in a model, by the names of both."""

    name: str
    layers: int
    found: Mapping[str, Found]


def score(
    folder: Path, crew: Crew = ALONE, part: str | None = None, most: int | None = None
) -> Iterator[Scored]:
    """All methods on the models of a set, on those of one part, or on so many at `most`.

    Raises BenchError if `folder` is no finished set.
    """
    refuse_unwritable(folder)
    chosen = [entry for entry in index(folder) if part in (None, entry["part"])][:most]
    yield from results(score_model, [(folder / MODELS / entry["name"], entry) for entry in chosen], crew)


def refuse_unwritable(folder: Path) -> None:
    """Raise BenchError where `keep` could not write what is found in a set."""
    try:
        if (folder / SCORES).is_dir():
            raise IsADirectoryError(0, "it is a folder", str(folder / SCORES))
        if folder.exists():
            probe(folder)
    except OSError as error:
        raise BenchError(f"cannot write {error.filename or folder}: {error.strerror}") from None


def score_model(given: tuple[Path, dict[str, Any]]) -> Scored:
    """All methods on one model."""
    folder, entry = given
    model = load(folder)
    pairs = random_pairs(model, PAIRS, seed=int(entry["number"]))
    found = {name: scored(model, method(model, pairs)) for name, method in METHODS.items()}
    return Scored(entry["name"], entry["layers"], found)


def keep(folder: Path, each: Sequence[Scored]) -> None:
    """Write what was found beside the set, and the means to its card, in place of what was there.

    Raises BenchError if they cannot be written.
    """
    data = {
        "pairs": PAIRS,
        "models": [asdict(one) for one in each],
        "means": {name: asdict(found) for name, found in means(each).items()},
    }
    there = folder / card.README
    try:
        before = there.read_text(encoding="utf-8", errors="replace")
        text = card.with_scores(before, table(each), len(each), PAIRS)
        (folder / SCORES).write_bytes(dumps(data))
        there.write_bytes(text.encode())
    except OSError as error:
        raise BenchError(f"cannot write {error.filename or folder}: {error.strerror}") from None


def means(each: Sequence[Scored]) -> dict[str, Found]:
    """The mean of all models for each method."""
    return {
        name: Found(
            *(float(np.mean(values)) for values in zip(*(one_of(s, name) for s in each), strict=True))
        )
        for name in METHODS
        if each
    }


def one_of(scored: Scored, name: str) -> tuple[float, ...]:
    """What a method found in a model, as numbers."""
    return tuple(asdict(scored.found[name]).values())


def table(each: Sequence[Scored]) -> str:
    """The means as lines, of all models and by their layers."""
    lines = [f"{'':24s}{'precision':>10s}{'recall':>10s}{'area':>10s}"]
    by_layers = groupby(sorted(each, key=lambda one: one.layers), key=lambda one: one.layers)
    groups = [(f"{n} layer{'s' * (n > 1)}", [*those]) for n, those in by_layers]
    for title, those in (("all", [*each]), *groups):
        lines.append(f"{title} ({len(those):,} models)")
        lines += [
            f"  {name:22s}{found.precision:10.3f}{found.recall:10.3f}{found.area:10.3f}"
            for name, found in means(those).items()
        ]
    return "\n".join(lines)
