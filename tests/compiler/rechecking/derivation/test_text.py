"""Every step from a program's text to its terms, shown by statements that stand apart from the rules."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

import rasp
from compiler.graph.building import build, kept_nodes
from compiler.graph.conjunctions import conjunctions
from compiler.graph.terms import Graph, Kind, Term
from compiler.rechecking.derivation.equations import Equations
from compiler.rechecking.derivation.text import Derivation, derived, require_same
from compiler.request import Request
from compiler.values.inference import Domains
from compiler.values.settling import Wording, settle
from rasp.errors import RaspError, TooLargeError
from rasp.graph.sops import SOp
from rasp.words import Atom, Comparison
from tests.support.lengths import EVERYTHING, Swept
from tests.support.program_cases import CASES, Case

WORDINGS: list[tuple[Wording, ...]] = [(), ("least", "whole"), ("counted",)]


class Known:
    """What is known of the leaves, by their domains."""

    def __init__(self, domains: Domains) -> None:
        self._domains = domains

    def values(self, leaf: Term) -> Sequence[Atom] | None:
        """All values of a leaf; None where they are too many to list."""
        try:
            self._domains.learn(leaf)
        except RaspError:
            return None
        return self._domains.get(leaf).values

    def tokens(self, term: Term) -> Sequence[Atom | None]:
        """What a TOKENS is for each entry of the vocabulary."""
        self._domains.learn(term)
        return self._domains.tokens[term.index]

    def holds_one_value(self, read: Term) -> bool:
        """Whether all that a query of a read selects is one value."""
        for way in conjunctions(read.args[0]):
            for literal in way:
                self._domains.learn(literal.keys)
                self._domains.learn(literal.queries)
        self._domains.learn(read.args[1])
        known = self._domains.conjunctions(read.args[0])
        return self._domains.relations.at_most_one_value(known, read.args[1])

    def always(self, read: Term) -> bool:
        """Whether every query of a read selects something."""
        self._domains.learn(read)
        return self._domains.reads[read.index].always


def show(main: SOp, asked: Request, wording: tuple[Wording, ...] = ()) -> int:
    """Show that the terms of a program are what its text says; how many steps that took."""
    built = build(main, asked)
    settled = settle(built, asked, wording)
    equations, graph = Equations(built.graph, Known(settled.domains)), built.graph
    steps = 0

    def hold(before: Term, after: Term) -> bool:
        nonlocal steps
        steps += 1
        return equations.hold(before, after)

    derivation = Derivation(graph, [dict(each) for each in graph.replaced], hold)
    theirs, ours = derived(main, kept_nodes(main, asked.keep), graph, derivation)
    assert theirs is settled.root
    require_same(ours, theirs, graph, equations.hold)
    return steps


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_terms_are_what_the_text_says(case: Case) -> None:
    show(rasp.load(case.name).main, Request(case.small.vocab, case.small.max_length, case.causal))


def test_the_steps_are_looked_at() -> None:
    main = rasp.parse("x = length * aggregate(full_s, indices);").main
    assert show(main, Request(("a", "b"), 6)) == 1


TURNED = """
    (indices + tokens_int[0]) % length -> (indices - tokens_int[0]) % length
    (indices - 3 + length) % length -> (indices + 3 - length) % length
    (tokens_int[1] - indices) % length -> (tokens_int[1] - indices) % length
"""

NOT_TURNED = """
    (indices + 1) % length -> (indices + 1) % length
    (1 - indices) % length -> (indices - 1) % length
    (2 * indices) % length -> (2 * indices) % length
    (indices + 1) % 3 -> (indices - 1) % 3
    (indices + tokens_int) % length -> (indices - tokens_int) % length
"""


@pytest.mark.parametrize(
    ("text", "causal", "shown"),
    [
        (TURNED, False, True),
        (TURNED, True, False),
        (NOT_TURNED, False, False),
    ],
)
def test_keys_are_turned_to_the_side_of_the_query(text: str, causal: bool, shown: bool) -> None:
    for row in text.strip().splitlines():
        graph = Graph(causal)
        keys, queries = (_term(graph, side) for side in row.split(" -> "))
        before = graph.select(keys, graph.indices(), Comparison.EQ)
        after = graph.select(graph.indices(), queries, Comparison.EQ)
        equations = Equations(graph, Known(Domains(graph.const(0), Request(("1", "2"), 4, causal))))
        assert equations.hold(before, after) is shown, row


@pytest.mark.slow
@pytest.mark.parametrize("swept", EVERYTHING, ids=lambda swept: swept.name)
def test_terms_are_what_the_text_says_at_more_lengths(swept: Swept) -> None:
    for length in (3, 16):
        for wording in WORDINGS:
            try:
                show(swept.main, Request(tuple(swept.vocab), length, swept.causal), wording)
            except TooLargeError:
                continue


FALSE = """
    selector_width(select(indices, indices, <)) -> indices + 1
    selector_width(select(indices, indices, <=)) -> indices
    selector_width(select(indices, indices, !=)) -> length
    has_focus(select(indices, indices, <)) -> True
    not has_focus(select(tokens, "a", ==)) -> selector_width(select(tokens, "a", ==)) > 0
    selector_width(select(tokens, "a", ==)) == 0 -> has_focus(select(tokens, "a", ==))
    aggregate(select(indices, 0, ==), 1, 5) -> 5
    aggregate(select(tokens, "a", ==), 1, 5) -> 1
    length * aggregate(select(tokens, "a", ==), indices) -> length
    1 / aggregate(full_s, indicator(indices == 1), 1) -> length
    indices if tokens == "a" else 0 -> indices
    indices - indices -> 1
    tokens_asis == "a" -> tokens_asis == "b"
    has_focus(select(tokens, "a", ==) or select(tokens, "b", ==)) -> has_focus(select(tokens, "a", ==))
    selector_width(select(tokens, "a", ==)) -> selector_width(select(tokens, "a", !=))
    selector_width(select(tokens, tokens, ==)) -> 1
"""
"""What is not so, as a wrong rule would have it."""


@pytest.mark.parametrize("row", [row.strip() for row in FALSE.strip().splitlines()])
@pytest.mark.parametrize("causal", [False, True])
def test_what_is_not_so_is_not_shown(row: str, causal: bool) -> None:
    asked = Request(("a", "b", "c"), 4, causal)
    graph = Graph(causal)
    before, after = (_term(graph, side) for side in row.split(" -> "))
    equations = Equations(graph, Known(Domains(graph.const(0), asked)))
    assert not equations.hold(before, after)


def _term(graph: Graph, side: str) -> Term:
    if side.isdigit() or side == "True":
        return graph.const(True if side == "True" else int(side))
    derivation = Derivation(graph, [{}], lambda one, other: False)
    return derived(rasp.parse(f"x = {side};").main, set(), graph, derivation)[1]


def test_a_selector_is_no_other() -> None:
    graph = Graph(causal=False)
    index = graph.indices()
    less = graph.select(index, index, Comparison.LT)
    equations = Equations(graph, Known(Domains(graph.const(0), Request(("a",), 3))))
    assert equations.hold(graph.make(Kind.NOT, (graph.make(Kind.NOT, (less,)),)), less)
    assert not equations.hold(graph.make(Kind.NOT, (less,)), less)
