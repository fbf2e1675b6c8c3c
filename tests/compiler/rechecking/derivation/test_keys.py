"""Statements about two keys that one query selects."""

from __future__ import annotations

from fractions import Fraction

import pytest

import compiler
import rasp
from compiler.graph.conjunctions import conjunctions
from compiler.graph.terms import Graph, Kind
from compiler.rechecking.derivation.keys import Keys
from compiler.request import Request
from rasp.words import Atom, Comparison, Operator
from tests.support.derivations import ASKED, known, term

TURN = "selector_width(select(tokens, tokens, ==) and select(indices, indices, <=))"
BEFORE = "(select(tokens, tokens, ==) and select(indices, indices, <))"
RANK = f"selector_width(select(tokens, tokens, <) or {BEFORE})"
FIRST = "(not has_focus(select(tokens, tokens, ==) and select(indices, indices, <)))"
LESS = "has_focus(select(tokens, tokens, <))"
NO_LATER = "only(select(indices, 0, ==) and select(tokens, tokens, <=), indices, 9)"
"""Where the first token is no later one, its index, which says nothing of my token but that."""
MINE = 'only(select(indices, indices, ==), tokens, "z")'
"""No index is copied: the tokens of two positions are equal, and not these."""
NO_LESS = f"select({LESS}, False, ==)"
LOWER = "selector_width(select(tokens, tokens, <))"
IS_A = '(tokens == "a")'
ALL_A = f"select({IS_A}, True, ==)"
UP_TO_ME = 'selector_width(select(tokens, "a", ==) and select(indices, indices, <=))'
ALIKE = "selector_width(select(tokens, tokens, ==))"
LATER = "selector_width(select(indices, indices, >))"
FIRST_TOKEN = 'only(select(indices, 0, ==), tokens, "z")'
FEW_LEFT = f"(select(tokens, tokens, ==) and select({LATER}, indices, <=) and select(indices, indices, <))"
MANY_LEFT = (
    f"(select(tokens, {FIRST_TOKEN}, ==) and select({LATER}, indices, >) and select(indices, indices, >=))"
)
PREVIOUS = "only(select(indices + 1, indices, ==), indices, 9)"


