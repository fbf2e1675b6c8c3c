"""A learner's selectors on an input beside those of the reference: where theirs look, and where to look."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from rasp.errors import RaspError
from rasp.graph.interpreter import evaluate
from rasp.graph.sops import Read, Selector, SOp, in_order
from rasp.learning.exercise import Exercise
from rasp.learning.judging import reference, solution
from rasp.notation import show_atom
from rasp.words import Atom

MOST = 4
"""Matrices of each side."""


def failing_matrices(exercise: Exercise, source: str, tokens: Sequence[Atom]) -> dict[str, Any]:
    """What a learner's program reads with on an input, and what the reference does, both as matrices.

    Raises RaspError if the program does not run.
    """
    given = list(tokens)
    return {
        "tokens": [show_atom(token) for token in given],
        "yours": list(matrices(solution(exercise, source, "program.rasp"), given, exercise.causal)),
        "wanted": list(matrices(reference(exercise), given, exercise.causal)),
    }


def matrices(root: SOp, tokens: Sequence[Atom], causal: bool) -> Iterator[dict[str, Any]]:
    """The selectors that an s-op reads with, in the order in which they are needed."""
    selectors = dict.fromkeys(node.selector for node in in_order(root) if isinstance(node, Read))
    for selector in list(selectors)[:MOST]:
        try:
            rows = evaluate(selector, list(tokens), causal)
        except RaspError:
            continue
        yield {"name": name_of(selector), "matrix": ["".join("01"[chosen] for chosen in row) for row in rows]}


def name_of(selector: Selector) -> str:
    return selector.name or ""
