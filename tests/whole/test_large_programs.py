"""Programs of many s-ops: layers of boolean bookkeeping over a few selectors, as logical inference has."""

from __future__ import annotations

import random

import pytest

import rasp
from compiler.fuzzing.loop import answers
from compiler.pipeline import run
from compiler.request import request

SELECTORS = [
    "select(indices, indices, <)",
    "select(tokens, tokens, ==)",
    "select(indices, indices, ==)",
    "select(indices, indices - 1, ==)",
]
WIDTH = 12


def bookkeeping(count: int, seed: int) -> str:
    """A program of `count` truth values in layers of WIDTH, two of each layer read through a selector."""
    rng = random.Random(seed)
    lines = [f"s{i} = {selector};" for i, selector in enumerate(SELECTORS)]
    lines += [f'b{i} = tokens == "{"abcdef"[i % 6]}";' for i in range(WIDTH)]
    for number in range(WIDTH, count):
        first = (number // WIDTH - 1) * WIDTH
        a, b, c = (f"b{rng.randrange(first, first + WIDTH)}" for _ in range(3))
        if number % WIDTH < 2:
            expression = f"has_focus(s{rng.randrange(4)} and select({a}, True, ==))"
        else:
            negation = "not " if rng.random() < 0.3 else ""
            expression = f"{negation}({a} {rng.choice(['and', 'or'])} {b}) {rng.choice(['and', 'or'])} {c}"
        lines.append(f"b{number} = {expression};")
    lines.append("result = " + " or ".join(f"b{count - 1 - i}" for i in range(6)) + ";")
    return "\n".join(lines)


@pytest.mark.parametrize("count", [120, pytest.param(1000, marks=pytest.mark.by_hand)])
def test_bookkeeping(count: int) -> None:
    main = rasp.parse(bookkeeping(count, seed=1)).main
    compiled = run(main, request("abcdef", 16))
    rng = random.Random(2)
    inputs = [[rng.choice("abcdef") for _ in range(rng.randint(1, 16))] for _ in range(30)]
    assert answers(compiled, inputs) == [main(one) for one in inputs]
