"""Whether an exercise keeps what it promises, for those who write one."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator

from rasp.errors import RaspError
from rasp.learning.exercise import Exercise
from rasp.learning.judging import CORRECT, ERROR, Oracle, Verdict, one_line
from rasp.notation import to_json

LEAST_INPUTS = 30


def proofread(exercise: Exercise, check: Callable[[str, str], Verdict]) -> tuple[Verdict, list[str]]:
    """The verdict on the reference, and all that is wrong with the exercise.

    `check` judges a program's text, which comes from the file named second.
    """
    verdict = check(exercise.reference, "reference")
    return verdict, [
        *_about_reference(verdict),
        *_about_examples(exercise),
        *_about_skeleton(exercise, check),
    ]


def _about_reference(verdict: Verdict) -> Iterator[str]:
    if verdict.verdict != CORRECT:
        yield f"the reference does not pass: {one_line(verdict)}"
    elif verdict.size is None:
        yield f"the reference cannot be compiled: {verdict.message}"
    elif verdict.tried < LEAST_INPUTS:
        yield f"only {verdict.tried} inputs are tried: give `inputs` that are valid more often"


def _about_examples(exercise: Exercise) -> Iterator[str]:
    try:
        right = Oracle(exercise)
    except RaspError:
        return  # the reference does not run, which has been said
    for example in exercise.examples:
        answer = right(example.input)
        if answer is None:
            yield f"the example `{example.text}` has no right answer"
        elif json.dumps(to_json(answer)) != json.dumps(example.output):
            yield f"the example `{example.text}` should give {json.dumps(to_json(answer))}"
        if not set(example.input) <= set(exercise.vocab) or len(example.input) > exercise.max_length:
            yield f"the example `{example.text}` is too long or outside the vocabulary"


def _about_skeleton(exercise: Exercise, check: Callable[[str, str], Verdict]) -> Iterator[str]:
    verdict = check(exercise.skeleton, "skeleton")
    if verdict.verdict == ERROR:
        yield f"the skeleton does not run: {one_line(verdict)}"
    elif verdict.verdict == CORRECT:
        yield "the skeleton is a solution already"
