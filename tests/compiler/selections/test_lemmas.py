"""No lemma ever says what an input refutes; and each condition of each is needed: without it, one does."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from itertools import islice
from typing import Any

import pytest

from compiler.graph.terms import Kind, Term
from compiler.ranges.affine import AffineForm, affine_form
from compiler.ranges.domains import Domain
from compiler.selections import facts, lemmas
from compiler.selections.cases import Case
from compiler.selections.facts import Selections
from compiler.selections.points import UP_TO_ME, Subject
from compiler.values import inference
from compiler.values.relations import Relations
from tests.compiler.selections.shapes import SHAPES, Example, examples, wrong_facts
from tests.support.sweeps import sweep

TRIED, MANY = 4, 960
"""How many programs of each shape are tried: always, and in the long sweep."""

MOST = 400
"""How many programs are tried at most to find one that a missing condition makes wrong."""


@pytest.mark.parametrize("shape", sweep(SHAPES, [shape for shape in SHAPES if shape != "copies"]))
def test_no_input_refutes_a_fact(shape: str) -> None:
    proved = 0
    for example in examples(shape, TRIED):
        wrong, count = wrong_facts(example)
        assert not wrong, (example.text, wrong[0])
        proved += count
    assert proved > 2 * TRIED


@pytest.mark.by_hand
@pytest.mark.parametrize("shape", SHAPES)
def test_no_input_refutes_any_of_many_facts(shape: str) -> None:
    for example in examples(shape, MANY):
        wrong, _ = wrong_facts(example)
        assert not wrong, (example.text, wrong[0])


def yes(*_: Any) -> bool:
    return True


def any_alike(case: Case, term: Any, first: int, second: int) -> bool:
    return any(lemmas.alike(case, a, first, second) for a in term.args)


def only_found(self: Selections, case: Case, point: Any) -> list[Case]:
    return [by_finding(self, case, point)[1]]


by_finding = Selections._by_finding


def always_masked(self: Subject, read: Any) -> Any:
    return tuple((*conjunction, UP_TO_ME) for conjunction in read)


def asks_nothing(self: Subject, term: Any) -> list[Any]:
    return []


def takes_first(case: Case, term: Any, position: int) -> Any:
    return term.args[1]


KEPT = {"functions": "rank", "grows": "turn", "copies": "near", "same position": "born", "fractions": "share"}
"""By shape: an s-op of it that can be replaced."""


@pytest.mark.parametrize("shape", sweep(KEPT, ["functions", "grows", "fractions"]))
def test_nothing_is_concluded_through_what_is_kept(shape: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def kept() -> Iterator[Example]:
        return examples(shape, MOST, (KEPT[shape],))

    for example in islice(kept(), TRIED):
        wrong, _ = wrong_facts(example)
        assert not wrong, (example.text, wrong[0])
    monkeypatch.setattr(lemmas, "is_function", lambda term: term.kind is Kind.MAP)
    monkeypatch.setattr(inference, "affine_form", through_kept)
    assert any(wrong_facts(example)[0] for example in kept())


def through_kept(term: Term, domain: Callable[[Term], Domain], forms: Mapping[int, AffineForm]) -> AffineForm:
    """The form of what is kept, as if it were what the program says."""
    return forms[term.args[0].index] if term.is_kept else affine_form(term, domain, forms)


CONDITIONS: dict[str, tuple[str, object, str, object]] = {
    "both sides of an answer are told of": ("answers", lemmas, "speaks_of_both", yes),
    "the condition of a choice is known": ("choices", lemmas, "taken", takes_first),
    "two positions are one": ("same position", lemmas, "is_one", yes),
    "all operands are equal": ("functions", lemmas, "all_alike", any_alike),
    "nothing is selected": ("nothing there", lemmas, "is_none", yes),
    "what is counted twice is two": ("counts", lemmas, "is_another", yes),
    "what is not below the least is selected": ("least", lemmas, "is_selected", yes),
    "one selection contains the other": ("grows", lemmas, "contains", yes),
    "what is added up is not negative": ("sums", lemmas, "adds_up", yes),
    "the larger selection has more": ("grows", lemmas, "has_more", yes),
    "a copy selects something": ("copies", Selections, "_selects_surely", yes),
    "a copy selects one value": ("copies", Selections, "_holds_one_value", yes),
    "all orders are told apart": ("orders", facts, "ORDERS", "<"),
    "all that is not found is told apart": ("copies", Selections, "_by_finding", only_found),
    "going to what beats comes to an end": ("extremes", Selections, "_is_descending", yes),
    "what nothing beats is marked": ("extremes", Selections, "_unbeaten_are_marked", yes),
    "what beats is among the selected": ("extremes", Selections, "_beats_from_among", yes),
    "the query is among the selected": ("extremes, counted", Selections, "_selects_itself", yes),
    "ranks leave out the largest": ("indices", Relations, "never_all", yes),
    "ranks are distinct": ("indices", Selections, "distinct", yes),
    "all queries select alike": ("uniform", Subject, "_asked_alike", asks_nothing),
    "only a causal mask masks": ("grows", Subject, "masked", always_masked),
    "whole numbers lie apart by one": ("fractions", Case, "_whole", yes),
}
"""By side condition: the shape that shows that it is needed, what stands for it, and what leaves it out."""

FAR = {
    "a copy selects one value",
    "going to what beats comes to an end",
    "what nothing beats is marked",
    "what is counted twice is two",
    "all orders are told apart",
}
"""The conditions that only one of many programs needs, or a large one: they take long to show."""


@pytest.mark.parametrize("condition", sweep(CONDITIONS, CONDITIONS.keys() - FAR))
def test_without_this_condition_a_fact_is_wrong(condition: str, monkeypatch: pytest.MonkeyPatch) -> None:
    shape, home, name, without = CONDITIONS[condition]
    monkeypatch.setattr(home, name, without)
    assert any(wrong_facts(example)[0] for example in examples(shape, MOST))
