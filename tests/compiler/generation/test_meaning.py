"""The s-ops of a program, position by position, against the interpreter."""

from __future__ import annotations

import random
from collections.abc import Sequence

import pytest

import rasp
from compiler.generation.meaning import Meaning
from compiler.generation.prefixes import Unanswered
from compiler.graph.building import build
from compiler.request import Request
from compiler.values.settling import settle
from rasp.words import Atom


def meaning(source: str, vocab: Sequence[Atom], length: int = 12, every: bool = False) -> Meaning:
    asked = Request(tuple(vocab), length, True)
    settled = settle(build(rasp.parse(source).main, asked), asked)
    return Meaning(settled.root, settled.domains, every)


PROGRAMS: list[tuple[str, Sequence[Atom]]] = [
    ("s = aggregate(select(tokens, tokens, ==), indices);", "abc"),
    ("s = aggregate(select(tokens, tokens, <), tokens_asis, 7);", [1, 2, 3]),
    ("s = only(select(tokens, tokens, ==), tokens);", "abc"),
    ("s = selector_width(select(tokens, tokens, !=) and select(indices, 2, >));", "abc"),
    ("s = has_focus(select(tokens, tokens, >)) or tokens == 2;", [1, 2, 3]),
    ("s = selector_width(select(tokens, tokens, >=) and select(indices, indices - 1, !=));", "ab"),
    ("s = aggregate(select(indices, indices - 2, ==), tokens_asis > 1);", [1, 2, 3]),
    ('s = "x" if tokens == "a" else ("y" if tokens == "b" else tokens);', "abc"),
]


@pytest.mark.parametrize(("source", "vocab"), PROGRAMS, ids=str)
def test_each_position_is_as_the_interpreter_has_it(source: str, vocab: Sequence[Atom]) -> None:
    rng, main = random.Random(source), rasp.parse(source).main
    for every in (False, True):
        for _ in range(5):
            given = rng.choices(vocab, k=12)
            going = meaning(source, vocab, every=every)
            assert [going.append(1 + vocab.index(token)) for token in given] == main(given, causal=True)


def test_a_chain_of_choices_is_one_table() -> None:
    source, vocab = PROGRAMS[-1]
    assert len(meaning(source, vocab).steps) < len(meaning(source, vocab, every=True).steps)


def test_where_the_program_has_no_answer() -> None:
    going = meaning("s = 6 / (tokens_asis - 2);", [1, 2, 3])
    assert going.append(3) == 6
    with pytest.raises(Unanswered):
        going.append(2)
