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
MEANS = """mean = aggregate(select(indices, indices, <=), tokens);
alike = aggregate(select(tokens, tokens, ==) and select(indices, indices, !=), indices, 1/2);
"""
OF_MEANS: tuple[str, ...] = (
    *NUMBERS,
    "mean",
    "mean",
    "alike",
    "mean - tokens",
    "2 * alike - mean",
    "indices / 2",
)


def gate_program(seed: int, of_means: bool = False) -> SOp:
    """A program whose main s-op is a number or a truth value. `of_means`: there are means in it."""
    rng = random.Random(seed)
    while True:
        try:
            return rasp.parse(_text(rng, OF_MEANS if of_means else NUMBERS)).main
        except RaspError:
            continue  # what compares an s-op with itself is no s-op


def _text(rng: random.Random, known: tuple[str, ...]) -> str:
    names: list[str] = []
    lines = []
    for number in range(rng.randint(0, 3)):
        lines.append(f"step{number} = {_number(rng, 2, names, known)};")
        names.append(f"step{number}")
    main = _number(rng, 3, names, known) if rng.random() < 0.8 else _truth(rng, 3, names, known)
    return START + (MEANS if known == OF_MEANS else "") + "\n".join([*lines, f"main = {main};"])


def _number(rng: random.Random, depth: int, names: list[str], known: tuple[str, ...]) -> str:
    if depth == 0 or rng.random() < 0.15:
        return rng.choice([*known, *names, *names, str(rng.randint(-2, 3))])

    def number() -> str:
        return _number(rng, depth - 1, names, known)

    def truth() -> str:
        return _truth(rng, depth - 1, names, known)

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


def _truth(rng: random.Random, depth: int, names: list[str], known: tuple[str, ...]) -> str:
    if depth == 0 or rng.random() < 0.6:
        compared = rng.choice(["<", "<=", ">", ">=", "=="])
        return f"({_number(rng, max(depth - 1, 0), names, known)} {compared} {_number(rng, 0, names, known)})"
    logic = rng.choice(["and", "or", "not"])
    left = _truth(rng, depth - 1, names, known)
    return f"(not {left})" if logic == "not" else f"({left} {logic} {_truth(rng, depth - 1, names, known)})"
