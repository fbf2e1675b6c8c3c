"""Domains hold every value that an s-op takes, and know where bools may be among numbers."""

from __future__ import annotations

import random
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import compiler
import rasp
from compiler.fuzzing.loop import numbered_program
from compiler.graph.building import build
from compiler.graph.terms import reachable
from compiler.ranges.domains import MAX_SUMS, Domain, Labels, Listed, Means, Numbers, all_sums, make_domain
from compiler.request import Request
from compiler.values.bools import any_bool
from compiler.values.inference import Domains
from compiler.verification.localizing import interpreted
from rasp.errors import CompileError, EvaluationError
from rasp.graph.sops import SOp
from rasp.words import Atom


def holds(domain: Domain, value: Atom) -> bool:
    """Whether the domain has this value, as that type where it says so."""
    if isinstance(domain, Listed):
        only_bools = all(isinstance(v, str | bool) for v in domain.values)
        return value in domain.ranks and (isinstance(value, str | bool) or not only_bools)
    number = None if isinstance(value, str) else Fraction(value) / domain.scale
    return (
        number is not None
        and domain.low <= number <= domain.high
        and number.denominator <= domain.max_denominator
    )


def check_domains(sop: SOp, vocab: tuple[Atom, ...], causal: bool, inputs: list[list[Atom]]) -> int:
    """How many values were looked up in the domains of the s-ops that they are of."""
    built = build(sop, Request(vocab, max(map(len, inputs)), causal))
    below = reachable(built.root)
    domains: Domains | None = None
    looked_up = 0
    for one in inputs:
        try:
            values = interpreted(sop, one, causal)
            if domains is None:
                domains = Domains(built.root, Request(vocab, max(map(len, inputs)), causal))
            for node, row in values.items():
                term = built.terms[node]
                if not isinstance(node, SOp) or term not in below:
                    continue
                domain = domains.get(term)
                assert all(holds(domain, value) for value in row), (one, term.title, row, domain.text)
                assert not any_bool(row) or domains.may_be_bool(term), (one, term.title, row)
                looked_up += len(row)
        except EvaluationError:
            continue
        except CompileError:
            break
    return looked_up


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**40))
def test_random_programs(seed: int) -> None:
    program, inputs = numbered_program(seed)
    check_domains(program.sop, program.asked.vocab, program.asked.causal, inputs)


MEAN = 'm = aggregate(select(indices, indices, <=), indicator(tokens == "a"));'


@pytest.mark.parametrize(
    "source",
    [
        "m + 2;",
        "3 / 2 - m;",
        'm + indicator(tokens == "b");',
        'indicator(tokens == "b") - m;',
        "-m / 3;",
        "m * (-2 / 3) + 1;",
        "(m + 2) * (-2 / 3);",
        "(m - 2) * (-2 / 3);",
        "(m + 2) / -3;",
        "-(m + 2);",
        "aggregate(select(indices, indices + 1, ==), m, 5 / 7);",
        'aggregate(select(tokens, "b", ==), m > 1 / 2, 0.0);',
        "[0.0, True, 1, False][indices % 4];",
    ],
)
@pytest.mark.parametrize("causal", [False, True])
def test_many_denominators(source: str, causal: bool) -> None:
    rng = random.Random(1)
    inputs: list[list[Atom]] = [list(rng.choices("abc", k=length)) for length in range(1, 20)]
    assert check_domains(rasp.parse(f"{MEAN} x = {source}").main, ("a", "b", "c"), causal, inputs)


def test_fractions_without_a_unit_that_is_coarse_enough_are_told_apart() -> None:
    """The two differ by less than any unit that is told apart: each is a label, or compiling would take one
    for the other.
    """
    close = [Fraction(1, 2**22 + 1), Fraction(1, 2**22)]
    found = make_domain(close)
    assert isinstance(found, Labels)
    assert found.codes.tolist() == [0, 1]
    assert found.values == tuple(close)
    assert isinstance(make_domain([Fraction(1, 2**22), 0]), Numbers)  # 1 and 0 times 2^-22
    many = [Fraction(1, number) for number in range(1, 3_000)]
    assert make_domain(many).values == tuple(reversed(many))


