"""What s-ops and selectors answer when they are applied: the interpreter gives the graph its meaning, and an
error that happens there the hint that its expression suggests.
"""

from __future__ import annotations

from typing import Any

from rasp.errors import RaspError
from rasp.graph.interpreter import evaluate
from rasp.graph.sops import Node
from rasp.syntax.groupings import add_hint


def answer(node: Node, inputs: object, causal: bool) -> list[Any]:
    """The reference interpreter's answer (see `Node.__call__`)."""
    try:
        return evaluate(node, inputs, causal=causal)
    except RaspError as error:
        add_hint(error)
        raise
