"""Each stage is to blame for its own mistakes: a fault is planted in one, and verifying names that one."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest

import compiler
import rasp
from compiler.graph import building
from compiler.graph.rules import RULES
from compiler.graph.terms import Graph, Kind, Term
from compiler.layout import assembly
from compiler.lowering import scores
from compiler.values import settling
from compiler.verification.localizing import wrong_stage
from compiler.verification.report import Difference
from rasp.words import Operator
from tests.support.worked import assert_text, stages

COPIES = "copies = selector_width(select(tokens, tokens, ==)); answer = copies + 1;"


def difference(source: str) -> Difference:
    """Where the answer of the program's model began to be wrong."""
    sop = rasp.parse("tokens = tokens_asis;" + source).main
    report = compiler.verify(sop, compiler.compile(sop, (0, 1, 2), 4), samples=50)
    assert report.difference is not None
    assert "it arose" in report.summary()
    return report.difference


def test_a_wrong_rule(monkeypatch: pytest.MonkeyPatch) -> None:
    def nothing_added(graph: Graph, term: Term) -> Term | None:
        return term.args[0] if term.operator is Operator.ADD and term.args[1].kind is Kind.CONST else None

    monkeypatch.setattr(building, "RULES", (nothing_added, *RULES))
    found = difference(COPIES)
    assert (found.stage, found.sop, found.part) == ("graph", "answer", "")


def test_a_wrong_settling(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = settling._any_of
    monkeypatch.setattr(settling, "_any_of", lambda graph, parts: whole(graph, parts[:1]))
    found = difference("answer = has_focus(select(tokens, 1, ==) or select(indices, 1, ==));")
    assert (found.stage, found.sop) == ("values", "answer")


def test_a_wrong_lowering(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scores, "_penalty", lambda truth: np.zeros(truth.shape, dtype=np.int64))
    found = difference("rank = selector_width(select(tokens, tokens, <)); answer = rank + 1;")
    assert (found.stage, found.sop, found.layer, found.part) == ("lowering", "rank", 1, "attention")


def test_a_wrong_layout(monkeypatch: pytest.MonkeyPatch) -> None:
    vector = assembly._vector
    monkeypatch.setattr(assembly, "_vector", lambda layout, reading: 0.5 * vector(layout, reading))
    found = difference("first = aggregate(select(indices, 0, ==), tokens); answer = first + first;")
    assert found.stage == "layout"


def test_other_weights() -> None:
    sop = rasp.load("hist").main
    model = compiler.compile(sop, "ab", 4)
    model.weights.token_embedding[1, 1] += 1
    found = compiler.verify(sop, model, samples=50).difference
    assert found is not None
    assert (found.stage, found.part) == ("model", "embedding")


def test_the_stages_are_asked_one_after_the_other() -> None:
    """A right program is right at every stage. With a lighter BOS the head does not count any more, while
    the terms still say what the program says: so it was lowered wrongly.
    """
    made = stages("copies = selector_width(select(tokens, tokens, ==)); answer = copies + 1;")
    assert wrong_stage(made, ["a", "b"]) is None
    [head] = made.lowered.heads
    wrong = replace(made.lowered, heads=(replace(head, bos_score=Fraction(0)),))
    found = wrong_stage(replace(made, carried=replace(made.carried, lowered=wrong)), ["a", "b"])
    assert found is not None
    assert_text(
        f"{found.stage}: {found.text()}",
        """
        lowering: copies (column 'copies'), in the attention of layer 1, at position 0
        """,
    )
