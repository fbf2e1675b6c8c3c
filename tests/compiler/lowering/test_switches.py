"""Switches: what is added where something holds."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from fractions import Fraction
from random import Random

import pytest

from compiler.graph.terms import Graph, Kind, Term
from compiler.lowering.switches import Condition, Gated, NoGate, Switch, Switches, condition, multiple, plus
from compiler.ranges.affine import AffineForm, constant
from tests.support.worked import stages

INDEX = Graph(causal=False).indices()
FORM = AffineForm(Fraction(-2), {INDEX: Fraction(1)})
SWITCH = Switch(FORM, equal=False)
"""On from position 2 on."""


def test_the_same_switch_adds_up() -> None:
    """5 where it is on, and 1 more there, is one part of 6; the opposite takes it away again."""
    five, one = (Gated(constant(3), ((SWITCH, constant(added)),)) for added in (5, 1))
    both = five.plus(one)
    assert both.base.constant == 6
    [(switch, added)] = both.parts
    assert switch is SWITCH
    assert added.constant == 6
    assert both.plus(both, -1).parts == ()
    assert five.times(2).parts[0][1].constant == 10


def test_conditions_are_counted() -> None:
    on = condition(Fraction(0), [(SWITCH, Fraction(1))])
    assert isinstance(on, Condition)
    off = plus(condition(Fraction(1), []), on, -1)
    assert (off.constant, [c for _, c in off.parts]) == (Fraction(1), [Fraction(-1)])
    assert plus(on, off).parts == ()


def test_a_product_of_switches_is_on_where_both_are() -> None:
    """Of forms of two numbers, wherever it can be had from steps alone."""
    settled = stages("answer = tokens_int + indices;", vocab=(-2, 0, 1), max_length=3).settled
    root, domains = settled.root, settled.domains
    tokens, index = sorted(domains.forms[root.index].coefficients, key=lambda leaf: leaf.kind is Kind.INDICES)
    switches, rng, made = Switches(domains.ranges), Random(1), 0
    for _ in range(400):
        pair = []
        for _ in range(2):
            steps = {
                leaf: Fraction(rng.choice((-2, -1, 1, 2))) for leaf in (tokens, index) if rng.random() < 0.7
            }
            pair.append(switches.holds(AffineForm(Fraction(rng.randint(-3, 3)), steps), rng.random() < 0.3))
        try:
            both = switches.both(*pair)
        except NoGate:
            continue
        made += len(both.parts) > 0
        for point in itertools.product((-2, 0, 1), (0, 1, 2)):
            here = dict(zip((tokens, index), point, strict=True))
            assert told(both, here) == told(pair[0], here) * told(pair[1], here), (pair, point)
    assert made > 150


def told(truth: Condition, here: Mapping[Term, int]) -> Fraction:
    """What a condition is at a point."""
    total = truth.constant
    for switch, weight in truth.parts:
        value = switch.form.constant + sum(c * here[leaf] for leaf, c in switch.form.coefficients.items())
        total += weight * (value == 0 if switch.equal else value >= 0)
    return total


@pytest.mark.parametrize(("factor", "rest"), [(1, 0), (-2, 3)])
def test_what_is_a_multiple_of_what(factor: int, rest: int) -> None:
    other = FORM.times(factor).shifted(rest)
    assert multiple(FORM, other) == (Fraction(factor), Fraction(rest))
    assert multiple(FORM, constant(1)) is None
