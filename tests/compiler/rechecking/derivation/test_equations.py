"""What the statements show, and what they do not."""

from __future__ import annotations

import re

import pytest

from compiler.graph.meaning import quotient
from compiler.graph.terms import Graph, Kind, ReadAs, Term
from compiler.rechecking.derivation.equations import Equations
from compiler.request import Request
from rasp.graph.sops import Map
from rasp.words import Comparison, Operator
from tests.support.checker_claims import made
from tests.support.derivations import hold, known, term

TRUE = """
    selector_width(select(indices, indices, <)) -> indices
    selector_width(select(indices, indices, !=)) -> length - 1
    has_focus(full_s) -> True
    has_focus(select(indices, 9, ==)) -> False
    aggregate(select(indices, 0, ==), 1, 5) -> 1
    aggregate(select(indices, 9, ==), indices, 5) -> 5
    aggregate(select(tokens, "a", ==), 3, 3) -> 3
    length * aggregate(full_s, indices) - length * aggregate(full_s, indices) -> 0
    1 / aggregate(full_s, indicator(indices == 0), 1) -> length
    indices if True else 0 -> indices
    aggregate(full_s, indices) != aggregate(full_s, indices) -> False
    has_focus(select(tokens, "a", ==)) -> selector_width(select(tokens, "a", ==)) > 0
    tokens_asis == "a" -> not (tokens_asis != "a")
    aggregate(A, 1) >= 1 -> W > 0 and W >= W
    has_focus(L and A) -> has_focus(A)
    only(A, indices) + 0 - only(A, indices) -> 0
    aggregate(A, M) -> aggregate(A and select(tokens, "b", !=), M)
    aggregate(A, indices) + 0 -> aggregate(A, indices)
    indices * 1.0 - indices -> 0
    aggregate(T, indicator(M)) > 0 -> has_focus(T and A)
    only(full_s, M) -> only(A, M) if has_focus(A) else only(full_s, M)
    aggregate(select(indices, 9, ==), indices, 1.0) -> 1
    indicator(W > 0) + indices -> indices + indicator(has_focus(A))
    aggregate(A, indices, 5) -> aggregate(A, indices) if has_focus(A) else 5
    aggregate(A and select(indices, 0, ==), 1) + 1 -> 1 + selector_width(A and select(indices, 0, ==))
    aggregate(A, 1, 0) > 0 -> has_focus(A)
    aggregate(A, 3, 5) -> 3 if has_focus(A) else 5
    1 / aggregate(T, indicator(indices == 0), 1) -> selector_width(T)
"""

