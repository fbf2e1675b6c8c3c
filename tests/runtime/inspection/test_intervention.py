"""Replaced values: the model answers as the interpreter does with that s-op overridden."""

from __future__ import annotations

import itertools
import random
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import compiler
import rasp
import runtime
from rasp.errors import EvaluationError, InputError
from rasp.graph.interpreter import node_values
from rasp.graph.sops import Node, SOp, in_order
from rasp.words import Atom
from runtime.inspection.intervention import find, positions
from runtime.inspection.reading import wholes
from tests.support.worked import COUNT, DIGITS, sop_of, stages


@pytest.fixture(scope="module")
def arithmetic() -> runtime.Model:
    source, vocab, length, _ = SOURCES["arithmetic"]
    return compiler.compile(rasp.parse(source).main, vocab, length, keep=["both"])


def named(root: SOp) -> dict[str, Node]:
    return {n.name: n for n in in_order(root) if isinstance(n, SOp) and n.name}


def overridden(root: SOp, inputs: list[Atom], changes: dict[Node, dict[int, Atom]]) -> list[Atom] | None:
    """The interpreter's answer with some s-ops' values replaced; None where it has none."""
    values: dict[Node, list[Atom]] = {}
    try:
        for node in in_order(root):
            values[node] = list(node_values(node, inputs, values, False))
            for position, value in changes.get(node, {}).items():
                values[node][position] = value
    except EvaluationError:
        return None
    return values[root]


SOURCES = {
    "chain": (
        """
tokens = tokens_asis;
seen = selector_width(select(tokens, tokens, ==) and select(indices, indices, <));
fresh = seen == 0;
rank = selector_width(select(indices, indices, <) and select(fresh, True, ==));
answer = aggregate(select(rank, indices, ==) and select(fresh, True, ==), tokens, "-");
""",
        "abc",
        5,
        ["seen", "fresh", "rank"],
    ),
    "arithmetic": (
        """
tokens = tokens_asis;
twice = tokens * 2;
moved = aggregate(select(indices, indices - 1, ==), twice, 1);
both = twice + moved;
answer = both if both > 3 else (twice % 3);
""",
        (0, 1, 2),
        4,
        ["twice", "moved", "both"],
    ),
    "mirror": (
        """
opposite = length - 1 - indices;
answer = aggregate(select(indices, opposite, ==), tokens, "-");
""",
        "abc",
        4,
        ["opposite"],
    ),
}


@pytest.mark.parametrize("name", SOURCES)
def test_intervening_is_overriding(name: str) -> None:
    source, vocab, length, keep = SOURCES[name]
    main = rasp.parse(source).main
    model = compiler.compile(main, vocab, length, keep=keep)
    nodes, rng = named(main), random.Random(name)
    compared = 0
    for inputs in itertools.product(vocab, repeat=length - 1):
        assert model(inputs) == main(list(inputs))
        chosen = rng.sample(keep, rng.randint(1, len(keep)))
        changes = {
            kept.name: {place: rng.choice(kept.values) for place in rng.sample(range(len(inputs)), 2)}
            for kept in model.config.kept
            if kept.name in chosen
        }
        expected = overridden(main, list(inputs), {nodes[each]: change for each, change in changes.items()})
        if expected is not None:
            compared += 1
            assert model.intervene(inputs, changes) == expected, (inputs, changes)
    assert compared > 10


def test_everywhere_and_saved(tmp_path: Path) -> None:
    source, vocab, length, keep = SOURCES["arithmetic"]
    main = rasp.parse(source).main
    model = compiler.compile(main, vocab, length, keep=keep)
    assert model.certificate.certified
    model.save(tmp_path / "model")
    loaded = runtime.load(tmp_path / "model")
    assert loaded.config == model.config
    assert loaded.intervene([0, 0], {"both": 2}) == [0, 0]
    assert loaded.intervene([0, 0], {"both": {1: 4}}) == [0, 4]
    assert loaded.intervene([0, 0], {}) == main([0, 0])


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"twice": 4}, r"'twice' has no columns of its own.*replaced\n.*keep=\['twice'\]; kept are both"),
        ({"both": 99}, "both cannot be 99"),
        ({"both": {2: 1}}, "no position 2"),
    ],
)
def test_refusals(changes: dict[str, Atom | dict[int, Atom]], message: str) -> None:
    source, vocab, length, _ = SOURCES["arithmetic"]
    model = compiler.compile(rasp.parse(source).main, vocab, length, keep=["both"])
    with pytest.raises(InputError, match=message):
        model.intervene([0, 0], changes)


