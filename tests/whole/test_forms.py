"""Sums of s-ops that look alike (several that are the length, or an index), in choices and look-ups.

What an s-op can be is found from such sums without trying, and the proof of a model trusts it.
"""

from __future__ import annotations

import itertools
import os
from random import Random

import pytest

import rasp
from compiler.fuzzing.loop import answers
from compiler.pipeline import attempt
from compiler.request import request
from compiler.verification.oracle import Oracle
from rasp.errors import CompileError

PROGRAMS = 60
SEEDS = (1, int(os.environ["RASP_FUZZ_SEED"]))

LEAVES = (
    "indices",
    "length",
    "selector_width(select(indices, 0, >=))",
    "selector_width(select(tokens_int, 0, >=))",
    "selector_width(select(indices, indices, <=))",
    "aggregate(select(indices, 0, ==), indices)",
    "aggregate(select(indices, length - 1, ==), tokens_int)",
    "selector_width(select(tokens_int, tokens_int, ==))",
    "tokens_int",
)


def some_sum(rng: Random) -> str:
    parts = (
        f"{rng.choice((1, 1, 1, -1, -1, 2, -2, 3))} * {rng.choice(LEAVES)}" for _ in range(rng.randint(1, 4))
    )
    return f"({' + '.join(parts)} + {rng.randint(-3, 3)})"


def some_condition(rng: Random) -> str:
    return f"{some_sum(rng)} {rng.choice(('<', '<=', '==', '>', '>='))} {rng.randint(-2, 4)}"


def some_program(rng: Random) -> str:
    """A sum, or what is made of sums."""
    first, second = some_sum(rng), some_sum(rng)
    return rng.choice(
        (
            first,
            f"{first} if {some_condition(rng)} else {second}",
            f"max({first}, {second})",
            f"min({first}, {rng.randint(-2, 4)})",
            f"indicator({some_condition(rng)}) * {first}",
            f"aggregate(select(indices, {first}, ==), tokens_int, 9)",
            f"selector_width(select(indices, {first}, <))",
        )
    )


def wrong_answers(seed: int) -> list[str]:
    """The programs of a seed whose models answer wrongly, and how."""
    rng, found, compiled_at_all = Random(seed), list[str](), 0
    for _ in range(PROGRAMS):
        source, causal = f"x = {some_program(rng)};", rng.random() < 0.3
        sop = rasp.parse(source).main
        try:
            compiled, certificate = attempt(sop, request((0, 1), 4, causal))
        except CompileError:
            continue
        if not certificate.certified:
            continue
        compiled_at_all += 1
        inputs = [list(one) for n in range(1, 5) for one in itertools.product((0, 1), repeat=n)]
        expected = zip(inputs, Oracle(sop, (0, 1), causal)(inputs), strict=True)
        defined = [(one, answer) for one, answer in expected if answer is not None]
        given = answers(compiled, [one for one, _ in defined])
        for (one, right), answer in zip(defined, given, strict=True):
            if answer != right:
                found.append(f"{source} on {one}, causal {causal}: {right}, and the model says {answer}")
                break
    assert compiled_at_all > PROGRAMS // 2
    return found


@pytest.mark.parametrize("seed", SEEDS, ids=["fixed", "fresh"])
def test_sums_of_what_looks_alike(seed: int) -> None:
    assert wrong_answers(seed) == []