@pytest.mark.parametrize(
    ("selector", "source", "causal", "so"),
    [
        ("select(indices, 2, ==)", "indices", False, True),
        ("select(indices + 1, indices, ==)", "indices", False, True),
        ("select(indices % 2, indices, ==)", "indices", False, False),
        ("select(tokens, tokens, ==)", "tokens", False, True),
        ("full_s", "1", False, True),
        ("select(tokens, tokens, ==)", 'tokens == "a"', False, True),
        ("select(tokens, tokens, ==)", "indices", False, False),
        ("select(indices, 1, <)", "indices", False, True),
        ("select(indices, 2, <)", "indices", False, False),
        (f"select({TURN}, {TURN} - 1, ==)", "indices", False, False),
        (f"select(tokens, tokens, ==) and select({TURN}, {TURN} - 1, ==)", "indices", False, True),
        (f"select(tokens, tokens, ==) and select({TURN}, {TURN} - 1, <=)", "indices", False, False),
        (f"select({RANK}, 1, ==)", "indices", False, True),
        (f"select({RANK}, 1, !=)", "indices", False, False),
        ("select(selector_width(select(tokens, tokens, <)), 1, ==)", "tokens", False, True),
        ("select(selector_width(select(tokens, tokens, <)), 1, ==)", "indices", False, False),
        (f"select(tokens, tokens, ==) and select({FIRST}, True, ==)", "indices", False, True),
        (f"select(tokens, tokens, ==) and select({FIRST}, False, ==)", "indices", False, False),
        (f"select({FIRST}, True, ==)", "indices", False, False),
        (NO_LESS, "tokens", False, True),
        (NO_LESS, "indices", False, False),
        (NO_LESS, "tokens", True, False),  # each of them the least so far
        (
            'select(selector_width(select(tokens, "a", ==)), 1, ==) and select(tokens, "a", ==)',
            *("indices", True, True),
        ),
        ('select(selector_width(select(tokens, "a", ==)), 1, ==)', "indices", True, False),
        (
            'select(selector_width(select(tokens, "a", ==)) - 1 <= 0 and tokens == "a", True, ==)',
            *("indices", True, True),
        ),
        (
            'select(selector_width(select(tokens, "a", ==)) - 1 < 0 or tokens == "a", True, ==)',
            *("indices", True, False),
        ),
        ("select(indices - 1 / 2 < 1, True, ==)", "indices", False, False),  # 0 and 1
        (f"select({LESS} == True, False, ==)", "tokens", False, True),
        (f"select({LESS} == False, True, ==)", "tokens", False, True),
        (f"select({LESS} == True, True, ==)", "tokens", False, False),
        (f"select({LESS} == False, False, ==)", "tokens", False, False),
        (f"select({NO_LATER}, {NO_LATER}, ==) and select({NO_LATER}, 9, !=)", "tokens", False, False),
        (f'select({MINE}, {MINE}, ==) and select({MINE}, "z", !=)', "indices", False, False),
        (f"select({LOWER} + 1, 2, ==) and select({LOWER}, 1, ==)", "indices", False, False),
        (
            f"select({LOWER} + indicator{IS_A}, 2, ==) and select({LOWER}, 1, ==) and {ALL_A}",
            *("indices", False, False),
        ),
        (f'select(2 * {UP_TO_ME}, 3, <) and select(tokens, "a", ==)', "indices", False, True),
        (f'select(2 * {UP_TO_ME}, 5, <) and select(tokens, "a", ==)', "indices", False, False),
        (f"select({PREVIOUS}, {PREVIOUS}, ==) and select({PREVIOUS}, 9, !=)", "indices", False, True),
        (f"select({PREVIOUS}, 2, ==)", "indices", False, True),
        (
            f'select(2 * {UP_TO_ME} + indicator{IS_A}, 4, <) and select(tokens, "a", ==)',
            "indices",
            False,
            True,
        ),
        (
            f'select(2 * {UP_TO_ME} + indicator{IS_A}, 6, <) and select(tokens, "a", ==)',
            "indices",
            False,
            False,
        ),
        ("select(tokens, tokens, ==)", f"(3 if {LESS} else 4)", False, True),
        ("select(tokens, tokens, !=)", f"(3 if {LESS} else 4)", False, False),
        (
            "(select(3 - indices, 2, >=) and select(indices, 1, ==))"
            " or (select(3 - indices, 2, <) and select(indices, 2, ==))",
            *("indices", False, False),
        ),
        (
            "(select(indices + 1, 2, <) and select(indices, 0, ==)) or select(indices + 1, 2, ==)",
            *("indices", False, False),  # the first key, and the second
        ),
        (f"{FEW_LEFT} or {MANY_LEFT}", "tokens", False, True),
        (f"{FEW_LEFT.replace(', <)', ', >=)')} or {MANY_LEFT}", "tokens", False, False),
        (
            f'select(2 * {UP_TO_ME} + 3 * indicator(indices >= 0), 6, <) and select(tokens, "a", ==)',
            *("indices", False, True),
        ),
        (
            f'select(2 * {UP_TO_ME} + 3 * indicator(indices >= 0), 8, <) and select(tokens, "a", ==)',
            *("indices", False, False),
        ),
        (f"select(tokens, tokens, ==) and select({ALIKE} + 1, 5, <)", f"{ALIKE} + 1", False, True),
        (f"select(tokens, tokens, !=) and select({ALIKE} + 1, 5, <)", f"{ALIKE} + 1", False, False),
        (
            f'select(tokens, tokens, ==) and select({TURN} + 1, {TURN}, ==) and select({MINE}, "b", ==)',
            *("indices", False, True),
        ),
    ],
)
def test_what_all_that_is_selected_holds(selector: str, source: str, causal: bool, so: bool) -> None:
    graph = Graph(causal)
    read = conjunctions(term(graph, selector))
    keys = Keys(graph, known(graph, Request(ASKED.vocab, ASKED.max_length, causal)))
    assert keys.hold_alike(read, term(graph, source)) is so


