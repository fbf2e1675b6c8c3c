"""The s-ops that are kept, by their names."""

from __future__ import annotations

import pytest

import rasp
from compiler.graph.keeping import kept_nodes
from rasp.errors import CompileError

PROGRAM = rasp.parse("a = indices + 1; b = a * 2; c = a - b;")


def test_each_by_its_name() -> None:
    assert {node.name for node in kept_nodes(PROGRAM.main, ["a", "c"])} == {"a", "c"}


def test_what_there_is_none_of() -> None:
    with pytest.raises(CompileError, match="no s-op of the program can be kept as 'd'"):
        kept_nodes(PROGRAM.main, ["d"])