HUGE = 10**5_000
"""Python writes out no int of that many digits."""


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (None, "the changes are a dict of values by the names of s-ops, not None"),
        ([("both", 1)], "the changes are a dict of values by the names of s-ops, not a list"),
        ({1: 1}, "a name is a string, not 1"),
        ({HUGE: 1}, "a name is a string, not a number of very many digits"),
        ({"both": []}, "both is given 0 values for an input of 2 tokens"),
        ({"both": None}, "both cannot be None; its values are 0, 1, 2, 3, 4, 5, 6, 8"),
        (
            {"both": HUGE},
            "both cannot be a number of very many digits; its values are 0, 1, 2, 3, 4, 5, 6, 8",
        ),
        ({"both": {0: []}}, "both cannot be a list; its values are 0, 1, 2, 3, 4, 5, 6, 8"),
        ({"both": {"a": 1}}, "there is no position 'a' in an input of 2 tokens"),
        ({"both": {True: 1}}, "there is no position True in an input of 2 tokens"),
        ({"both": {HUGE: 1}}, "there is no position a number of very many digits in an input of 2 tokens"),
    ],
)
def test_changes_that_are_none(arithmetic: runtime.Model, changes: Any, message: str) -> None:
    with pytest.raises(InputError) as caught:
        arithmetic.intervene([0, 0], changes)
    assert caught.value.message == message


def test_values_and_positions_of_other_libraries(arithmetic: runtime.Model) -> None:
    changes: Any = {"both": {np.int64(1): np.float64(4)}}
    assert arithmetic.intervene([0, 0], changes) == arithmetic.intervene([0, 0], {"both": {1: 4}})


def test_a_fraction_can_be_given_as_a_float() -> None:
    model = compiler.compile(rasp.parse("x = indices / 5; y = x * x;").main, "ab", 3, keep=["x"])
    expected = [0, Fraction(1, 25)]
    assert model("ab") == expected
    assert model.intervene("aa", {"x": {0: 0.2, 1: 0.2}}) == [Fraction(1, 25)] * 2  # type: ignore[dict-item]


@pytest.mark.parametrize(
    "name", [None, [], {}, set(), 5, HUGE, np.array([1, 2]), b"both"], ids=lambda value: type(value).__name__
)
def test_names_that_are_none(arithmetic: runtime.Model, name: Any) -> None:
    trace = arithmetic.trace([0, 0])
    for ask in (trace.values, trace.column, trace.folded, trace.__getitem__):
        with pytest.raises(InputError, match="a name is a string, not "):
            ask(name)


@pytest.mark.parametrize("after", [-1, 99, 1.5, "1", True, HUGE], ids=lambda value: type(value).__name__)
def test_a_column_is_seen_after_so_many_sublayers(arithmetic: runtime.Model, after: Any) -> None:
    trace = arithmetic.trace([0, 0])
    name = trace.columns[0].name
    with pytest.raises(InputError, match=r"a column can be seen after 0 to \d+ sublayers, not after "):
        trace.column(name, after)


@pytest.mark.parametrize(
    ("keep", "message"),
    [("nothing", "no s-op of the program can be kept as 'nothing'"), ("same", "it is always the same")],
)
def test_what_cannot_be_kept(keep: str, message: str) -> None:
    main = rasp.parse("same = indices * 0; answer = same + indices;").main
    with pytest.raises(rasp.CompileError, match=message):
        compiler.compile(main, "ab", 4, keep=[keep])


