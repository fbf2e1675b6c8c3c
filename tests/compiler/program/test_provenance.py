"""Columns, the circuit and the marks of pages are tied to s-ops by identity, whatever these are called."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

import compiler
import rasp
import runtime
from compiler.program.mentions import mentions
from compiler.program.provenance import sops_of_nodes
from rasp.errors import ModelError
from runtime.saving import config_json
from runtime.saving.storage import tied
from runtime.sources import Source, program_source
from tests.support.worked import FIRST, assert_text, lines, stages

TWO_COUNTS = (
    'x = selector_width((select(tokens, "a", ==) or select(tokens, "b", ==))\n'
    " and select(indices, indices, <=)) * 2\n"
    ' - selector_width((select(tokens, "a", ==) or select(tokens, "c", ==))\n'
    " and select(indices, indices, <=));"
)
"""Two s-ops that have the same title once it is shortened."""


@pytest.fixture(scope="module")
def two_counts() -> runtime.Model:
    return compiler.compile(rasp.parse(TWO_COUNTS).main, vocab="abc", max_length=5)


def marked(source: Source) -> dict[str, list[tuple[int, ...]]]:
    """The columns of each marked text."""
    found: dict[str, list[tuple[int, ...]]] = {}
    for mark in source.marks:
        found.setdefault(source.text[mark.start : mark.end], []).append(mark.columns)
    return found


def test_s_ops_of_one_title_are_two(two_counts: runtime.Model) -> None:
    counts = [column for column in two_counts.config.columns if "width" in column.sop]
    assert len({column.sop for column in counts}) == 1
    assert [column.of for column in counts] == [2, 2, 3, 3]


def test_they_are_two_parts_of_the_circuit(two_counts: runtime.Model) -> None:
    parts = [part for part in two_counts.circuit() if part[0] == "program" and "width" in str(part[1])]
    assert len(parts) == 2
    assert [two_counts.circuit().out_degree(part) for part in parts] == [2, 2]


def test_they_are_marked_apart_in_the_program(two_counts: runtime.Model) -> None:
    [source] = two_counts.sources(two_counts.config)
    found = marked(source)
    assert found['select(tokens, "b", ==)'] == [(7, 8)]
    assert found['select(tokens, "c", ==)'] == [(9, 10)]


def test_they_are_marked_apart_as_compiled(two_counts: runtime.Model, tmp_path: Path) -> None:
    two_counts.save(tmp_path / "m")
    loaded = runtime.load(tmp_path / "m")
    assert loaded.config == two_counts.config
    found = marked(program_source(loaded.program, loaded.config))
    assert found['step2 = select(tokens_str, "b", ==);'] == [(7, 8)]
    assert found['step9 = select(tokens_str, "c", ==);'] == [(9, 10)]


def test_an_s_op_may_be_called_like_a_column() -> None:
    sop = rasp.parse("bos = selector_width(select(tokens, tokens, ==)); answer = bos + bos * indices;").main
    model = compiler.compile(sop, vocab="ab", max_length=4)
    names = [column.name for column in model.config.columns]
    assert len(set(names)) == len(names)
    assert model.trace("aab").values("bos #2") == [2, 2, 1]
    assert compiler.recheck(model).ok


def test_tokens_that_look_like_numbered_columns() -> None:
    sop = rasp.parse(
        'a = select(tokens, "x", ==); b = has_focus(a) and tokens == "x #2"; c = tokens == "x"; d = b or c;'
    ).main
    model = compiler.compile(sop, vocab=["x", "x #2", "y"], max_length=4)
    names = [column.name for column in model.config.columns]
    assert len(set(names)) == len(names)
    assert compiler.verify(sop, model, samples=50).ok


def test_a_name_given_twice_stands_for_two_things() -> None:
    text = "a = selector_width(select(tokens, tokens, ==)); b = a + 1; a = indices % 2; c = a * b;"
    named = {span.offsets[0]: nodes for span, nodes in mentions(rasp.parse(text).main, text)}
    assert named[text.index("a = selector")] == named[text.index("a + 1")]
    assert named[text.index("a = indices")] == named[text.index("a * b")]
    assert named[text.index("a + 1")][0] is not named[text.index("a * b")][0]


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("def f(a) { b = a + 1; return b; } b = f(indices); c = b * b;", "indices b b b c"),
        ("l = [1, 2]; a = indices; for i in l { a = a + i; } c = a * 2;", "indices a a c"),
        ("b = [indices + i for i in range(3)][1]; c = b * 2;", "indices c"),
        ("a = tokens_int; b = (a); c = b + indices;", "tokens_int a a b b indices c"),
    ],
)
def test_what_is_bound_inside_is_left_alone(text: str, named: str) -> None:
    spans = [span for span, _ in mentions(rasp.parse(text).main, text)]
    assert sorted(span.text() for span in spans) == sorted(named.split())
    assert not any(text.startswith(("a + 1", "b; }", "a + i"), span.offsets[0]) for span in spans)


def test_saved_before_columns_were_numbered() -> None:
    """Models without numbers are tied by name, as far as these tell."""
    model = compiler.compile(rasp.load("sort").main, vocab=range(3), max_length=4)
    columns = tuple(replace(column, of=None) for column in model.config.columns)
    old = tied(replace(model.config, columns=columns, statements=()), model.program)
    assert [column.of for column in old.columns] == [column.of for column in model.config.columns]
    assert {statement.name for statement in old.statements if statement.sops} == {"rank", "sorted_tokens"}


def test_which_s_op_each_node_became() -> None:
    """By number of the s-ops that have columns: tokens are 0, positions 1, the copy 2, the comparison 3;
    constants and selectors have none.
    """
    made = stages(FIRST)
    became = sops_of_nodes(made.settled.terms, made.stored.numbers)
    assert_text(
        lines(
            f"{type(node).__name__} {node.name or 'unnamed'}: {numbers}" for node, numbers in became.items()
        ),
        """
        Indices indices: (1,)
        Constant unnamed: ()
        Select unnamed: ()
        Tokens tokens_str: (0,)
        Aggregate first: (2,)
        Operation answer: (3,)
        """,
    )


def test_statements_survive_saving(tmp_path: Path) -> None:
    model = compiler.compile(rasp.load("sort").main, vocab=range(3), max_length=4)
    assert any(statement.mentions for statement in model.config.statements)
    model.save(tmp_path / "sort")
    assert runtime.load(tmp_path / "sort").config == model.config


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"start": -1}, "not numbered as they come"),
        ({"start": 9, "end": 3}, "not numbered as they come"),
        ({"sops": [-1]}, "not numbered as they come"),
        ({"sops": [1.0]}, '"sops" has the wrong type'),
        ({"end": True}, '"end" has the wrong type'),
        ({"mentions": [{"start": 0, "end": 1, "statement": 0}]}, "not numbered as they come"),
        ({"mentions": [{"start": 0, "end": 1, "statement": -1}]}, "not numbered as they come"),
        ({"mentions": [{"start": 0, "end": 1, "sops": [-1]}]}, "not numbered as they come"),
        ({"mentions": [[0, 1, 2]]}, '"start" is missing'),
        ({"name": None}, '"name" has the wrong type'),
    ],
)
def test_damaged_statements(change: dict[str, object], message: str) -> None:
    model = compiler.compile(rasp.load("reverse").main, vocab="ab", max_length=3)
    data = json.loads(config_json.dumps(model.config, model.weights))
    data["statements"][0] |= change
    with pytest.raises(ModelError, match=message):
        config_json.loads(json.dumps(data))