FALSE = """
    selector_width(select(indices, indices, <)) -> indices + 1
    selector_width(select(indices, indices, <=)) -> indices
    selector_width(select(indices, indices, !=)) -> length
    has_focus(select(indices, indices, <)) -> True
    not has_focus(select(tokens, "a", ==)) -> selector_width(select(tokens, "a", ==)) > 0
    selector_width(select(tokens, "a", ==)) == 0 -> has_focus(select(tokens, "a", ==))
    aggregate(select(indices, 0, ==), 1, 5) -> 5
    aggregate(select(tokens, "a", ==), 1, 5) -> 1
    aggregate(select(tokens, "a", ==), 3, 5) -> 3
    aggregate(full_s, aggregate(full_s, indices), 0) -> 0
    length * aggregate(select(tokens, "a", ==), indices) -> length
    1 / aggregate(full_s, indicator(indices == 1), 1) -> length
    indices if tokens == "a" else 0 -> indices
    indices - indices -> 1
    aggregate(full_s, indices) <= aggregate(full_s, indices) -> False
    tokens_asis == "a" -> tokens_asis == "b"
    has_focus(select(tokens, "a", ==) or select(tokens, "b", ==)) -> has_focus(select(tokens, "a", ==))
    selector_width(select(tokens, "a", ==)) -> selector_width(select(tokens, "a", !=))
    selector_width(select(tokens, tokens, ==)) -> 1
    aggregate(A, 1) >= 1 -> W == 0 and W >= W
    has_focus(L and A) -> has_focus(L)
    has_focus(select(C, C, >) and select(C + 1, C, >=)) -> False
    aggregate(A and select(indices, 0, ==), 1, 1) + 1 -> selector_width(A and select(indices, 0, ==)) + 1
    aggregate(A, indices) + 1 -> W + 1
    aggregate(A, indices) -> aggregate(A, 5) if has_focus(A) else 0
    aggregate(T, indicator(M)) > 0 -> False
    length * aggregate(A, 1) -> W
    indices -> indices if aggregate(full_s, tokens == "a") else indices
    indices -> indices if only(full_s, tokens) == "a" else indices
    indices -> indices + 0 * only(full_s, indicator(tokens == "a"))
    indices -> indices + aggregate(full_s, M) - aggregate(full_s, M)
    indices -> indices + aggregate(full_s, indices) - aggregate(full_s, indices)
    aggregate(A, indices, 1) < 1 -> has_focus(A) or W == 3
    indices -> indices + 0 * aggregate(full_s, 1 / indices)
    indices -> indices + 0 * ((indices + 2 ^ 9000) * (indices + 2 ^ 9000))
    W -> selector_width(select(tokens, "a", ==) and select(only(full_s, tokens), "d", !=))
    has_focus(A) -> has_focus(A and select(1 / indices, 2, <=))
    M + 0 -> M
    M -> indicator(M)
    aggregate(full_s, M + 0) -> aggregate(full_s, M)
    aggregate(full_s, M) -> aggregate(full_s, M + 0)
    length * aggregate(full_s, M + 0) -> indicator(M) if length == 1 else W
    indices + 0 -> indices + 0.0
    W -> W * 1.0
    aggregate(A, indices) -> aggregate(A, indices) + 0.0
    aggregate(select(indices, 9, ==), indices, 1) -> True
    aggregate(select(indices, 9, ==), indices, True) -> 1
    selector_width(select(indices, 9, ==)) -> False
    aggregate(A, 1) > 0 -> M
    aggregate(A, indices, 5) -> aggregate(A, indices) if has_focus(T) else 5
    indicator(W > 1) + indices -> indices + indicator(has_focus(A))
    aggregate(A and select(indices, 0, ==), 2) + 1 -> 1 + selector_width(A and select(indices, 0, ==))
    selector_width(MANY and select(indices, indices, ==)) -> 0
    has_focus(select(indices, 9, ==)) -> True
    aggregate(A, 1, 1) > 0 -> has_focus(A)
    aggregate(A, 3, 5) -> 4 if has_focus(A) else 5
    aggregate(A, 3, 5) -> 3 if has_focus(T) else 5
    1 / aggregate(S, indicator(indices == 0), 1) -> selector_width(S)
"""
"""What is not so, as a wrong rule would have it."""


SHORT = {
    r"\bA\b": 'select(tokens, "a", ==)',
    r"\bW\b": 'selector_width(select(tokens, "a", ==))',
    r"\bC\b": "selector_width(select(tokens, tokens, ==))",
    r"\bM\b": '(tokens == "a")',
    r"\bT\b": "select(indices, indices, <=)",
    r"\bS\b": "select(indices, 1, ==)",
    r"\bL\b": "select(length, length + 1, <)",
    r"\bMANY\b": " and ".join(f"select(indices, {n} * indices + 1, <)" for n in range(1, 14)),
}
"""What stands for what in the rows."""


def rows(text: str) -> list[str]:
    for short, whole in SHORT.items():
        text = re.sub(short, whole, text)
    return [line.strip() for line in text.strip().splitlines()]


@pytest.mark.parametrize("row", rows(TRUE))
def test_what_is_so_is_shown(row: str) -> None:
    assert hold(row)


@pytest.mark.parametrize("row", rows(FALSE))
@pytest.mark.parametrize("causal", [False, True])
def test_what_is_not_so_is_not_shown(row: str, causal: bool) -> None:
    assert not hold(row, causal)


def test_a_selector_is_no_other() -> None:
    graph = Graph(causal=False)
    less = term(graph, "select(indices, indices, <)")
    negated = graph.make(Kind.NOT, (less,))
    equations = Equations(graph, known(graph))
    assert equations.hold(graph.make(Kind.NOT, (negated,)), less)
    assert not equations.hold(negated, less)


