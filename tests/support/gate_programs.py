"""Random programs made of choices, comparisons, remainders, sums and products with truth values."""

from __future__ import annotations

import random
from collections.abc import Callable

import rasp
from rasp.errors import RaspError
from rasp.graph.sops import SOp

START = """tokens = tokens_asis;
first = tokens[0];
other = aggregate(select(indices, length - 1 - indices, ==), tokens);
"""
NUMBERS = ("tokens", "first", "other", "indices", "first - tokens", "2 * tokens - other")


def gate_program(seed: int) -> SOp:
    """A program whose main s-op is a number or a truth value."""
    rng = random.Random(seed)
    while True:
        try:
            return rasp.parse(_text(rng)).main
        except RaspError:
            continue  # what compares an s-op with itself is no s-op


def _text(rng: random.Random) -> str:
    names: list[str] = []
    lines = []
    for number in range(rng.randint(0, 3)):
        lines.append(f"step{number} = {_number(rng, 2, names)};")
        names.append(f"step{number}")
    main = _number(rng, 3, names) if rng.random() < 0.8 else _truth(rng, 3, names)
    return START + "\n".join([*lines, f"main = {main};"])


def _number(rng: random.Random, depth: int, names: list[str]) -> str:
    if depth == 0 or rng.random() < 0.15:
        return rng.choice([*NUMBERS, *names, *names, str(rng.randint(-2, 3))])

    def number() -> str:
        return _number(rng, depth - 1, names)

    def truth() -> str:
        return _truth(rng, depth - 1, names)

    forms: list[Callable[[], str]] = [
        lambda: f"({number()} if {truth()} else {number()})",
        lambda: f"({number()} if {truth()} else {number()})",
        lambda: f"{rng.choice(['max', 'min'])}({number()}, {number()})",
        lambda: f"({number()} + {number()})",
        lambda: f"({number()} - {number()})",
        lambda: f"({number()} % {rng.randint(2, 4)})",
        lambda: f"(indicator({truth()}) * {number()})",
        lambda: f"({number()} * (1 - indicator({truth()})))",
        lambda: f"max({rng.randint(-2, 0)}, min({number()}, {rng.randint(1, 3)}))",
    ]
    return rng.choice(forms)()


def _truth(rng: random.Random, depth: int, names: list[str]) -> str:
    if depth == 0 or rng.random() < 0.6:
        compared = rng.choice(["<", "<=", ">", ">=", "=="])
        return f"({_number(rng, max(depth - 1, 0), names)} {compared} {_number(rng, 0, names)})"
    logic = rng.choice(["and", "or", "not"])
    left = _truth(rng, depth - 1, names)
    return f"(not {left})" if logic == "not" else f"({left} {logic} {_truth(rng, depth - 1, names)})"
