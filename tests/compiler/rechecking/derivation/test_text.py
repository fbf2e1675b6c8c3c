"""Every step from a program's text to its terms, shown by statements that stand apart from the rules."""

from __future__ import annotations

import pytest

import compiler
import rasp
from compiler.graph import building, rules
from compiler.graph.building import build
from compiler.graph.patterns import Rows
from compiler.graph.terms import Graph, Kind, Term
from compiler.rechecking.derivation.known import Known
from compiler.rechecking.derivation.text import require_same, require_text
from compiler.rechecking.derivation.values import Closed
from compiler.rechecking.proof import recheck
from compiler.rechecking.report import Unproved
from compiler.request import Request
from compiler.values.settling import Wording, settle
from rasp.errors import TooLargeError
from rasp.graph.sops import SOp
from rasp.words import Comparison, Operator
from tests.support.derivations import claimed_of, term
from tests.support.lengths import EVERYTHING, Swept
from tests.support.program_cases import CASES, Case

WORDINGS: list[tuple[Wording, ...]] = [(), ("least", "whole"), ("counted", "fractions")]


def show(main: SOp, asked: Request, wording: tuple[Wording, ...] = ()) -> int:
    """Show that the terms of a program are what its text says; how many steps that took."""
    built = build(main, asked)
    settled = settle(built, asked, wording)
    claimed = claimed_of(settled)
    known = Known(claimed)
    steps = require_text(main, {}, built.graph, settled.rounds, settled.root, known)
    Closed(claimed).require(known.asked)
    return steps


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_terms_are_what_the_text_says(case: Case) -> None:
    show(rasp.load(case.name).main, Request(case.small.vocab, case.small.max_length, case.causal))


def test_the_steps_are_looked_at() -> None:
    main = rasp.parse("x = length * aggregate(full_s, indices);").main
    assert show(main, Request(("a", "b"), 6)) == 1


def test_one_position_is_no_other() -> None:
    """Of one position nothing is smaller than itself, whatever it is."""
    text = "m = only(full_s, tokens_int) * 5; x = has_focus(select(m, m, <) and select(1, tokens_int, ==));"
    assert show(rasp.parse(text).main, Request((0, 1), 1)) > 0


@pytest.mark.slow
@pytest.mark.parametrize("swept", EVERYTHING, ids=lambda swept: swept.name)
def test_terms_are_what_the_text_says_at_more_lengths(swept: Swept) -> None:
    for length in (3, 16):
        for wording in WORDINGS:
            try:
                show(swept.main, Request(tuple(swept.vocab), length, swept.causal), wording)
            except TooLargeError:
                continue


WRONG = """
    selector_width(select(x, y, <)) -> selector_width(select(x, y, <=)): selector_width(select(indices, 2, <))
    selector_width(s or t) -> length: selector_width(select(indices, 3, ==) or select(indices, 2, <))
    has_focus(s and t) -> has_focus(s): has_focus(select(tokens, "a", ==) and select(indices, indices, <))
    aggregate(s, x, d) -> aggregate(s, x): aggregate(select(indices, indices + 1, ==), indices, 7)
    x + y -> x - y: indices + length
    x if c else y -> x: indices if tokens == "a" else 9
    not p -> p: not (tokens == "a")
    select(x, y, <) -> select(x, y, >=): aggregate(select(indices, 2, <), indices)
"""
"""Rules that are not so, and a program that each of them makes another of."""


@pytest.mark.parametrize("row", [row.strip() for row in WRONG.strip().splitlines()])
def test_a_model_by_a_wrong_rule_is_not_proved(row: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The model computes what the rule makes of the program; that it is the program is not shown."""
    rule, _, text = row.partition(": ")
    main = rasp.parse(f"x = {text};").main
    monkeypatch.setattr(building, "RULES", (*rules.RULES, Rows(rule, rules.GUARDS)))
    model = compiler.compile(main, "ab", 4)
    assert "text: it is not shown that" in (recheck(model).problem or "")
    monkeypatch.undo()
    assert recheck(compiler.compile(main, "ab", 4)).ok


def test_a_wrong_step_while_settling_is_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    """What reads nothing is taken to read 1, say."""
    monkeypatch.setattr("compiler.values.settling._of_nothing", lambda term: 1)
    model = compiler.compile(rasp.parse("x = aggregate(select(indices, 9, ==), indices, 3);").main, "ab", 4)
    assert "it is not shown" in (recheck(model).problem or "")


def test_one_way_to_make_a_term_is_no_other() -> None:
    graph = Graph(causal=False)
    sides = graph.select(graph.indices(), graph.indices(), Comparison.LT), term(graph, "full_s")
    both, either = (graph.make(kind, sides) for kind in (Kind.AND, Kind.OR))
    require_same(both, both, graph, lambda one, other: False)
    with pytest.raises(Unproved):
        require_same(both, either, graph, lambda one, other: False)


def test_what_is_shared_is_looked_at_once() -> None:
    """Of two graphs in which each s-op is made of the one before, twice."""
    sides = []
    for _ in range(2):
        graph = Graph(causal=False)
        doubled: Term = graph.indices()
        for _ in range(200):
            doubled = graph.operation(Operator.MUL, doubled, doubled)
        sides.append(doubled)
    require_same(sides[0], sides[1], graph, lambda one, other: False)
