"""The law of the rows: both sides of each are the same on every input, whatever its names stand for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from random import Random
from typing import Any

import pytest

from compiler.fuzzing.loop import numbered_program
from compiler.graph import rules
from compiler.graph.building import build
from compiler.graph.meaning import values_of
from compiler.graph.patterns import SELECTORS, TRUTHS, Row, Rows, make, read_row
from compiler.graph.terms import Graph, Kind, Term, reachable
from rasp.errors import EvaluationError
from rasp.graph.interpreter import masked
from rasp.syntax.tree import AggregateExpression, Name, Syntax, children
from rasp.words import Atom, Comparison, Operator

ROWS = [row for rule in rules.RULES if isinstance(rule, Rows) for row in rule.rows]
PROGRAMS = 40
"""Random programs that lend their s-ops and selectors to each row."""

SPECIAL = {"everything", "nothing", "indices", "length", "selector_width", "sum", "has_focus", *TRUTHS}


def below(node: Syntax) -> Iterator[Syntax]:
    yield node
    for child in children(node):
        yield from below(child)


def names(row: Row) -> set[str]:
    """What may stand for anything."""
    return {node.text for node in below(row.pattern) if isinstance(node, Name)} - SPECIAL


def defaults(row: Row) -> set[str]:
    """The names that stand for the default of an aggregate, which is a plain value."""
    aggregates = [node for node in below(row.pattern) if isinstance(node, AggregateExpression)]
    return {node.default.text for node in aggregates if isinstance(node.default, Name)}


def lent(graph: Graph, root: Term) -> list[Term]:
    """The terms of a program, and some that rows ask for."""
    index = graph.indices()
    plain = [graph.const(value) for value in (0, 1, 2, -3, True, False)]
    numbers = [
        index,
        graph.operation(Operator.ADD, index, plain[2]),
        graph.operation(Operator.GT, index, plain[1]),
    ]
    selector = graph.select(index, index, Comparison.LE)
    return [*reachable(root), *plain, *numbers, selector, graph.make(Kind.WIDTH, (selector,))]


def instance(row: Row, rng: Random, graph: Graph, terms: list[Term]) -> dict[str, Term] | None:
    """Terms for the names of a row, such as its guards let through; None if there are none."""
    bound: dict[str, Term] = {}
    for name in sorted(names(row)):
        fitting = [
            term
            for term in terms
            if term.is_selector == (name in SELECTORS)
            and (name not in defaults(row) or term.kind is Kind.CONST)
            and all(guard(term) for guarded, guard in row.guards if guarded == name)
        ]
        if not fitting:
            return None
        bound[name] = rng.choice(fitting)
    return bound


def told(term: Term, one: list[Atom], causal: bool) -> list[Any] | None:
    """The values of a term, truth values told from numbers, or a selector's rows; None if it has none."""
    try:
        values: list[Any] = values_of(term, one, causal)
    except EvaluationError:
        return None
    if term.is_selector:
        return list(masked(values)) if causal else values
    return [(isinstance(value, bool), value) for value in values]


numbered = cache(numbered_program)


@cache
def program(seed: int, causal: bool) -> tuple[Graph, list[Term], list[list[Atom]]]:
    """What a random program lends, and inputs of it."""
    made, inputs = numbered(seed)
    built = build(made.sop, replace(made.asked, causal=causal, optimize=False))
    return built.graph, lent(built.graph, built.root), inputs[:3]


def difference(row: Row) -> str | None:
    """Where the two sides differ, on random instances; None if they never do."""
    compared = 0
    for seed in range(PROGRAMS):
        causal = numbered(seed)[0].asked.causal
        causal = causal if causal in row.masks else row.masks[0]
        graph, terms, inputs = program(seed, causal)
        bound = instance(row, Random(seed), graph, terms)
        if bound is None:
            continue
        left, right = (make(graph, side, bound) for side in (row.pattern, row.replacement))
        assert row.apply(graph, left) is right, f"{row.text} does not fit itself"
        for one in inputs:
            wanted, found = told(left, one, causal), told(right, one, causal)
            if wanted not in (None, found):
                return f"on {one}: {left.title} is {wanted}, {right.title} is {found}"
            compared += wanted is not None
    assert compared > 20, "this was hardly tried"
    return None


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.text)
def test_both_sides_are_the_same(row: Row) -> None:
    assert difference(row) is None


@pytest.mark.parametrize(
    "text",
    [
        "selector_width(select(indices, indices, <)) -> indices + 1",
        "s or everything -> s",
        "x - 0 -> 0 - x where x is whole",
        "x if c else y -> y where c is true",
        "selector_width(everything) -> indices + 1",  # holds causally
        "select((indices + c) % length, indices, ==) -> select(indices, (indices - c) % length, ==)",
        "bidirectionally: select((indices + c) % length, indices, ==) -> \
            select(indices, (indices + c) % length, ==) where c is uniform",
        "x * 1 -> x where x is truth",  # makes a number of a truth value, which is no count
    ],
)
def test_a_wrong_row_breaks_the_law(text: str) -> None:
    assert difference(read_row(text, rules.GUARDS)) is not None


def test_a_row_is_read() -> None:
    row = read_row("causally: x - c -> c where x is whole, c is constant", rules.GUARDS)
    assert row.masks == (True,)
    assert [name for name, _ in row.guards] == ["x", "c"]
    graph = Graph(causal=True)
    term = graph.operation(Operator.SUB, graph.indices(), graph.const(3))
    assert row.apply(graph, term) is graph.const(3)
    assert row.apply(Graph(causal=False), term) is None
    assert row.apply(graph, graph.operation(Operator.SUB, graph.const(3), graph.indices())) is None
