"""Intermediates without a name are named, kept, seen and replaced."""

from __future__ import annotations

import compiler
import rasp
from compiler.lab.intermediates import named_reads

SOURCE = """
read2 = indices + 1;
x = selector_width(select(tokens, tokens, ==)) * 2 + aggregate(select(indices, read2, ==), read2, 0);
"""


def test_reads_without_a_name_can_be_kept_and_replaced() -> None:
    sop = rasp.parse(SOURCE).main
    names = named_reads(sop)
    assert names == ["read1", "read3"]
    assert named_reads(sop) == names
    model = compiler.compile(sop, "ab", 3, keep=names)
    (trace,) = model.batch_trace(["aab"])
    assert [trace[name][1:].round(3).tolist() for name in names] == [[2, 2, 1], [2, 3, 0]]
    assert model.intervene("aab", {"read1": [1, 3, 2], "read3": [0, 0, 3]}) == [2, 6, 7]


def test_the_answer_itself_needs_no_name() -> None:
    assert named_reads(rasp.parse("x = selector_width(select(tokens, tokens, ==));").main) == []
    twice = rasp.parse("a = length * 2; b = a + length;").main
    assert len(named_reads(twice)) == len(set(named_reads(twice)))
