"""When the maximum length grows by one, no model gets smaller by more than a third, and none comes to be that
was refused before.

A large model just before a smaller one would show that the compiler knew a better form and did not take it.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import pytest

import compiler
from tests.support.lengths import EVERYTHING, LONGEST, NUMBERS, Swept, library, ordinary
from tests.support.sweeps import sweep

FEW = range(2, 11)
"""Lengths that are tried quickly, for a few programs."""

QUICK = [*NUMBERS, *list(library())[::24], *list(ordinary())[::24]]


def jumps(sizes: Sequence[int | None]) -> list[tuple[int, int]]:
    """Sizes of which the second is smaller than the first by more than a third."""
    pairs = pairwise(sizes)
    return [(a, b) for a, b in pairs if a is not None and b is not None and 3 * b < 2 * a]


def comes_back(sizes: Sequence[int | None]) -> bool:
    """Whether there is a model at a length after one at which there was none."""
    compiled = [size is not None for size in sizes]
    return compiled != sorted(compiled, reverse=True)


def test_what_a_jump_is() -> None:
    assert jumps([100, 67, 45, 29, 200, None, 10]) == [(45, 29)]
    assert jumps([3, 2]) == []
    assert comes_back([1, None, 1])
    assert not comes_back([1, 1, None, None])


@pytest.mark.parametrize("program", QUICK, ids=lambda program: program.name)
def test_no_model_jumps_at_few_lengths(program: Swept) -> None:
    check(program, FEW)


@pytest.mark.slow
@pytest.mark.parametrize("program", EVERYTHING, ids=lambda program: program.name)
def test_no_model_jumps_at_any_length(program: Swept) -> None:
    check(program, range(2, LONGEST + 1))


def check(program: Swept, lengths: range) -> None:
    sizes = program.parameters(lengths)
    assert sizes[0] is not None
    assert not jumps(sizes)
    assert not comes_back(sizes)


@pytest.mark.parametrize("length", sweep([3, 13, 15], [3, 13]))
@pytest.mark.parametrize("program", NUMBERS, ids=lambda program: program.name)
def test_large_numbers_are_proved_from_the_weights(program: Swept, length: int) -> None:
    """Also where weights are rounded, of which no multiple is a whole number."""
    if program.parameters([length]) != [None]:
        assert compiler.recheck(compiler.compile(program.main, program.vocab, length)).problem is None