@pytest.mark.parametrize(
    ("row", "shown"),
    [
        ("aggregate(s, indices) - aggregate(s, c) -> aggregate(s, indices - c)", True),
        ("aggregate(s, indices, 0) + aggregate(s, c, 0) -> aggregate(s, indices + c, 0)", True),
        ("aggregate(s, indices) - aggregate(s, c) -> aggregate(s, c - indices)", False),
        ("aggregate(s, indices) - aggregate(s, c) -> aggregate(s, indices + c)", False),
        ("aggregate(s, indices) * aggregate(s, c) -> aggregate(s, indices * c)", False),
        ("aggregate(s, indices, 1) - aggregate(s, c, 1) -> aggregate(s, indices - c, 1)", False),
        ("aggregate(s, indices, 1) - aggregate(s, c, 0) -> aggregate(s, indices - c, 0)", False),
        ("aggregate(s, indices) - aggregate(full_s, c) -> aggregate(s, indices - c)", False),
        ("aggregate(s, indices) - c -> aggregate(s, indices - c)", False),
        ("only(s, indices) - only(s, c) -> only(s, indices - c)", False),
    ],
)
@pytest.mark.parametrize("causal", [False, True])
def test_means_that_are_added_up(row: str, shown: bool, causal: bool) -> None:
    row = row.replace("(s,", '(select(tokens, "a", ==),')
    assert hold(re.sub(r"\bc\b", 'indicator(tokens == "b")', row), causal) is shown


WIDTH = 'selector_width(select(tokens, "a", ==))'


def test_a_quotient_is_the_same_as_a_fraction() -> None:
    graph = Graph(causal=False)
    equations = Equations(graph, known(graph))
    one, other = (term(graph, text) for text in (f"indices / {WIDTH}", f"{WIDTH} / indices"))
    assert equations.hold(one, graph.fraction(one))
    assert not equations.hold(one, graph.fraction(other))
    assert not equations.hold(term(graph, f"indices * {WIDTH}"), graph.fraction(one))
    product, quotient = (term(graph, f"indices {sign} (indices + 1)") for sign in "*/")
    assert not equations.hold(product, graph.fraction(quotient))
    many = Equations(graph, known(graph, Request(("a", "b"), 1000)))
    assert many.hold(one, graph.fraction(one))
    assert not many.hold(one, graph.fraction(other))


@pytest.mark.parametrize(
    ("text", "branch", "shown"),
    [
        ("indices / {} if {} > 0 else 7", 1, True),
        ("round(2 * indices / {}) if 1 <= {} else 7", 1, True),
        ("7 if {} == 0 else indices / {}", 2, True),
        ("indices / {} if has_focus(select(tokens, 'a', ==)) else 7", 1, True),
        ("indices / {} if {} > 0 else 7", 2, False),
        ("indices / {} if {} > 1 else 7", 1, False),
        ("indices / (1 + {}) if {} > 0 else 7", 1, False),
        ("indices * {} if {} > 0 else 7", 1, False),
        ("{} / 2 if {} > 0 else 7", 1, False),
        ("aggregate(full_s, indices / {}) if {} > 0 else 7", 1, False),
        ("indices / {} if has_focus(select(tokens, 'b', ==)) else 7", 1, False),
    ],
)
def test_what_divides_is_not_0(text: str, branch: int, shown: bool) -> None:
    graph = Graph(causal=False)
    before = term(graph, text.replace("'", '"').replace("{}", WIDTH))
    assert Equations(graph, known(graph)).hold(before, before.args[branch]) is shown


@pytest.mark.parametrize("causal", [False, True])
def test_the_length_is_read_off_the_last_position(causal: bool) -> None:
    graph = Graph(causal)
    equations = Equations(graph, known(graph, Request(("a", "b", "c"), 4, causal)))
    every, some = (term(graph, text) for text in ("full_s", 'select(tokens, "a", ==)'))
    negated = graph.operation(Operator.NEG, graph.indices())

    def shown(width: Term, counted: Term, values: Term, start: int) -> bool:
        least = graph.make(Kind.LEAST, (counted, values), ReadAs())
        found = graph.operation(Operator.SUB, graph.const(start), least)
        return equations.hold(graph.make(Kind.WIDTH, (width,)), found)

    assert shown(every, every, negated, 1) is not causal
    assert not shown(some, every, negated, 1)
    assert not shown(every, some, negated, 1)
    assert not shown(every, every, graph.indices(), 1)
    assert not shown(every, every, negated, 2)


