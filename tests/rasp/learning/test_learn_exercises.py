"""The exercises that come along: each keeps what it promises."""

from __future__ import annotations

import itertools
import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest

from rasp.commands.judging_worker import measure
from rasp.learning.course import Lesson, built_in
from rasp.learning.judging import CORRECT, judge, reference
from rasp.learning.proofreading import proofread
from rasp.syntax.formatter import format_source
from tests.support.paths import ROOT
from tests.support.sweeps import sweep

LESSONS = built_in().lessons


def by_name(lesson: Lesson) -> str:
    return lesson.exercise.name


def test_there_are_many_in_the_order_of_their_numbers() -> None:
    assert len(LESSONS) >= 24
    assert [lesson.number for lesson in LESSONS] == list(range(1, len(LESSONS) + 1))


def test_topics_stand_together_in_the_order_of_teaching() -> None:
    topics = list(dict.fromkeys(lesson.exercise.topic for lesson in LESSONS))
    assert topics == [
        "Elementwise operations",
        "Selectors and aggregates",
        "Defaults",
        "Selector width",
        "Composition",
        "Selectors combined",
        "Causal programs",
        "Thinking in layers",
    ]
    changes = sum(one.exercise.topic != other.exercise.topic for one, other in itertools.pairwise(LESSONS))
    assert changes == len(topics) - 1


@pytest.mark.parametrize("lesson", sweep(LESSONS, LESSONS[::3]), ids=by_name)
def test_reference_examples_and_skeleton(lesson: Lesson) -> None:
    verdict, faults = proofread(lesson.exercise, partial(judge, lesson.exercise, measure=measure))
    assert faults == []
    assert verdict.verdict == CORRECT
    assert verdict.size == verdict.best == measure(reference(lesson.exercise), lesson.exercise)


@pytest.mark.parametrize("lesson", LESSONS, ids=by_name)
def test_there_are_hints_and_tidy_code(lesson: Lesson) -> None:
    exercise = lesson.exercise
    assert exercise.hints
    assert len(exercise.examples) >= 2
    assert exercise.name in exercise.skeleton
    assert exercise.reference.strip() not in exercise.skeleton
    for code in (exercise.skeleton, exercise.reference):
        format_source(code)  # parses


def test_the_list_starts_without_jax_and_numpy(tmp_path: Path) -> None:
    code = (
        "import sys; from rasp.cli import rasp; rasp(['learn', 'list'], standalone_mode=False);"
        "assert not {'jax', 'numpy'} & set(sys.modules)"
    )
    root = ROOT
    subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, env={"PYTHONPATH": str(root)}, check=True, timeout=600
    )


def test_every_exercise_says_how_hard_it_is() -> None:
    """Most are easy or in between, and the easy ones come first."""
    stars = [lesson.exercise.stars for lesson in LESSONS]
    assert set(stars) == {1, 2, 3}
    assert stars[:5] == [1] * 5
    assert stars[-1] == 3
