"""Ways: a program is carried as it is cheapest, and what cannot be carried in one way is in another."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial

import pytest

import rasp
from compiler import ways
from compiler.certificate.bounds import certify
from compiler.graph.building import Built, build, builds
from compiler.lowering.operations import Gate
from compiler.lowering.plan import USUAL, Way
from compiler.pipeline import attempt
from compiler.request import Request
from compiler.values.settling import settle
from compiler.ways import Carried, best_of, carry, ways_of
from rasp.errors import CompileError
from rasp.words import Atom

FIRST_SEEN = """
    same = select(tokens, tokens, ==);
    answer = has_focus(same and select(indices, indices, <));
"""
"""Was this token seen before? By flags of all positions, or by the first position of the token."""

LARGER = """
    tokens = tokens_asis;
    last = aggregate(select(indices, length - 1, ==), tokens);
    answer = max(tokens, last);
"""
"""By a table over two tokens, or by one neuron."""


def carried(program: str, asked: Request) -> Carried:
    return best_of(ways_of(build(rasp.parse(program).main, asked), asked).found)


def test_a_question_is_put_as_it_is_cheaper() -> None:
    """One order over 16 positions takes 15 columns; the first position of each token takes one."""
    asked = Request(tuple("abc"), 16)
    found = carried(FIRST_SEEN, asked)
    usual = carry(settle(build(rasp.parse(FIRST_SEEN).main, asked), asked), asked, USUAL)
    assert found.settled.wording == {"least"}
    assert found.cost < usual.cost
    assert found.certificate.certified


MEANS_IN_ORDER = """
    m = aggregate(select(tokens, tokens, ==), indices);
    answer = selector_width(select(m, m, <));
"""


def test_means_are_ordered_digit_by_digit() -> None:
    """They are fractions, of which no domain lists whole numbers."""
    found = carried(MEANS_IN_ORDER, Request(tuple("ab|"), 13))
    assert found.largest_split > 100
    assert found.certificate.certified


SHARE = 'main = aggregate(select(indices, indices, <=), indicator(tokens == "a")) >= 0.5;'
"""Is half of what has come so far an "a"? By the mean, or by twice the count of them and my position."""


@pytest.mark.parametrize(("causal", "wording"), [(False, {"whole"}), (True, set())])
def test_a_mean_is_compared_as_it_is_cheaper(causal: bool, wording: set[str]) -> None:
    """One head for each position is dear; but causally the mean costs nothing."""
    asked = Request(tuple("abc"), 24, causal=causal)
    found = carried(SHARE, asked)
    usual = carry(settle(build(rasp.parse(SHARE).main, asked), asked), asked, USUAL)
    assert found.settled.wording == wording
    assert (found.cost < usual.cost) == (not causal)
    assert found.certificate.certified


def test_what_is_not_to_be_optimized_is_left_as_it_is_written() -> None:
    assert not carried(FIRST_SEEN, Request(tuple("abc"), 16, optimize=False)).settled.wording


def test_a_choice_between_neurons_and_a_table() -> None:
    """Over 20 numbers the two are compared, and neither is dearer than what is taken."""
    asked = Request(tuple(range(20)), 8)
    settled = settle(build(rasp.parse(LARGER).main, asked), asked)
    gated, tables = (carry(settled, asked, way) for way in (USUAL, Way(tables_first=True)))
    assert any(isinstance(neurons, Gate) for neurons in gated.lowered.hidden)
    assert carried(LARGER, asked).cost == min(gated.cost, tables.cost)


def test_the_refusal_is_that_of_the_usual_way(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where no way leads anywhere, what stood in the usual one is said; digit by digit comes before it."""
    refusals = iter(range(10))

    def refuse(*_: object) -> Carried:
        raise CompileError(f"refusal {next(refusals)}")

    monkeypatch.setattr(ways, "carry", refuse)
    with pytest.raises(CompileError, match="refusal 1"):
        carried(FIRST_SEEN, Request(tuple("abc"), 16))
    assert next(refusals) > 1


def test_what_is_certified_comes_first(monkeypatch: pytest.MonkeyPatch) -> None:
    """The cheapest model is not taken if rounding could make it wrong, and another is certified."""
    asked = Request(tuple("abc"), 16)
    least = carried(FIRST_SEEN, asked)

    def certify_others(lowered: object, *rest: object) -> object:
        certificate = certify(lowered, *rest)  # type: ignore[arg-type]
        reads = [read.term.kind.name for head in lowered.heads for read in head.reads]  # type: ignore[attr-defined]
        return type(certificate)("LEAST" not in reads, certificate.summary, certificate.items)

    monkeypatch.setattr(ways, "certify", certify_others)
    found = carried(FIRST_SEEN, asked)
    assert not found.settled.wording
    assert found.cost > least.cost


FAR = "main = 2^(length - 1);"
"""Few values that lie far apart."""


@pytest.mark.parametrize(
    ("text", "vocab", "length", "expected"),
    [
        ("main = tokens;", "abc", 8, []),
        (LARGER, range(20), 8, [Way(tables_first=True)]),
        (FAR, "ab", 14, [Way(ranked=True)]),
    ],
    ids=["no choice", "a gate may be a table", "codes far apart may be ranks"],
)
def test_the_other_ways(text: str, vocab: Iterable[Atom], length: int, expected: list[Way]) -> None:
    asked = Request(tuple(vocab), length)
    settled = settle(build(rasp.parse(text).main, asked), asked)
    assert ways.others(settled, carry(settled, asked, USUAL)) == expected


