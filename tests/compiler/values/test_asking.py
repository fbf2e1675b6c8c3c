"""What is asked of numbers with very many values: by comparisons, on all small inputs, and small."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise, product
from random import Random

import pytest

import compiler
import rasp
from compiler.graph.terms import Graph
from compiler.pipeline import attempt
from compiler.ranges.domains import Means, int_domain, make_domain
from compiler.request import request
from compiler.values.asking import asked_of, is_many_means
from compiler.verification.comparison import expected
from runtime.weights import size
from tests.support.derivations import term
from tests.support.sweeps import sweep
from tests.support.tampering import answers

MEAN = "m = aggregate(select(indices, indices, <=), tokens_int); "
"""Of twenty digits, it takes 1,153 values."""

MEAN_OF_MEANS = "m = aggregate(full_s, aggregate(select(tokens_int, tokens_int, <), indices)); "
"""More than can be listed, of nine tokens."""

ASKED = [
    "indices if m else 3",
    "not m",
    "m and indices > 3",
    "3 if m in [1, 5/2, 100] else indices",
    'm in ["a"]',
    "m != -7/8",
    "m > 50",
    "{0: 1, 1: 5, 4/3: 2, 3: 8, 9: 9}[m]",
    "round(m)",
    "indicator(m) + indices",
    "selector_width(select(m, 1, ==))",
    "selector_width(select(m, tokens_int, ==))",
    "selector_width(select(tokens_int, m, >))",
    "aggregate(select(m, indices, <), indices, 99)",
    "selector_width(select(indices, m, !=) and select(tokens_int, m, <=))",
]


SETTINGS = {"one": (MEAN, "0123456789", 20), "two": (MEAN_OF_MEANS, "012", 9)}
EVERY = [(asked, name, causal) for asked in ASKED for name in SETTINGS for causal in (False, True)]
QUICK = [each for number, each in enumerate(EVERY) if number % 11 == 3]


@pytest.mark.parametrize("case", sweep(EVERY, QUICK), ids=str)
def test_models_answer_what_is_asked(case: tuple[str, str, bool]) -> None:
    asked, name, causal = case
    mean, vocab, length = SETTINGS[name]
    main = rasp.parse(f"{mean} main = {asked};").main
    model = compiler.compile(main, vocab, length, causal)
    assert model.costs().parameters < 15_000
    rng = Random(asked)
    inputs = [rng.choices(rng.choices(vocab, k=3), k=rng.randint(1, length)) for _ in range(150)]
    wanted = [expected(main, tokens, causal) for tokens in inputs]
    assert any(answer is not None for answer in wanted)
    got = answers(model, inputs)
    assert got is not None
    for tokens, answer, found in zip(inputs, wanted, got, strict=True):
        assert answer in (None, found), tokens


def test_few_numbers_tell_what_is_asked() -> None:
    """At these the function takes all that it takes; None where a table is small, or more is asked."""
    few, many = (
        Means(Fraction(0), Fraction(8), 3, Fraction(1)),
        Means(Fraction(0), Fraction(8), 99, Fraction(1)),
    )
    graph = Graph(causal=False)
    tried: dict[str, list[int | Fraction] | None] = {
        "not indices": [0, 1],
        "{1: 2, 1/2: 3, 9: 4, -1: 5}[indices]": [Fraction(1, 2), 1],
        "indices in [2, 1/3, 9]": [Fraction(1, 3), 2, 11],
        'indices in ["a"]': [9],
        "round(indices)": [*range(9)],
        "indices ^ 2": None,
        "indices > 3": None,
    }
    for text, asked in tried.items():
        assert asked_of(term(graph, text), many) == asked, text
        assert asked_of(term(graph, text), few) is None
        assert asked_of(term(graph, text), int_domain(0, 999)) is None
    assert [is_many_means(each) for each in (many, few, make_domain(["a"]), int_domain(0, 999))] == [
        True,
        False,
        False,
        False,
    ]


def test_what_compiled_already_keeps_its_layers() -> None:
    """Listed means are ranked against few values in a layer less than it takes to count what they reach."""
    main = rasp.parse(f"{MEAN} main = selector_width(select(tokens_int, m, >));").main
    carried = attempt(main, request("0123456789", 20))[0].carried
    assert (carried.schedule.depth, "asked" in carried.settled.wording) == (2, False)


ASKED_OF_FEW = ["indices if m else 3", "not m", "m and indices > 3", "has_focus(select(m, indices, ==))"]


@pytest.mark.parametrize("asked", ASKED_OF_FEW)
def test_no_size_falls_where_means_come_to_be_too_many(asked: str) -> None:
    """Between 9 and 10 numbers a mean comes to have more than 256 values, and of 13 it is no fraction of one
    unit any more. What asks little of it is put by comparisons also before that, where that is smaller.
    """
    main = rasp.parse(f"m = average(tokens_int); main = {asked};").main
    sizes = [size(attempt(main, request("0123456789", n))[0].stored.weights).parameters for n in range(5, 15)]
    assert all(3 * longer >= 2 * shorter for shorter, longer in pairwise(sizes))
    assert sizes[5] < 4_000


@pytest.mark.parametrize(
    "asked", [*ASKED_OF_FEW, "m in [1, 5/2]", "selector_width(select(tokens_int, m, >=))"]
)
def test_models_that_ask_of_few_means_answer(asked: str) -> None:
    """On every input over three tokens."""
    main = rasp.parse(f"m = aggregate(select(indices, indices, <=), tokens_int); main = {asked};").main
    model = compiler.compile(main, "059", 6)
    inputs = [list(tokens) for n in range(1, 7) for tokens in product("059", repeat=n)]
    assert answers(model, inputs) == [expected(main, tokens, False) for tokens in inputs]
    assert compiler.recheck(model).ok


@pytest.mark.parametrize("length", [13, 14, 15, 18])
def test_what_is_asked_is_put_in_small_tables_where_that_is_smaller(length: int) -> None:
    """129 means times 14 positions are one table too many; at 18 it is one of 2,414 parameters."""
    main = rasp.parse("m = average(tokens_int); main = indices if m else 3;").main
    model = compiler.compile(main, "012", length)
    assert model.costs().parameters < 300
    assert compiler.recheck(model).ok
