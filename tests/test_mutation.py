"""Faults planted in the compiler one at a time: the check of `tests.mutation` has to find them."""

from __future__ import annotations

import random
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests import mutation

SAMPLE = 60
"""Faults planted in the long run, drawn from all places."""

FOUND_AT_LEAST = 30

HANDFUL = ("mlp", "attention", "plan", "lower", "assemble")
"""Modules in each of which the short run plants a fault or, if that survives, a few more."""

TRIES = 4


def survived(mutant: str) -> bool:
    """Plant the fault in a process of its own and run the check there."""
    ran = subprocess.run(
        [sys.executable, "-m", "tests.mutation", mutant],
        cwd=Path(__file__).parent.parent,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert ran.returncode in (0, 1), ran.stderr
    return ran.returncode == 0


def drawn(modules: tuple[str, ...], count: int) -> list[str]:
    return random.Random(7).sample(mutation.places(modules), count)


def test_without_a_fault_there_is_no_complaint() -> None:
    assert next(mutation.complaints(), None) is None


@pytest.mark.parametrize("module", HANDFUL)
def test_faults_are_found(module: str) -> None:
    assert not all(survived(mutant) for mutant in drawn((module,), TRIES))


@pytest.mark.slow
def test_most_faults_are_found() -> None:
    mutants = drawn(mutation.MODULES, SAMPLE)
    with ThreadPoolExecutor(2) as pool:
        left = [mutant for mutant, alive in zip(mutants, pool.map(survived, mutants), strict=True) if alive]
    print(f"\n{len(mutants) - len(left)} of {len(mutants)} faults found; survived:", *left, sep="\n  ")
    assert len(mutants) - len(left) >= FOUND_AT_LEAST


@pytest.mark.parametrize("module", mutation.MODULES)
def test_every_module_has_places(module: str) -> None:
    assert mutation.places((module,))


def test_an_unknown_mutant() -> None:
    with pytest.raises(LookupError, match="mlp:nowhere:sign:1"):
        mutation.mutated("mlp:nowhere:sign:1")


def test_mutants_differ_in_one_place() -> None:
    for mutant in drawn(("selectors", "features"), 5):
        assert mutation.mutated(mutant).co_filename == f"<{mutant}>"
