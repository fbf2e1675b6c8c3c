"""Examples of a program: answers of the oracle, and what its heads select."""

from __future__ import annotations

import numpy as np
import pytest

import rasp
from compiler.lab.lessons import NONE, Lesson, Predicted, examples, smaller
from rasp.graph.sops import Width, in_order


def lesson(source: str = "hist = selector_width(select(tokens, tokens, ==));") -> Lesson:
    sop = rasp.parse(source).main
    heads = tuple(Predicted(n.selector, "same", True) for n in in_order(sop) if isinstance(n, Width))
    return Lesson(sop, tuple("ab"), 4, predicted=(heads,))


def test_examples_are_answered_as_the_program_does() -> None:
    one = lesson()
    found = examples(one, 30, seed=1)
    assert len(found) == 30
    assert {*found.lengths.tolist()} == {1, 2, 3, 4}
    for ids, length, labels in zip(found.ids, found.lengths, found.labels, strict=True):
        given = [one.vocab[i - 1] for i in ids[1 : 1 + length]]
        assert [found.values[label] for label in labels[:length]] == one.sop(given)
        assert not ids[0]
        assert (labels[length:] == NONE).all()
    again = examples(one, 30, seed=1)
    assert np.array_equal(found.ids, again.ids)
    assert not np.array_equal(found.ids, examples(one, 30, seed=2).ids)
    assert len(found.some(3, 5)) == 2


def test_a_head_that_counts_selects_bos_too() -> None:
    found = examples(lesson(), 10, seed=0)
    [[selected]] = found.selected
    for ids, length, matrix in zip(found.ids, found.lengths, selected, strict=True):
        tokens = ids[1 : 1 + length]
        assert np.array_equal(matrix[1 : 1 + length, 1 : 1 + length], tokens[:, None] == tokens[None])
        assert matrix[1 : 1 + length, 0].all()
        assert not matrix[0].any()
    assert found.visible(causal=False).shape == (10, 1, 1, 5)


def test_a_program_without_answers() -> None:
    with pytest.raises(rasp.InputError, match="has an answer on"):
        examples(lesson('x = indicator(tokens == "a") / indicator(tokens == "b");'), 10, seed=0)


def test_smaller_ones() -> None:
    assert smaller(2, 2) == [(1, 2), (2, 1)]
    assert smaller(1, 1) == []