@pytest.mark.parametrize(
    ("default", "otherwise", "shown"), [(0, None, True), (1, None, False), (2, 2, True), (2, 3, False)]
)
def test_a_mean_is_the_sum_over_the_count(default: int, otherwise: int | None, shown: bool) -> None:
    """Or another number, where nothing is counted."""
    graph = Graph(causal=False)
    among, values = term(graph, 'select(tokens, "a", ==)'), graph.indices()
    mean = graph.make(Kind.AGGREGATE, (among, values), ReadAs(("int", default)))
    count, total = graph.make(Kind.WIDTH, (among,)), graph.make(Kind.SUM, (among, values))
    empty = graph.operation(Operator.EQ, count, graph.const(0))
    divisor = graph.operation(Operator.ADD, count, graph.operation(Operator.INDICATOR, empty))
    found = graph.make(Kind.MAP, (total, divisor), ("mean",), Map(args=(), function=quotient))
    if otherwise is not None:
        found = graph.operation(Operator.CHOOSE, empty, graph.const(otherwise), found)
    assert Equations(graph, known(graph)).hold(mean, found) is shown


@pytest.mark.parametrize("divisor", ["2", "W + 1", "W + indicator(W > 0)", "W + indicator(M)", "1 + W"])
def test_nothing_else_divides_the_sum(divisor: str) -> None:
    graph = Graph(causal=False)
    among, values = term(graph, 'select(tokens, "a", ==)'), graph.indices()
    mean = graph.make(Kind.AGGREGATE, (among, values), ReadAs(("int", 0)))
    parts = graph.make(Kind.SUM, (among, values)), term(graph, *rows(divisor))
    found = graph.make(Kind.MAP, parts, ("mean",), Map(args=(), function=quotient))
    assert not Equations(graph, known(graph)).hold(mean, found)


@pytest.mark.parametrize("question", [Kind.EXISTS, Kind.WIDTH])
@pytest.mark.parametrize(
    ("negated", "beaten_by", "nothing", "least_of_nothing", "shown"),
    [
        (False, "<", 0, 0, True),
        (True, ">", 3, -3, True),
        (False, "<", 1, 2, False),
        (True, ">", 3, 3, False),
        (True, "<", 3, -3, False),
        (False, None, 0, 0, False),
    ],
)
def test_what_nothing_beats_is_the_least(
    negated: bool, beaten_by: str | None, nothing: int, least_of_nothing: int, shown: bool, question: Kind
) -> None:
    graph = Graph(causal=False)
    among, values = term(graph, 'select(tokens, "a", ==)'), graph.indices()
    chosen = among
    if beaten_by is not None:
        beats = graph.make(Kind.AND, (among, term(graph, f"select(indices, indices, {beaten_by})")))
        no = graph.const(False if question is Kind.EXISTS else 0)
        unbeaten = graph.select(graph.make(question, (beats,)), no, Comparison.EQ)
        chosen = graph.make(Kind.AND, (among, unbeaten))
    read = graph.make(Kind.AGGREGATE, (chosen, values), ReadAs(("int", nothing)))
    held = graph.operation(Operator.NEG, values) if negated else values
    least = graph.make(Kind.LEAST, (among, held), ReadAs(("int", least_of_nothing)))
    after = graph.operation(Operator.NEG, least) if negated else least
    assert Equations(graph, known(graph)).hold(read, after) is shown


@pytest.mark.parametrize(("read", "least"), [("indices", "indices + 1"), ("tokens_int", "indices")])
def test_the_least_of_others_is_not_what_is_read(read: str, least: str) -> None:
    graph = Graph(causal=False)
    among, values = term(graph, 'select(tokens, "1", ==)'), term(graph, least)
    beats = graph.make(Kind.AND, (among, term(graph, "select(indices, indices, <)")))
    unbeaten = graph.select(graph.make(Kind.EXISTS, (beats,)), graph.const(False), Comparison.EQ)
    chosen = graph.make(Kind.AND, (among, unbeaten))
    of_nothing = ReadAs(("int", 0))
    after = graph.make(Kind.LEAST, (among, values), of_nothing)
    equations = Equations(graph, known(graph, Request(("1", "2", "5"), 4)))
    for source, shown in ((values, True), (term(graph, read), False)):
        assert equations.hold(graph.make(Kind.AGGREGATE, (chosen, source), of_nothing), after) is shown