@pytest.mark.parametrize(
    ("text", "so"),
    [
        ("indices * 2", True),
        ("3 - indices", True),
        ("indices % 3", False),
        ("tokens", False),
        (RANK, True),
        (TURN, False),
        ("selector_width(select(indices, indices, <))", True),
        ("selector_width(select(tokens, tokens, <))", False),
        ('indices + selector_width(select(tokens, "a", ==) and select(indices, indices, <))', True),
    ],
)
def test_what_differs_everywhere(text: str, so: bool) -> None:
    graph = Graph(causal=False)
    assert Keys(graph, known(graph)).distinct(term(graph, text)) is so


@pytest.mark.parametrize(
    ("added", "so"),
    [("indices + 1", True), ('indicator(tokens == "a")', True), ('0 - indicator(tokens == "a")', False)],
)
def test_what_rises_with_my_index(added: str, so: bool) -> None:
    """A sum up to me does if nothing that is added is negative."""
    graph = Graph(causal=False)
    so_far = graph.make(Kind.SUM, (term(graph, "select(indices, indices, <=)"), term(graph, added)))
    found = Keys(graph, known(graph)).distinct(graph.operation(Operator.ADD, so_far, graph.indices()))
    assert found is so


def test_one_half_falls_as_the_other_rises() -> None:
    """Of an index, and of how many `a` are before it: where all are, nothing changes."""
    graph = Graph(causal=False)
    half = graph.const(Fraction(1, 2))
    before = term(graph, 'selector_width(select(tokens, "a", ==) and select(indices, indices, <))')
    parts = [graph.operation(Operator.MUL, half, each) for each in (graph.indices(), before)]
    keys = Keys(graph, known(graph))
    assert keys.distinct(parts[0])
    assert not keys.distinct(graph.operation(Operator.SUB, *parts))


@pytest.mark.parametrize(
    ("added", "limit", "so"),
    [
        ('indicator(tokens == "a")', 2, True),
        ("indicator(indices > 0)", 3, False),
        (Fraction(1, 2), Fraction(3, 2), False),  # the first two
        (-1, 0, False),
    ],
)
def test_what_is_added_up_to_a_key_is_below_a_number(added: Atom, limit: Atom, so: bool) -> None:
    """Of keys that add 1 to it themselves there is but one where it is below 2."""
    graph = Graph(causal=False)
    mine = term(graph, added) if isinstance(added, str) else graph.const(added)
    so_far = graph.make(Kind.SUM, (term(graph, "select(indices, indices, <=)"), mine))
    below = graph.select(so_far, graph.const(limit), Comparison.LT)
    chosen = graph.make(Kind.AND, (below, graph.select(mine, graph.const(1), Comparison.EQ)))
    assert Keys(graph, known(graph)).at_most_one(conjunctions(chosen if so else below)) is so


def test_equal_tokens_are_equal_numbers() -> None:
    """Also where there are too many values to try."""
    graph = Graph(causal=False)
    facts = known(graph, Request(("1", "2", "5"), 300))
    equal = conjunctions(term(graph, f"select(tokens_asis, tokens_asis, ==) and select({TURN}, {TURN}, <=)"))
    other = conjunctions(term(graph, f"select(tokens_asis, tokens_asis, !=) and select({TURN}, {TURN}, <=)"))
    assert Keys(graph, facts).hold_alike(equal, term(graph, "tokens_int"))
    assert not Keys(graph, facts).hold_alike(other, term(graph, "tokens_int"))


@pytest.mark.parametrize("causal", [False, True])
@pytest.mark.parametrize("copied", ["length - 1 - indices", "indices - 1", "2 * indices"])
def test_the_first_position_at_which_a_copy_differs(copied: str, causal: bool) -> None:
    """What is copied from where need not be asked, which would be too many ways at once."""
    main = rasp.parse(
        f"""
        apart = aggregate(select(indices, {copied}, ==), tokens, "c") != tokens;
        first = apart and not has_focus(select(apart, True, ==) and select(indices, indices, <));
        where = aggregate(select(first, True, ==), indices, -1);
        """
    ).main
    assert compiler.recheck(compiler.compile(main, "ab", 12, causal=causal)).ok
