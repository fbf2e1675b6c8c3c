"""Runs on the device: the same states, steps and ends as the interpreter's."""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest

import compiler
import rasp
from rasp.errors import InputError
from rasp.graph.sops import SOp
from rasp.runs import Run
from runtime.model import Model
from runtime.transformer import iterating

VOCAB = range(-2, 9)


def sop(text: str) -> SOp:
    return rasp.parse(f"step = {text};").main


STEPS = {
    "up": "tokens_asis + 1 if tokens_asis < 4 else tokens_asis",
    "out": "tokens_asis + 2",
    "mean": "aggregate(select(indices, 0, !=), tokens_asis, 3)",
    "truth": "tokens_asis == 0",
}
HALT = "tokens_asis == 3 and indices == 0"
INPUTS = ([2, 0], [4], [8, 8, 8], [-2, 5, 0, 1, 2], [0], [3, 3, 3, 3])


@cache
def model(text: str) -> Model:
    return compiler.compile(sop(text), VOCAB, 5)


@pytest.mark.parametrize("name", STEPS)
def test_runs_are_those_of_the_interpreter(name: str) -> None:
    step = sop(STEPS[name])
    wanted = [step.iterate(one, vocab=VOCAB, max_steps=6) for one in INPUTS]
    assert model(STEPS[name]).iterate_batch(INPUTS, max_steps=6) == wanted


@pytest.mark.parametrize("limit", [1, 2, 9])
def test_each_of_many_has_an_end_of_its_own(limit: int) -> None:
    step, halt = sop(STEPS["up"]), sop(HALT)
    runs = model(STEPS["up"]).iterate_batch(INPUTS, halt=model(HALT), max_steps=limit)
    assert runs == [step.iterate(one, vocab=VOCAB, halt=halt, max_steps=limit) for one in INPUTS]
    assert {run.reason for run in runs} >= {"halt", "fixpoint"}


def test_the_ends() -> None:
    assert model(STEPS["up"]).iterate([2, 0]) == Run((4, 4), 4, "fixpoint")
    assert model(STEPS["out"]).iterate([1, 6]) == Run((3, 8), 1, "left", (1, 10))
    assert model(STEPS["up"]).iterate([0], max_steps=2) == Run((2,), 2, "limit")
    assert model(STEPS["up"]).iterate([1], halt=model(HALT)) == Run((3,), 2, "halt")


def test_a_step_whose_answers_are_numbers() -> None:
    """Means over many positions are read as numbers, and are tokens where they are whole."""
    many = range(100)
    step = sop("aggregate(select(indices, indices, <=), tokens_asis)")
    made = compiler.compile(step, many, 9)
    assert made.config.output.kind == "number"
    for one in ([8, 4, 6, 6], [50, 52], [7, 7], [1, 2]):
        assert made.iterate(one) == step.iterate(one, vocab=many)


@pytest.mark.parametrize("steps", [3, 200])
def test_every_state_is_told_in_order(steps: int) -> None:
    """Also where the device takes several pieces for them."""
    step = sop("(tokens_asis + 3) % 9")
    mine: list[Any] = []
    theirs: list[Any] = []
    step.iterate([1, 2], vocab=VOCAB, max_steps=steps, each=lambda *seen: mine.append(seen))
    model("(tokens_asis + 3) % 9").iterate([1, 2], max_steps=steps, each=lambda *seen: theirs.append(seen))
    assert mine == theirs
    assert len(mine) == steps + 1


def test_progress_may_stop_it() -> None:
    def progress(_: int) -> None:
        raise KeyboardInterrupt

    run = model("(tokens_asis + 3) % 9").iterate([1, 2], progress=progress)
    assert (run.reason, run.steps) == ("stopped", iterating.FIRST_PIECE)


def test_a_model_of_float64() -> None:
    step = sop(STEPS["up"])
    made = compiler.compile(step, VOCAB, 5, dtype="float64")
    assert made.iterate([2, 0]) == Run((4, 4), 4, "fixpoint")


@pytest.mark.parametrize(
    ("inputs", "arguments", "said"),
    [
        ([0] * 6, {}, "the input has 6 tokens, but the model takes at most 5"),
        ([0, 99], {}, "position 1 holds 99, which is not in the vocabulary"),
        ([], {}, "the input is empty"),
        ([0], {"max_steps": 0}, "at least 1, not 0"),
        ([0], {"halt": sop(HALT)}, "compile the s-op `halt`"),
        ([0], {"halt": "up"}, "a model whose answers are truth values"),
        ([0], {"halt": "bits"}, "a model whose answers are truth values"),
        ([0], {"halt": "vocabulary"}, "must have the vocabulary of the one that steps"),
        ([0], {"halt": "short"}, "takes 4 tokens, and the one that steps 5"),
        ([0], {"halt": "wide"}, "must be float32 as the one that steps"),
    ],
)
def test_what_is_no_run(inputs: list[int], arguments: dict[str, Any], said: str) -> None:
    made = {
        "up": lambda: model(STEPS["up"]),
        "bits": lambda: model("indicator(tokens_asis == 3)"),
        "vocabulary": lambda: compiler.compile(sop(HALT), range(5), 5),
        "short": lambda: compiler.compile(sop(HALT), VOCAB, 4),
        "wide": lambda: compiler.compile(sop(HALT), VOCAB, 5, dtype="float64"),
    }
    halt = arguments.get("halt")
    given = {**arguments, "halt": made[halt]()} if halt in made and isinstance(halt, str) else arguments
    with pytest.raises(InputError, match=said):
        model(STEPS["up"]).iterate(inputs, **given)
