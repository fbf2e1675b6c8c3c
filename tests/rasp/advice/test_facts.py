"""Facts: what holds of s-ops and selectors on every input."""

from __future__ import annotations

import rasp
from rasp.advice.facts import Facts
from rasp.graph.sops import Node
from tests.support.worked import assert_text, lines


def test_what_always_comes_out_the_same() -> None:
    """An index is never negative, and the opposite one never past the end; other comparisons vary."""
    made = {
        "indices >= 0": rasp.indices >= 0,
        "length - 1 - indices < length": rasp.length - 1 - rasp.indices < rasp.length,
        "indices == 1": rasp.indices == 1,
        "key > length": rasp.select(rasp.indices, rasp.length, ">"),
        "key == query": rasp.select(rasp.indices, rasp.indices, "=="),
    }
    assert all(isinstance(node, Node) for node in made.values())
    assert_text(
        lines(f"{text}: {Facts(node).always(node)}" for text, node in made.items()),
        """
        indices >= 0: True
        length - 1 - indices < length: True
        indices == 1: None
        key > length: False
        key == query: None
        """,
    )
