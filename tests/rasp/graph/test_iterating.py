"""The interpreter's runs: what goes on, and what ends one."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest

import rasp
from rasp.errors import EvaluationError, InputError
from rasp.graph.iterating import Vocabulary
from rasp.graph.sops import SOp
from rasp.runs import Run


def sop(text: str) -> SOp:
    return rasp.parse(f"step = {text};").main


UP = sop("tokens_asis + 1 if tokens_asis < 4 else tokens_asis")


def test_nothing_changes_any_more() -> None:
    assert UP.iterate([2, 0]) == Run((4, 4), 4, "fixpoint")


def test_a_fixpoint_from_the_start_takes_no_step() -> None:
    assert UP.iterate([4]) == Run((4,), 0, "fixpoint")


def test_halt_is_true_at_any_position() -> None:
    assert UP.iterate([2, 0], halt=sop("tokens_asis == 3 and indices == 0")) == Run((3, 1), 1, "halt")


def test_halt_is_asked_before_the_first_step_and_after_the_last() -> None:
    assert UP.iterate([3], halt=sop("tokens_asis == 3")) == Run((3,), 0, "halt")
    assert UP.iterate([1], halt=sop("tokens_asis == 3"), max_steps=2) == Run((3,), 2, "halt")


def test_the_limit_comes_before_the_next_step_is_looked_at() -> None:
    assert UP.iterate([2], max_steps=2) == Run((4,), 2, "limit")
    assert UP.iterate([2], max_steps=3) == Run((4,), 2, "fixpoint")


def test_a_step_out_of_the_vocabulary_is_not_taken() -> None:
    run = UP.iterate([2, 1], vocab=[0, 1, 2, 3])
    assert run == Run((3, 2), 1, "left", (0, 4))


def test_answers_become_the_tokens_that_are_equal() -> None:
    """A truth value is 0 or 1 where the tokens are numbers, as it is for a model."""
    seen: list[Any] = []
    sop("tokens_asis == 0").iterate([0, 1], vocab=[0, 1], max_steps=1, each=lambda _, s: seen.append(s))
    assert [[type(value) for value in state] for state in seen] == [[int, int], [int, int]]
    assert Vocabulary(["1", 2, Fraction(1, 2)]).token(Fraction(1, 2)) == Fraction(1, 2)
    assert Vocabulary(["1"]).token(1) is None


def test_without_a_vocabulary_any_value_goes_on_and_1_is_not_true() -> None:
    run = sop("tokens_asis == 1").iterate([1])
    assert run == Run((True,), 1, "fixpoint")


def test_every_state_is_told() -> None:
    seen: list[Any] = []
    UP.iterate([3, 2], each=lambda steps, state: seen.append((steps, state)))
    assert seen == [(0, (3, 2)), (1, (4, 3)), (2, (4, 4))]


def test_a_mistake_in_a_later_step_says_in_which() -> None:
    with pytest.raises(EvaluationError, match=r"division by zero.*, in step 2"):
        sop("tokens_asis - 1 / (tokens_asis - 1)").iterate([2, 2], max_steps=5)


def test_ctrl_c_gives_the_state_so_far() -> None:
    def each(steps: int, _: object) -> None:
        if steps == 2:
            raise KeyboardInterrupt

    assert UP.iterate([0], each=each) == Run((2,), 2, "stopped")


def test_a_causal_step() -> None:
    text = "min(4, selector_width(select(tokens_asis, tokens_asis, ==)))"
    assert sop(text).iterate([0, 0], causal=True, max_steps=1).state == (1, 2)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"inputs": []}, "the input is empty"),
        ({"vocab": 5}, "a vocabulary is a list of tokens, not 5"),
        ({"vocab": [0, 1]}, "position 0 holds 2, which is not in the vocabulary"),
        ({"max_steps": 0}, "at least 1, not 0"),
        ({"halt": "x"}, "what halts a run is an s-op of truth values, not 'x'"),
        ({"halt": UP}, "must be an s-op of truth values; position 0 holds 3"),
        ({"halt": sop("indicator(tokens_asis == 9)")}, "position 0 holds 0"),
    ],
)
def test_what_is_no_run(arguments: dict[str, Any], said: str) -> None:
    with pytest.raises(InputError, match=said):
        UP.iterate(**{"inputs": [2], "halt": None, **arguments})