@pytest.mark.parametrize(("text", "length"), [(LARGER, 2), (LARGER, 12), (FAR, 6), (FAR, 14)])
def test_none_is_cheaper_than_the_cheapest(text: str, length: int) -> None:
    asked = Request(tuple(range(3)), length)
    settled = settle(build(rasp.parse(text).main, asked), asked)
    usual = carry(settled, asked, USUAL)
    costs = [usual.cost, *(carry(settled, asked, way).cost for way in ways.others(settled, usual))]
    assert carried(text, asked).cost == min(costs)


OF_THREE = """
    a = count(tokens, "a"); b = count(tokens, "b"); c = count(tokens, "c");
    main = max(a, max(b, c)) - min(a, min(b, c));
"""
VOTE = """
    a = count(tokens, "a"); b = count(tokens, "b"); c = count(tokens, "c");
    main = "a" if a >= b and a >= c else ("b" if b >= c else "c");
"""


@pytest.mark.parametrize(("text", "most"), [(OF_THREE, 509), (VOTE, 562)])
def test_a_layer_more_is_worth_many_parameters(text: str, most: int) -> None:
    """One table over three counts takes tens of thousands of parameters, or is refused (at 9); two layers of
    a few neurons grow in a line.
    """
    sizes = [carried(text, Request(tuple("abc"), length)).cost for length in (8, 9, 10)]
    assert [depth for depth, _ in sizes] == [2, 2, 2]
    assert sorted(sizes) == sizes
    assert sizes[-1][1] <= most


ALL_ONE = """
    flag = 1 / ((indices < 3) or tokens_int);
    answer = aggregate(select(tokens, tokens, ==), flag);
"""
"""As a quotient, the flag would have no mean; it is 1 wherever it has a value."""


def test_a_wording_that_has_too_many_values_refuses_nothing() -> None:
    assert carried(ALL_ONE, Request((0, 1, 2), 8)).certificate.certified


OVER_EITHER = """
    answer = aggregate(select(tokens_int, -2, <) or select(indices, indices, !=), tokens_int - 1);
"""
"""A mean over two disjoint parts is divided only when it is settled."""


def test_means_that_are_divided_later_are_carried_as_fractions() -> None:
    found = carried(OVER_EITHER, Request(tuple(range(-3, 12)), 24))  # 4,975 labels, if they were told apart
    assert "fractions" in found.settled.wording
    assert found.certificate.certified


FIRST_DIFFERENCE = """
    half = round(length / 2);
    other = aggregate(select(indices, indices + half, ==), tokens_int, 0);
    apart = (tokens_int - other) if indices < half else 0;
    first = apart != 0 and not has_focus(select(apart, 0, !=) and select(indices, indices, <));
    by = aggregate(select(first, True, ==), apart, 0);
    answer = 1 if by > 0 else (-1 if by < 0 else 0);
"""
"""Put to the least position it is much smaller, but a layer deeper unless sums are compared, not means."""


def test_a_wording_that_is_too_deep_alone_is_put_further() -> None:
    asked = Request(tuple("0123456789"), 40)
    found = carried(FIRST_DIFFERENCE, asked)
    usual = carry(settle(build(rasp.parse(FIRST_DIFFERENCE).main, asked), asked), asked, USUAL)
    assert found.settled.wording == {"least", "whole"}
    assert found.cost[0] == usual.cost[0]
    assert 6 * found.cost[1] < usual.cost[1]


LAST_WORD_FIRST = """
    blank = select(tokens, "_", ==);
    last = selector_width(blank and select(indices, indices, <=)) == selector_width(blank);
    many = selector_width(select(last, True, ==));
    source = indices + (length - many) if indices < many else indices - many;
    answer = aggregate(select(indices, source, ==), tokens);
"""
"""A choice between two sums: one table, or a layer more, which from 24 tokens on is eight times smaller."""


@pytest.mark.parametrize("length", [12, 23, 24])
def test_whether_a_layer_more_is_worth_it_is_the_same_at_every_length(length: int) -> None:
    """What is worth it for longer inputs is taken for short ones, where it is not much smaller yet."""
    main = rasp.parse(LAST_WORD_FIRST).main
    asked = Request(tuple("ab_"), length)
    _, found = ways.cheapest_of(builds(main, asked), asked, partial(builds, main))
    assert found.schedule.depth == 4
    assert (carried(LAST_WORD_FIRST, asked).schedule.depth == 3) == (length < 24)


def test_a_layer_more_that_is_never_worth_it_is_not_taken() -> None:
    """However long inputs are, `peaks` in two layers is about half as large as in one."""
    for length in (4, 32):
        compiled, _ = attempt(rasp.load("peaks").main, Request(tuple(range(26)), length))
        assert compiled.schedule.depth == 1


def test_a_build_that_there_is_not_for_longer_inputs_decides_nothing() -> None:
    main, asked = rasp.parse(LAST_WORD_FIRST).main, Request(tuple("ab_"), 12)
    assert ways.cheapest_of(builds(main, asked), asked, lambda _: [])[1].schedule.depth == 3


def test_a_huge_program_is_not_tried_at_a_longer_length(monkeypatch: pytest.MonkeyPatch) -> None:
    """It could take minutes."""
    monkeypatch.setattr(ways, "HUGE", 1_000)
    main, asked = rasp.parse(LAST_WORD_FIRST).main, Request(tuple("ab_"), 12)

    def never(other: Request) -> list[Built]:
        raise AssertionError(f"built for {other.max_length}")

    assert ways.cheapest_of(builds(main, asked), asked, never)[1].schedule.depth == 3
