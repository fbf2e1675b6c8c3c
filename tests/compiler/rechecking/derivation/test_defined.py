"""What may have no value where another s-op has one, and of which type equal numbers are."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import product

import pytest

from compiler.certificate.derived import Derived
from compiler.graph.meaning import quotient, values_of
from compiler.graph.terms import Graph, Kind, ReadAs, Term
from compiler.ranges.domains import int_domain, make_domain
from compiler.rechecking.claimed import Claimed
from compiler.rechecking.derivation import defined as defining
from compiler.rechecking.derivation.defined import (
    _is_total,
    carried_alike,
    is_constant,
    is_defined,
    may_be_truth,
    reads_truth,
)
from compiler.rechecking.derivation.equations import Equations
from compiler.rechecking.derivation.known import Known
from compiler.rechecking.derivation.selecting import Selecting
from compiler.rechecking.derivation.values import Closed
from compiler.request import Request
from rasp.errors import EvaluationError
from rasp.graph.sops import Map
from rasp.words import Atom
from tests.support.derivations import ASKED, known, term


def defined(row: str) -> tuple[bool, bool]:
    """Whether the second of two s-ops is said to have a value wherever the first has one, and whether it does
    on all inputs.
    """
    graph = Graph(causal=False)
    before, after = (term(graph, side) for side in row.split(" -> "))
    said = is_defined(before, after, Selecting(graph, known(graph)))
    inputs = [x for n in range(1, ASKED.max_length + 1) for x in product(ASKED.vocab, repeat=n)]
    answered = [[has_value(side, x) for x in inputs] for side in (before, after)]
    return said, all(b or not a for a, b in zip(*answered, strict=True))


def has_value(root: Term, tokens: Sequence[Atom]) -> bool:
    try:
        values_of(root, tokens, causal=False)
    except EvaluationError:
        return False
    return True


ALWAYS = """
    0 -> indices % 2
    0 -> indices / 2 + 1
    0 -> (indices + 1) ^ 2
    0 -> [1, 2, 3, 4][indices]
    0 -> indices in [1, 2]
    0 -> round(indices / 3) == tokens
    0 -> not (tokens == "a" or indices)
    0 -> tokens + "!"
    0 -> tokens < "b"
    0 -> 1 / (indices + 1)
    0 -> (indices + 2 ^ 4000) * (indices + 2 ^ 4000)
    0 -> aggregate(full_s, indices / 2, "a" in [1])
    0 -> aggregate(full_s, indicator(tokens == "a"))
    0 -> selector_width(select(tokens, "a", >))
    0 -> has_focus(select(indices, indices / 2, <))
    1 / indices -> 1 / indices + 1
    has_focus(select(tokens, indices, <)) -> has_focus(select(tokens, indices, >=))
    only(full_s, tokens) -> only(select(tokens, "a", ==), tokens)
    aggregate(full_s, tokens) -> aggregate(select(indices, 1, <=), tokens)
    only(full_s, tokens) -> "a" if has_focus(full_s) else only(select(tokens, "a", ==), tokens)
"""

NOT_ALWAYS = """
    0 -> 5 / indices
    0 -> (indices + 2 ^ 9000) * (indices + 2 ^ 9000)
    0 -> (indices % 2 + 1) ^ 9000 * (indices % 2 + 1) ^ 9000
    0 -> F4665 + F4667 + F4668
    0 -> F4664 + F4668 + F4667
    0 -> indices + 2 ^ 13999 + 2 ^ 13999
    0 -> aggregate(full_s, [1 / 3 ^ 8000, 1 / 7 ^ 4000, 0, 1][indices])
    0 -> aggregate(full_s, [2 ^ 7001 - 1, 1 / (2 ^ 7000 - 1), 0, 1][indices])
    0 -> indices % (indices - 1)
    0 -> indices % 0
    0 -> [1, 2, 3][indices]
    0 -> {"a": 1, "b": 2}[tokens]
    0 -> tokens + indices
    0 -> tokens < indices
    0 -> -tokens
    0 -> round(tokens)
    0 -> aggregate(full_s, tokens)
    0 -> aggregate(full_s, tokens == "a")
    0 -> only(full_s, indices)
    0 -> only(full_s, tokens)
    0 -> selector_width(select(tokens, indices, <))
    0 -> has_focus(select(1 / indices, 2, ==))
    has_focus(select(tokens, indices, ==)) -> has_focus(select(tokens, indices, >=))
    0 -> 0 if indices == 0 else 1 / indices
    0 -> True or aggregate(full_s, tokens == "a")
    1 / (indices - 1) -> 1 / indices
    only(select(tokens, "a", ==), indices) -> only(full_s, indices)
    only(full_s, tokens) -> only(full_s, indices)
    aggregate(full_s, indices) -> only(full_s, indices)
    aggregate(select(tokens, "a", ==), tokens) -> aggregate(select(tokens, "b", ==), tokens)
