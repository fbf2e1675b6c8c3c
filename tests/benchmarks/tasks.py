"""What is measured: the same programs for both compilers, and the inputs that they are tried on."""

from __future__ import annotations

import random
import string
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

Token = int | str


def letters(size: int) -> list[Token]:
    """The first letters of the alphabet, with the "x" that frac_prevs asks for instead of the last."""
    first: list[Token] = list(string.ascii_lowercase[:size])
    return first if "x" in first else [*first[:-1], "x"]


def numbers(size: int) -> list[Token]:
    return list(range(size))


def brackets(kinds: str) -> Callable[[int], list[Token]]:
    return lambda size: list(kinds)


BALANCE = """
tokens = tokens_asis;
up_to_here = select(indices, indices, <=);
balance = aggregate(up_to_here, indicator(tokens == "(") - indicator(tokens == ")"));
"""

DYCK1 = """
depth = (indices + 1) * balance;
dyck1 = not has_focus(select(depth, 0, <)) and depth[-1] == 0;
"""


@dataclass(frozen=True)
class Task:
    """One program: a library program's name or RASP text, and how Tracr's library makes it."""

    name: str
    ours: str
    tracr: Callable[[Any, Any, int], Any]
    """From Tracr's modules `lib` and `rasp` and the maximum length, Tracr's s-op."""
    vocab: Callable[[int], list[Token]] = letters
    distinct: bool = False
    """Whether the program is meant for inputs of distinct tokens only."""


TASKS = {
    task.name: task
    for task in (
        Task("length", "length", lambda lib, rasp, n: lib.make_length()),
        Task("reverse", "reverse", lambda lib, rasp, n: lib.make_reverse(rasp.tokens)),
        Task("hist", "hist", lambda lib, rasp, n: lib.make_hist()),
        Task("count_a", "count_a", lambda lib, rasp, n: lib.make_count(rasp.tokens, "a")),
        Task("count_less_freq", "count_less_freq", lambda lib, rasp, n: lib.make_count_less_freq(2)),
        Task("frac_prevs", "frac_prevs", lambda lib, rasp, n: lib.make_frac_prevs(rasp.tokens == "x")),
        Task(
            "sort_unique",
            "sort_unique",
            lambda lib, rasp, n: lib.make_sort_unique(rasp.tokens, rasp.tokens),
            numbers,
            distinct=True,
        ),
        Task(
            "sort",
            "sort",
            lambda lib, rasp, n: lib.make_sort(rasp.tokens, rasp.tokens, max_seq_len=n, min_key=1),
            numbers,
        ),
        Task("sort_freq", "sort_freq", lambda lib, rasp, n: lib.make_sort_freq(n)),
        Task(
            "pair_balance",
            BALANCE,
            lambda lib, rasp, n: lib.make_pair_balance(rasp.tokens, "(", ")"),
            brackets("()a"),
        ),
        Task("dyck1", BALANCE + DYCK1, lambda lib, rasp, n: lib.make_shuffle_dyck(["()"]), brackets("()")),
        Task(
            "shuffle_dyck2",
            "shuffle_dyck2",
            lambda lib, rasp, n: lib.make_shuffle_dyck(["()", "[]"]),
            brackets("()[]"),
        ),
    )
}

LENGTHS = 5
"""How many lengths inputs have, besides the greatest."""

LONG = {512: ("length", "reverse", "hist", "frac_prevs", "sort"), 2048: ("length", "reverse", "hist")}
"""What is measured at lengths that only this compiler reaches."""


def random_inputs(task: Task, vocab: Sequence[Token], longest: int, count: int) -> list[list[Token]]:
    """Inputs of a few random lengths, the first of the greatest; the same ones whenever they are asked for.

    Few, because Tracr's model is compiled for each.
    """
    generator = random.Random(f"{task.name} {len(vocab)} {longest}")
    some = [longest, *(generator.randint(1, longest) for _ in range(LENGTHS))]
    lengths = [longest, *(generator.choice(some) for _ in range(count - 1))]
    if task.distinct:
        return [generator.sample(list(vocab), min(length, len(vocab))) for length in lengths]
    return [[generator.choice(vocab) for _ in range(length)] for length in lengths]