@pytest.mark.parametrize("code", ["", " * 4194304"])
def test_close_fractions_are_answered_rightly(code: str) -> None:
    sop = rasp.parse(f'x = {{"a": 1 / 4194305, "b": 1 / 4194304}}[tokens]{code};').main
    model = compiler.compile(sop, vocab="ab", max_length=2)
    assert compiler.recheck(model).problem is None
    for letters in ("a", "b", "ab", "ba"):
        assert model(letters) == sop(letters)


def test_all_sums_one_by_one_or_all_between() -> None:
    few, many = np.array([0, 10]), np.arange(0, 3 * MAX_SUMS, 3)
    assert all_sums(few, np.array([-1, 5])).tolist() == [-1, 5, 9, 15]
    sums = all_sums(few, many)
    assert (sums[0], sums[-1], sums.size) == (0, many[-1] + 10, many[-1] + 11)


T = "tokens = tokens_asis; last = aggregate(select(indices, length - 1, ==), tokens);"


@pytest.mark.parametrize(
    ("source", "values"),
    [
        ("main = length - 1 - indices;", range(5)),  # no position is after the last
        ("main = 2 ^ (length - 1 - indices);", [1, 2, 4, 8, 16]),
        ("main = max(last, tokens) - last;", range(10)),
        ("main = tokens + (last if tokens > 3 else 0) - (tokens if tokens > 3 else 0);", range(10)),
        ("write = last if tokens == 3 else tokens; main = tokens + write - tokens;", range(10)),
        ("d = last - tokens; main = d + 10 if d < 0 else d;", range(10)),
        ("d = last - tokens; main = d + 10 * indicator(d < 0);", range(10)),
        ("d = last - tokens; main = max(0, min(d, 3));", range(4)),
        ("main = tokens * indicator(last > 5);", range(10)),
        ("main = (tokens - 9) * (1 - indicator(last == 5)) * indicator(indices > 1);", range(-9, 1)),
        ("main = last if last == tokens or indices > 2 else tokens + 1;", range(11)),
    ],
)
@pytest.mark.parametrize("causal", [False, True])
def test_sums_and_choices_take_no_values_that_no_case_gives(
    source: str, values: list[int], causal: bool
) -> None:
    sop = rasp.parse(T + source).main
    asked = Request(tuple(range(10)), 5, causal)
    root = build(sop, asked).root
    domain = Domains(root, asked).get(root)
    assert domain.values is not None
    assert set(domain.values) <= set(values)


HALF = Fraction(1, 2)


@pytest.mark.parametrize(
    ("domain", "kind", "values", "ends", "scale"),
    [
        (make_domain(["b", "a"]), Labels, ("a", "b"), None, None),
        (make_domain(["a", 3]), Labels, (3, "a"), None, None),
        (make_domain([Fraction(1, 2**22), 1]), Labels, (Fraction(1, 2**22), 1), None, None),
        (make_domain([True, HALF]), Numbers, (HALF, True), (HALF, 1), HALF),
        (Means(Fraction(0), Fraction(1), 2, Fraction(3)), Means, (0, 3 * HALF, 3), (0, 3), 3),
        (Means(Fraction(0), Fraction(9), 10**6, Fraction(1)), Means, None, (0, 9), 1),
    ],
)
def test_each_of_three_kinds_of_domain_says_its_values_ends_and_scale(
    domain: Domain,
    kind: type,
    values: tuple[Atom, ...] | None,
    ends: tuple[Fraction, Fraction] | None,
    scale: Fraction | None,
) -> None:
    assert type(domain) is kind
    assert (domain.values, domain.ends, domain.scale) == (values, ends, scale)
    for number in values or ():
        assert (domain.values or ())[domain.ranks[number]] == number


def test_the_code_of_a_number_is_a_multiple_and_that_of_a_label_its_rank() -> None:
    assert make_domain([3, HALF]).codes.tolist() == [1, 6]
    assert make_domain([3, "b", "a"]).codes.tolist() == [0, 1, 2]


def test_only_numbers_may_be_whole_or_truth_values() -> None:
    domains = [make_domain([False, True]), make_domain([0, 2]), make_domain([0, HALF]), make_domain("01")]
    assert [domain.binary for domain in domains] == [True, False, False, False]
    assert [domain.whole for domain in domains] == [True, True, False, False]