"""


def rows(text: str) -> list[str]:
    """The rows; `F9` is a fraction of which numerator and denominator have nine bits each."""
    text = re.sub(r"F(\d+)", r"(2 ^ \1 - 1) / (2 ^ \1 - 3 + 0 * indices)", text)
    return [line.strip() for line in text.strip().splitlines()]


@pytest.mark.parametrize("row", rows(ALWAYS))
def test_what_has_a_value_wherever_the_other_has_one(row: str) -> None:
    assert defined(row) == (True, True)


@pytest.mark.parametrize("row", rows(NOT_ALWAYS))
def test_what_has_none_somewhere(row: str) -> None:
    assert defined(row) == (False, False)


SQUARES = "aggregate(full_s, indices * indices)"
MEAN = "aggregate(full_s, indices)"
"""Of whole numbers, and at some lengths a whole fraction."""


@pytest.mark.parametrize(
    ("before", "after", "alike"),
    [
        ("indices", "indices + 0", True),
        ("indices", "indices * 1.0", False),
        ("indices * 1.0", "indices", True),
        ("indices / 2", "indices * 0.5", True),
        ("indices", "indices / 1", False),
        ("length", "aggregate(full_s, length)", False),
        ("aggregate(full_s, length)", "length", True),
        ("indices", f"indices + {MEAN} - {MEAN}", False),
        (f"indices + {MEAN}", f"{MEAN} + indices", True),
        (f"{MEAN} * 2 - {MEAN}", MEAN, True),
        (f"{MEAN} + {SQUARES}", f"{SQUARES} + {MEAN}", True),
        (f"indices if {MEAN} == 0 else indices", f"indices + {MEAN} - {MEAN}", False),
        ("indices", "[0, 1, 2, 3][indices]", True),
        ("indices", "[0, 1, 2.0, 3][indices]", False),
        ("indicator(indices == 0)", "indices == 0", False),
        ("indices == 0", "indicator(indices == 0)", False),
        ("indices % 2", "indices % 2.0", False),
        ("indices % 2.0", "indices % 2", True),
        ("indices", "only(full_s, length)", True),
        ("indices", "only(full_s, indices / 2)", False),
    ],
)
def test_equal_numbers_of_one_type(before: str, after: str, alike: bool) -> None:
    graph = Graph(causal=False)
    assert carried_alike(term(graph, before), term(graph, after), known(graph)) is alike


@pytest.mark.parametrize(
    ("values", "one", "alike"),
    [
        ("indices", True, True),
        ("indices", False, False),
        ("indices / 2", True, False),
        ("indices, 1.0", True, False),
    ],
)
def test_what_is_read_of_one_key_is_no_mean(
    values: str, one: bool, alike: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Known, "at_most_one", lambda self, read: one)
    graph = Graph(causal=False)
    read = term(graph, f"aggregate(select(indices, indices - 1, ==), {values})")
    assert carried_alike(graph.indices(), read, known(graph)) is alike


def test_the_least_of_fractions_is_a_fraction() -> None:
    graph = Graph(causal=False)
    least = graph.make(Kind.LEAST, (term(graph, "full_s"), term(graph, "indices / 2")), ReadAs())
    assert not carried_alike(graph.indices(), least, known(graph))


MANY = Request(("a", "b"), 300)
EITHER = f'((tokens == "a") if {MEAN} else (tokens == "b"))'


@pytest.mark.parametrize(
    ("text", "so"),
    [
        (f"{MEAN} - {SQUARES}", True),
        (f'"x" if {MEAN} else "y"', True),
        (f"aggregate(full_s, {MEAN} - {SQUARES})", False),
    ],
)
def test_values_that_are_too_many_to_list(text: str, so: bool) -> None:
    graph = Graph(causal=False)
    selecting = Selecting(graph, known(graph, MANY))
    assert is_defined(graph.const(0), term(graph, text), selecting) is so


@pytest.mark.parametrize(
    ("values", "default", "truths", "mean"),
    [
        ('tokens == "a"', 0, True, True),
        ("indices", 0, False, False),
        ("indices", True, False, True),
        ('indicator(tokens == "a")', 0, False, False),
        ('(tokens == "a") if indices == 0 else 1', 0, True, False),
        (EITHER, 0, True, True),
        (f"{MEAN} * {SQUARES}", 0, False, True),
    ],
)
def test_what_may_be_a_truth_value(values: str, default: int, truths: bool, mean: bool) -> None:
    """And of what a read may be one: also where that is not known."""
    graph = Graph(causal=False)
    facts, read_as = known(graph, MANY), ReadAs((type(default).__name__, default))
    held = term(graph, values)
    read = graph.make(Kind.AGGREGATE, (term(graph, "full_s"), held), read_as)
    assert (may_be_truth(held, facts), reads_truth(read, facts)) == (truths, mean)


def test_what_is_claimed_to_be_an_int_may_be_a_fraction() -> None:
    """With which nothing can be indexed: so the statements must not take it for the index itself; and
    that nothing comes up where it is looked up does not say what may be claimed of that.
    """
    graph = Graph(causal=False)
    halves = term(graph, "indices + indices / 2 - indices / 2")
    found = term(graph, "[5, 6, 7, 8][indices + indices / 2 - indices / 2]")
    domains = {0: int_domain(0, 3), 1: make_domain([5, 7])}
    claimed = Claimed(Derived((), 1, ({},), domains), [halves, found], ASKED)
    assert Closed(claimed).shown(halves)
    assert not Closed(claimed).shown(found)
    assert not Equations(graph, Known(claimed)).hold(found, graph.const(5))
    assert not Equations(graph, Known(claimed)).hold(graph.indices(), halves)


@pytest.mark.parametrize(
    ("text", "value", "same"),
    [
        ("1", 1, True),
        ("1", True, False),
        ("True", True, True),
        ("True", 1, False),
        ("1", 2, False),
        ("indices", 1, False),
    ],
)
def test_constants_of_one_type(text: str, value: int, same: bool) -> None:
    assert is_constant(term(Graph(causal=False), text), value) is same


@pytest.mark.parametrize(
    ("divisor", "so"),
    [
        ("indices + indicator(indices == 0)", True),
        ("indices + indicator(indices == 1)", False),
        ("indices + indicator(length == 0)", False),
        ("indices - indicator(indices == 0)", False),
        ("tokens + indicator(tokens == 0)", False),
    ],
)
def test_what_divides_is_never_0(divisor: str, so: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many values there are, of which none is looked at here."""
    monkeypatch.setattr(defining, "MOST_POINTS", 0)
    graph = Graph(causal=False)
    facts, by = Selecting(graph, known(graph)), term(graph, divisor)
    mean = graph.make(Kind.MAP, (graph.indices(), by), ("mean",), Map(args=(), function=quotient))
    assert is_defined(graph.indices(), mean, facts) is so


@pytest.mark.parametrize(
    ("text", "so"),
    [
        ("F4664 + F4666 + F4668", True),
        ("F4664 + F4667 + F4668", False),
        ("aggregate(full_s, [2 ^ 13933, 0, 1, 2][indices])", True),
        ("aggregate(full_s, [2 ^ 13934, 0, 1, 2][indices])", False),
    ],
)
def test_just_so_many_bits_are_taken_to_fit(text: str, so: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """By how many those have that are added up, where none of their values is looked at."""
    monkeypatch.setattr(defining, "MOST_POINTS", 0)
    graph = Graph(causal=False)
    assert _is_total(term(graph, *rows(text)), known(graph)) is so
