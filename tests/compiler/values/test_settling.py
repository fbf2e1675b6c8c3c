"""Settling: reads over an `or` are taken apart where their parts do not simply add up."""

from __future__ import annotations

import itertools
import random

import pytest

import compiler
from compiler.graph.building import build
from compiler.graph.meaning import values_of
from compiler.graph.terms import Kind, dump, reachable
from compiler.values.settling import Wording, settle
from tests.support.worked import asked, assert_text, sop_of

EITHER = """
    here = select(indices, indices, ==) or select(tokens, "a", ==);
    answer = has_focus(here);
"""

NEVER = """
    found = has_focus(select(tokens, "z", ==));
    answer = "z" if found else tokens;
"""


def test_does_anything_match_one_of_two() -> None:
    """No head can say "any of both", so two heads ask, one for each disjoint part, and an `or` of their
    answers is left to the neurons.
    """
    assert_text(
        dump(settle(build(sop_of(EITHER), asked("abc")), asked("abc")).root),
        """
        %0 = indices
        %1 = select(%0, %0, ==)
        %2 tokens_str = tokens_str
        %3 = "a"
        %4 = select(%2, %3, ==)
        %5 = select(%0, %0, !=)
        %6 = (%5 and %4)
        %7 = has_focus(%6)
        %8 = has_focus(%1)
        %9 answer = (%7 or %8)
        """,
    )


def test_what_values_decide() -> None:
    """No token of the vocabulary is z, so the read finds nothing, the choice is no choice, and what is left
    is the token; before settling, both are still there.
    """
    built = build(sop_of(NEVER), asked())
    assert_text(
        dump(built.root),
        """
        %0 tokens_str = tokens_str
        %1 = "z"
        %2 = select(%0, %1, ==)
        %3 found = has_focus(%2)
        %4 answer = (%1 if %3 else %0)
        """,
    )
    assert_text(
        dump(settle(built, asked()).root),
        """
        %0 tokens_str = tokens_str
        """,
    )


def test_means_over_one_selection_compare_as_their_sums_do() -> None:
    """Each is as many times its mean; the means have too many values for a table, the sums are whole."""
    program = "tokens = tokens_asis; answer = aggregate(full_s, indices) {} aggregate(full_s, tokens);"
    for operator in ("==", "<", ">="):
        sop = sop_of(program.format(operator))
        model = compiler.compile(sop, vocab=range(6), max_length=20)
        rng = random.Random(3)
        for length in (1, 11, 20):
            for sequence in ([rng.randrange(6) for _ in range(length)], [5] * length):
                assert model(sequence) == sop(sequence)
        assert model([5] * 11) == [operator != "<"] * 11  # both are 5


@pytest.mark.parametrize(
    ("left", "right", "kind"),
    [
        ("aggregate(full_s, indices)", "aggregate(full_s, tokens)", Kind.SUM),
        ("aggregate(select(indices, indices, <=), indices)", "aggregate(full_s, tokens)", Kind.AGGREGATE),
        ("aggregate(full_s, indices, 7)", "aggregate(full_s, tokens)", Kind.AGGREGATE),
        ("aggregate(full_s, indices / 1000003)", "aggregate(full_s, tokens)", Kind.AGGREGATE),
    ],
)
def test_only_means_over_one_selection_that_add_up(left: str, right: str, kind: Kind) -> None:
    """Not over two, not with another default, and not where the sum is too large to be told apart."""
    question = asked(range(6), 20)
    root = settle(build(sop_of(f"tokens = tokens_asis; x = {left} < {right};"), question), question).root
    assert [term.kind for term in root.args] == [kind, Kind.SUM if kind is Kind.SUM else Kind.AGGREGATE]


COUNTED = """
    here = select(tokens, tokens, ==) and select(indices, indices, !=);
    answer = 0 if not has_focus(here) else selector_width(here);
"""

APART = """
    before = select(tokens, tokens, ==) and select(indices, indices, <);
    after = select(tokens, tokens, ==) and select(indices, indices, >);
    answer = 0 if not has_focus(before) else selector_width(after);
"""


def test_what_is_counted_is_not_also_asked_for() -> None:
    """Something is there where the count is above 0: one head less."""
    assert_text(
        dump(settle(build(sop_of(COUNTED), asked()), asked(), frozenset({"counted"})).root),
        """
        %0 tokens_str = tokens_str
        %1 = select(%0, %0, ==)
        %2 = indices
        %3 = select(%2, %2, !=)
        %4 here = (%1 and %3)
        %5 = 0
        %6 = selector_width(%4)
        %7 = (%6 > %5)
        %8 = (not %7)
        %9 answer = (%5 if %8 else %6)
        """,
    )


