"""Whole runs compared: right ones, and each way of being wrong."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import compiler
import rasp
from compiler.verification import runs
from compiler.verification.oracle import Oracle
from compiler.verification.runs import compare_runs
from rasp.errors import InputError
from rasp.graph.sops import SOp
from runtime.model import Model
from runtime.transformer.stepping import AnswerIds

VOCAB = range(6)


def made(text: str) -> tuple[SOp, Model]:
    step = rasp.parse(f"step = {text};").main
    return step, compiler.compile(step, VOCAB, 4)


UP = "tokens_asis + 1 if tokens_asis < 4 else tokens_asis"


def test_right_runs() -> None:
    step, model = made(UP)
    report = compiler.verify(step, model, exhaustive=True, steps=7)
    assert report.ok
    assert report.states > report.inputs
    assert report.summary().startswith("equal in every state of every one of 1,554 runs: ")


def test_runs_that_leave_and_runs_without_an_answer() -> None:
    step, model = made("tokens_asis + 1 / (tokens_asis - 3)")
    report = compiler.verify(step, model, samples=50, steps=4)
    assert report.ok
    assert report.undefined


def test_a_wrong_state_is_found_where_it_arises() -> None:
    model = made("tokens_asis + (1 if tokens_asis < 4 else 0)")[1]
    step = made("tokens_asis + (1 if tokens_asis < 3 else 0)")[0]
    report = compiler.verify(step, model, samples=20, steps=9)
    assert not report.ok
    assert report.smallest is not None
    assert (report.smallest.inputs, report.smallest.expected, report.smallest.answer) == ((3,), (3,), (4,))


def test_a_loop_that_takes_answers_for_other_tokens(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each answer of the model is right, and yet the run is not."""
    step, model = made(UP)
    from runtime.transformer import stepping

    right = stepping.answer_ids(model.config)
    wrong = AnswerIds(np.where(right.ids == 4, 3, right.ids).astype(np.int32))
    monkeypatch.setattr(stepping, "answer_ids", lambda _: wrong)
    report = compiler.verify(step, model, samples=20, steps=5)
    assert not report.ok
    assert report.smallest is not None
    assert report.smallest.expected != report.smallest.answer
    assert report.difference is None
    assert "states differ" in report.summary()


def test_a_run_that_ends_too_early(monkeypatch: pytest.MonkeyPatch) -> None:
    step, model = made(UP)
    from runtime.transformer import stepping

    right = stepping.answer_ids(model.config)
    wrong = replace(right, ids=np.where(right.ids == 4, 0, right.ids).astype(np.int32))
    monkeypatch.setattr(stepping, "answer_ids", lambda _: wrong)
    compared = compare_runs(model, Oracle(step, VOCAB), np.array([[0, 0]]), 5, 4)
    assert compared.deviations == (runs.Deviation((2, 2), (2, 2)),)


def test_steps_and_certificate_do_not_go_together() -> None:
    step, model = made(UP)
    with pytest.raises(InputError, match="steps is 1 or more"):
        compiler.verify(step, model, steps=2, certificate=True)
    with pytest.raises(InputError, match="steps is 1 or more"):
        compiler.verify(step, model, steps=0)
