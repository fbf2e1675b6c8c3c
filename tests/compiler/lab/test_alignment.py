"""Alignment: swaps in the true subspace answer as the program does, in none they do not."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

import compiler
import rasp
from compiler.lab.alignment import Task, align, right, task
from runtime.model import Model
from runtime.transformer.rotating import orthogonal

SOURCE = "copies = selector_width(select(tokens, tokens, ==)); twice = copies > 1;"


@cache
def model() -> Model:
    return compiler.compile(rasp.parse(SOURCE).main, "ab", 4, style="soft", keep=["copies"])


def hidden(pairs: int) -> Task:
    turned = model().rotate(3)
    return task(model(), "copies", orthogonal(model().config.width, 3), turned, pairs)


@pytest.mark.slow
def test_the_truth_is_known() -> None:
    found = hidden(24)
    assert found.truth.T @ found.truth == pytest.approx(np.eye(found.truth.shape[1]), abs=1e-9)
    assert right(found, found.truth) == 1
    assert right(found, np.zeros((model().config.width, 1))) < 0.9


def test_what_is_not_kept_or_too_large() -> None:
    with pytest.raises(rasp.InputError, match="keeps no s-op 'twice'"):
        task(model(), "twice", np.eye(model().config.width), model())
    with pytest.raises(rasp.InputError, match="has no subspace of 99"):
        align(hidden(4), 99)


@pytest.mark.slow
def test_it_is_found() -> None:
    pytest.importorskip("optax")
    problem = hidden(64)
    found = align(problem, problem.truth.shape[1], steps=100)
    assert (found.truth, found.untouched < 0.9) == (1, True)
    assert found.right > found.untouched