@pytest.mark.parametrize(
    ("row", "shown"),
    [
        ("not X -> not (X != 0)", True),
        ("not X -> not (X != 1)", False),
        ("not X -> not (X == 0)", False),
        ("X and M -> X != 0 and M", True),
        ("X and M -> X != 0 or M", False),
        ("X or M -> X != 0 and M", False),
        ("X or M -> X != 0 or W", False),
        ("7 if X else indices -> 7 if X != 0 else indices", True),
        ("indices if M else X -> indices if M else (X != 0)", False),
        ("M if X else X -> M if X != 0 else (X != 0)", False),
        ("X + 1 -> (X != 0) + 1", False),
        ("X + X -> (X != 0) + (X != 0)", False),
        ("not Y -> not (Y != 0)", False),
    ],
)
def test_whether_a_number_is_true_is_whether_it_is_not_0(row: str, shown: bool) -> None:
    """X is a number of which nothing else is known, Y may be a string."""
    product = "(aggregate(full_s, indices) * aggregate(full_s, indices + 1))"
    row = row.replace("X", f"(-{product})").replace("Y", f'("b" if {product} > 2 else "a")')
    graph = Graph(causal=False)
    before, after = (term(graph, side) for side in rows(row)[0].split(" -> "))
    assert Equations(graph, known(graph, Request(("a", "b", "c"), 300))).hold(before, after) is shown


@pytest.mark.parametrize(
    ("kind", "selector", "values", "shown"),
    [
        (Kind.LEAST, "select(tokens, tokens, ==)", "indices", True),
        (Kind.LEAST, "select(tokens, tokens, !=)", "indices", False),
        (Kind.LEAST, "select(tokens, tokens, ==)", "indices % 2", False),
        (Kind.AGGREGATE, "select(tokens, tokens, ==)", "indices", False),
    ],
)
def test_the_least_is_no_more_than_mine(kind: Kind, selector: str, values: str, shown: bool) -> None:
    graph = Graph(causal=False)
    read = graph.make(kind, (term(graph, selector), term(graph, values)), ReadAs())
    below, other = (graph.operation(op, read, graph.indices()) for op in (Operator.LT, Operator.NE))
    assert Equations(graph, known(graph)).hold(below, other) is shown
    flag = term(graph, 'tokens == "a"')
    either, both = (graph.operation(Operator.OR, below, each) for each in (below, flag))
    assert Equations(graph, known(graph)).hold(either, graph.operation(Operator.OR, other, other)) is shown
    assert not Equations(graph, known(graph)).hold(both, graph.operation(Operator.OR, other, other))


@pytest.mark.parametrize("own", ["indices", "tokens_int"])
def test_what_is_added_up_before_me(own: str) -> None:
    """Causally it is what is added up so far less my own, also where that is my index, itself a count."""
    graph = Graph(causal=True)
    index, mine = graph.indices(), term(graph, own)
    strict = graph.make(Kind.SUM, (term(graph, "select(indices, indices, <)"), index))
    so_far = graph.make(Kind.SUM, (term(graph, "full_s"), index))
    found = graph.operation(Operator.SUB, so_far, mine)
    held = Equations(graph, known(graph, Request(("1", "2"), 4, True))).hold(strict, found)
    assert held is (own == "indices")


@pytest.mark.parametrize(
    ("row", "shown"),
    [
        ("mean(T, X) < mean(T, Y) -> total(T, X) < total(T, Y)", True),
        ("mean(T, X) < mean(T, Y) -> total(T, Y) < total(T, X)", False),
        ("mean(T, X) < mean(T, Y) -> total(T, X) <= total(T, Y)", False),
        ("mean(T, X) < mean(A, Y) -> total(T, X) < total(A, Y)", False),
        ("mean(A, X, 1) < mean(A, Y, 0) -> total(A, X) < total(A, Y)", False),
        ("only(T, X) < only(T, Y) -> total(T, X) < total(T, Y)", False),  # not that it were not so
    ],
)
def test_means_over_one_selection_compare_as_their_sums(row: str, shown: bool) -> None:
    row = row.replace("X", "indices").replace("Y", "indicator(M)").replace("mean(", "aggregate(")
    graph = Graph(causal=False)
    before, after = (made(graph, side) for side in rows(row)[0].split(" -> "))
    assert Equations(graph, known(graph)).hold(before, after) is shown