def test_what_is_not_counted_is_asked_for() -> None:
    """The two select different positions: how many come after says nothing of whether any came before."""
    settled = settle(build(sop_of(APART), asked()), asked(), frozenset({"counted"}))
    assert sum(term.kind is Kind.EXISTS for term in reachable(settled.root)) == 1


@pytest.mark.parametrize("program", [COUNTED, APART])
@pytest.mark.parametrize("causal", [False, True])
def test_no_input_tells_a_count_from_the_question(program: str, causal: bool) -> None:
    request = asked(max_length=5, causal=causal)
    built = build(sop_of(program), request)
    settled = settle(built, request, frozenset({"counted"}))
    for length in range(1, 6):
        for tokens in map(list, itertools.product("ab", repeat=length)):
            assert values_of(settled.root, tokens, causal) == values_of(built.root, tokens, causal), tokens


WHOLE: frozenset[Wording] = frozenset({"whole"})


def by_whole_numbers(mean: str, question: str = "{} >= 2/3") -> str:
    """A question about a mean, settled in whole numbers."""
    request = asked(range(3), 3)
    sop = sop_of(f"tokens = tokens_asis; answer = {question.format(mean)};")
    return dump(settle(build(sop, request), request, WHOLE).root)


def test_a_mean_is_compared_as_its_sum_is() -> None:
    """Three times the sum with twice the count, which is my position's number."""
    assert_text(
        by_whole_numbers("aggregate(select(indices, indices, <=), tokens)"),
        """
        %0 = indices
        %1 = select(%0, %0, <=)
        %2 tokens_asis = tokens
        %3 = 1
        %4 = sum(%1, %2)
        %5 = 3
        %6 = (%5 * %4)
        %7 = (%0 + %3)
        %8 = 2
        %9 = (%8 * %7)
        %10 answer = (%6 >= %9)
        """,
    )


@pytest.mark.parametrize(
    ("default", "question", "asked_besides"),
    [
        ("0", "{} > 1/2", False),
        ("1", "{} > 1/2", True),
        ("1/2", "1/2 >= {}", False),
        ("1", "1/2 >= {}", True),
        ("0", "{} == 1", True),
        ("1", "{} == 1", False),
        ("0", "{} != 1", True),
    ],
)
def test_where_nothing_is_selected_the_default_is_compared(
    default: str, question: str, asked_besides: bool
) -> None:
    """There both sides are 0. Only where the default compares otherwise than 0 with 0, the count is asked."""
    program = f"aggregate(select(tokens, tokens, <), tokens - 1, {default})"
    assert_same(program, question)
    text = by_whole_numbers(program, question)
    assert "aggregate" not in text
    assert (" and " in text or " or " in text) == asked_besides


@pytest.mark.parametrize("operator", ["==", "!=", "<", ">", "<=", ">="])
@pytest.mark.parametrize("selector", ["full_s", "select(tokens, tokens, <)"])
def test_no_input_tells_a_mean_from_whole_numbers(operator: str, selector: str) -> None:
    for bound in ("-1/2", "2/3"):
        assert_same(f"aggregate({selector}, tokens - 1)", f"{{}} {operator} {bound}")
    assert_same(f"aggregate({selector}, tokens / 2, -1)", f"1/3 {operator} {{}}")


def assert_same(mean: str, question: str) -> None:
    """A question about a mean has one answer, as it is asked and in whole numbers, on all small inputs."""
    request = asked(range(3), 3)
    built = build(sop_of(f"tokens = tokens_asis; answer = {question.format(mean)};"), request)
    settled = settle(built, request, WHOLE)
    assert settled.wording == WHOLE
    for length in range(1, 4):
        for tokens in map(list, itertools.product(range(3), repeat=length)):
            assert values_of(settled.root, tokens, False) == values_of(built.root, tokens, False), tokens


@pytest.mark.parametrize(
    "question",
    [
        'aggregate(select(tokens, 1, ==), indices, "none") == 1',
        "aggregate(select(indices, 1, ==), tokens) > 1",
        "only(select(tokens, 1, ==), indices) > 1",
        "aggregate(full_s, tokens == 1) > 1/2",
        'aggregate(full_s, tokens) == "a"',
        "aggregate(full_s, tokens) > 1 / 1000003",
    ],
    ids=["words elsewhere", "a copy", "one value", "truth values", "a word", "too fine"],
)
def test_only_means_of_numbers_become_whole_numbers(question: str) -> None:
    """Nor where the sides would be too large to be told apart."""
    assert "sum(" not in by_whole_numbers("", question)
