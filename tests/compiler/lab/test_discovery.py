"""Methods against the true circuit: ACDC finds all that can vary; gradients of exact models miss much."""

from __future__ import annotations

import pytest

import compiler
import rasp
from compiler.lab.discovery import METHODS, Found, acdc, activation_patching, area, eap, scored
from compiler.lab.patching import random_pairs, true_edges

VOCABULARIES = {"hist2": "abc", "sort": "abc", "most_freq": "abc", "dyck2_ptf": "()[]", "sort_freq": "abc"}


@pytest.mark.parametrize("name", VOCABULARIES)
def test_acdc_finds_exactly_the_edges_that_vary(name: str) -> None:
    model = compiler.compile(rasp.load(name).main, VOCABULARIES[name], 6)
    pairs = random_pairs(model, 48, seed=0)
    found = acdc(model, pairs)
    assert found == true_edges(model)
    assert scored(model, dict.fromkeys(found, 1.0)) == Found(precision=1, recall=1, area=1)
    assert scored(model, activation_patching(model, pairs)) == Found(precision=1, recall=1, area=1)


@pytest.mark.slow
def test_gradients_stop_where_attention_is_saturated() -> None:
    model = compiler.compile(rasp.load("sort").main, "abc", 6)
    found = scored(model, eap(model, random_pairs(model, 48, seed=0)))
    assert found.precision == 1
    assert found.recall < 0.5
    assert 0.5 < found.area < 0.75


def test_the_area_under_the_curve() -> None:
    assert area([2, 3], [0, 1]) == 1
    assert area([0, 1], [2, 3]) == 0
    assert area([0, 0], [0, 0, 0]) == 0.5
    assert area([2, 0], [1, 0]) == 0.625
    assert area([], [1]) == 1


def test_what_nothing_finds_has_no_recall() -> None:
    model = compiler.compile(rasp.load("hist").main, "abc", 3)
    assert scored(model, {}) == Found(precision=1, recall=0, area=0.5)
    assert set(METHODS) == {"activation patching", "ACDC", "EAP", "EAP-IG"}
