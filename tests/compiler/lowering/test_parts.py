"""Sums over more positions than float32 adds up: several heads add up disjoint parts of the positions."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest

import compiler
import rasp
from compiler.certificate.claims_json import from_data, to_data
from compiler.graph.conjunctions import EQUAL, Conjunction, Digit, Literal, Part
from compiler.graph.terms import INDEX, TOKEN
from compiler.lowering.parts import MAX_PARTS, most_selected, part_size, parts
from compiler.lowering.sums import SNAP_TOLERANCE, sum_off
from compiler.precision import FLOAT32
from compiler.request import request
from rasp.words import Atom
from runtime.model import Model
from tests.support.sweeps import sweep

TOKENS = "abl"

Answer = Callable[[Sequence[Atom]], Sequence[Atom]]


def running_count(tokens: Sequence[Atom]) -> list[Atom]:
    return [tokens[: i + 1].count("l") for i in range(len(tokens))]


PROGRAMS: dict[str, Answer] = {
    "length": lambda tokens: [len(tokens)] * len(tokens),
    "hist": lambda tokens: [Counter(tokens)[token] for token in tokens],
    "count_a": lambda tokens: [tokens.count("a")] * len(tokens),
    "running_count": running_count,
    "reverse": lambda tokens: tokens[::-1],
}


def model_of(name: str, length: int) -> Model:
    return compiler.compile(rasp.load(name).main, TOKENS, length)


@pytest.mark.parametrize("name", sweep(PROGRAMS, ["length", "reverse"]))
def test_counts_go_on_where_one_head_cannot_add_them_up(name: str) -> None:
    """At 4,096 positions each is counted in two parts; asked up to a length that is quickly answered."""
    model = model_of(name, 4096)
    assert model.size.heads >= 2
    assert compiler.recheck(model).ok
    tokens: list[Atom] = list(random.Random(0).choices(TOKENS, k=900))
    assert list(model(tokens)) == list(PROGRAMS[name](tokens))


@pytest.mark.by_hand
@pytest.mark.parametrize("length", [8192, 16384])
@pytest.mark.parametrize("name", PROGRAMS)
def test_the_longest_inputs_are_counted(name: str, length: int) -> None:
    model = model_of(name, length)
    assert compiler.recheck(model).ok
    tokens: list[Atom] = list(random.Random(1).choices(TOKENS, k=length))
    assert list(model(tokens)) == list(PROGRAMS[name](tokens))
    assert list(model("l" * length)) == list(PROGRAMS[name](["l"] * length))


@pytest.mark.parametrize("length", [4096, 16384])
@pytest.mark.parametrize("largest", [1, 7])
def test_a_part_is_as_large_as_one_head_adds_up(length: int, largest: int) -> None:
    size = part_size(request("abc", length), largest)
    assert size < length
    assert sum_off(size, largest, FLOAT32) < SNAP_TOLERANCE
    fewer = -(-length // (len(parts(size, length)) - 1))
    assert sum_off(fewer, largest, FLOAT32) >= SNAP_TOLERANCE


def test_parts_are_disjoint_and_leave_nothing_out() -> None:
    assert parts(3, 10) == (Part(0, 3), Part(1, 3), Part(2, 3), Part(3, 3))
    assert parts(5, 10) == (Part(0, 5), Part(1, 5))


def test_what_selects_few_is_read_by_one_head() -> None:
    digit = Digit((100, 10, 1), 1)
    below: Conjunction = (Literal(INDEX, INDEX, frozenset("<"), digit),)
    same: Conjunction = (Literal(INDEX, TOKEN, EQUAL),)
    assert most_selected(below, 1000) == 100
    assert most_selected(same, 1000) == 1
    assert most_selected((Literal(TOKEN, TOKEN, EQUAL),), 1000) == 1000


def test_sums_too_large_for_any_part_are_left_whole_and_refused() -> None:
    largest = 1 << 22
    assert part_size(request("abc", 16384), largest) == 16384
    assert sum_off(-(-16384 // MAX_PARTS), largest, FLOAT32) >= SNAP_TOLERANCE


FORGED = {
    "one part twice": (Part(0, 2048), Part(0, 2048)),
    "a part is missing": (Part(0, 2048), Part(2, 2048)),
    "parts of two sizes": (Part(0, 2048), Part(1, 1024)),
    "a smaller part than is read": (Part(0, 1024), Part(1, 1024)),
    "both parts are all": (None, None),
    "the parts are exchanged": (Part(1, 2048), Part(0, 2048)),
}


@pytest.mark.parametrize("forged", FORGED.values(), ids=FORGED)
def test_a_false_claim_about_parts_is_not_proved(forged: tuple[Part | None, ...]) -> None:
    model = model_of("length", 4096)
    assert model.certificate.claims is not None
    claims = from_data(model.certificate.claims)
    assert [head.part for head in claims.heads] == [Part(0, 2048), Part(1, 2048)]
    heads = tuple(replace(head, part=part) for head, part in zip(claims.heads, forged, strict=True))
    certificate = replace(model.certificate, claims=to_data(replace(claims, heads=heads)))
    assert not compiler.recheck(replace(model, certificate=certificate)).ok
