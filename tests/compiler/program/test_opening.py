"""Calls of library functions, with the lines that they carry out."""

from __future__ import annotations

import compiler
import rasp
from compiler.program.opening import opened, within_library
from rasp.graph.sops import in_order

SORTED = "width = selector_width(select(tokens, tokens, ==));\nresult = sort(tokens, tokens);"


def test_a_call_has_the_lines_of_the_function() -> None:
    model = compiler.compile(rasp.parse(SORTED).main, "ab", 3)
    [source] = model.sources(model.config)
    [call] = source.opened
    assert source.text[call.start : call.end] == "sort(tokens, tokens)"
    assert call.text.startswith("def sort(seq, key) {")
    assert call.text.endswith("}")
    named = {model.config.columns[column].sop: mark for mark in call.marks for column in mark.columns}
    [rank] = [sop for sop in named if sop not in ("tokens", "indices", "result")]
    assert call.text[named[rank].start : named[rank].end].startswith("select")
    whole = [mark for mark in call.marks if call.text[mark.start : mark.end].startswith("aggregate")]
    assert {model.config.columns[c].sop for mark in whole for c in mark.columns} == {"result"}


def test_what_is_one_read_has_nothing_inside() -> None:
    sop = rasp.parse("width = selector_width(select(tokens, tokens, ==));").main
    assert opened({node: frozenset([1]) for node in in_order(sop)}, sop.span.source if sop.span else "") == ()


def test_only_calls_in_the_text_are_told() -> None:
    sop = rasp.parse(SORTED).main
    assert {found for node in in_order(sop) for found in within_library(node, "other")} == set()
    assert {name for node in in_order(sop) for name, _, _ in within_library(node, SORTED)} == {"sort"}