def test_one_name_is_to_be_kept_as_a_list() -> None:
    with pytest.raises(rasp.CompileError, match=r"list of names.*\n.*keep=\['x'\]"):
        compiler.compile(rasp.parse("x = indices; answer = x + 1;").main, "ab", 4, keep="x")


FOLDED = """
key = tokens == "a";
seen = aggregate(select(indices, indices, <=), indicator(key));
big = seen > 0.5;
answer = "y" if big and not key else "n";
"""


def test_what_was_folded_away_is_told_by_the_trace_and_the_refusal() -> None:
    model = compiler.compile(rasp.parse(FOLDED).main, "ab", 6)
    trace = model.trace("abba")
    assert trace.folded("key") == ("(big and (not key))", "seen")
    assert trace.folded("big") == ("(big and (not key))",)
    assert trace.folded("answer") == ("the answers",)
    assert trace.folded("nothing") == ()
    folded = r"'key' has no columns of its own: it was folded into '\(big and \(not key\)\)', 'seen'"
    with pytest.raises(InputError, match=rf"{folded}\n.*keep=\['key'\]"):
        trace.values("key")
    with pytest.raises(InputError, match=rf"{folded}; it cannot be replaced\n.*keep=\['key'\]"):
        model.intervene("ab", {"key": True})
    with pytest.raises(InputError, match=r"'seen' was not kept"):
        model.intervene("ab", {"seen": 1})
    with pytest.raises(InputError, match="nothing named 'nothing'"):
        trace.values("nothing")


def test_a_folded_name_in_a_string_is_no_reader() -> None:
    model = compiler.compile(rasp.parse('key = tokens == "a"; other = "key" if key else "b";').main, "ab", 6)
    assert model.trace("ab").folded("key") == ("the answers",)


def test_what_is_to_be_replaced_where() -> None:
    """The kept count has the values 1, 2 and 3: at position 1 it is to be the third of these."""
    kept = find(stages(COUNT, keep=("copies",)).stored.config, "copies")
    assert kept.values == (1, 2, 3)
    assert positions(kept, {1: 3}, count=3) == {1: 2}
    assert positions(kept, 2, count=2) == {0: 1, 1: 1}


def test_many_inputs_at_once_are_answered_as_one_by_one() -> None:
    model = compiler.compile(rasp.load("hist").main, "ab", 4, keep=["hist"])
    inputs = ["abba", "a", "bab"]
    changes: list[dict[str, Any]] = [{"hist": 2}, {}, {"hist": {1: 3}}]
    assert model.batch_intervene(inputs, changes) == [
        model.intervene(one, change) for one, change in zip(inputs, changes, strict=True)
    ]
    assert model.batch_intervene(inputs, changes) == [[2, 2, 2, 2], [1], [2, 3, 2]]
    assert model.batch_intervene(inputs, {"hist": 1}) == [[1, 1, 1, 1], [1], [1, 1, 1]]
    assert model.batch_intervene([], {"hist": 1}) == []
    with pytest.raises(InputError, match="changes for 2 inputs, and 3 inputs"):
        model.batch_intervene(inputs, changes[:2])
    with pytest.raises(InputError, match="the changes are a dict"):
        model.batch_intervene(inputs, "hist")  # type: ignore[arg-type]


def test_a_read_in_parts_is_replaced_as_one() -> None:
    """Heads count it digit by digit; what is set is the number that they add up to, whatever they count."""
    main = sop_of(DIGITS)
    model = compiler.compile(main, range(16), 4, keep=["less"])
    assert len(wholes(model.config.columns)) == 1
    inputs: list[Atom] = [3, 9, 0, 15]
    changes: list[dict[int, Atom]] = [{}, {0: 3, 3: 0}, {1: 1}]
    for change in changes:
        expected = overridden(main, inputs, {named(main)["less"]: change})
        assert model.intervene(inputs, {"less": change}) == expected
