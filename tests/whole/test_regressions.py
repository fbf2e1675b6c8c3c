"""Programs that the fuzzer found to be compiled wrongly or not at all, each as small as it became."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from random import Random

import pytest

import rasp
from compiler.fuzzing.generator import RandomProgram
from compiler.fuzzing.loop import check
from compiler.program.writing import write_program
from compiler.request import Request
from rasp.graph.sops import Constant, Operation, SOp
from rasp.inputs import random_inputs
from rasp.words import Atom, Operator


@dataclass(frozen=True)
class Found:
    """A program, the setting it failed in, and an input on which it did."""

    name: str
    text: str
    vocab: tuple[Atom, ...]
    max_length: int
    failing: Sequence[Atom]
    causal: bool = False


HALF, MINUS = Fraction(1, 2), Fraction(-3, 2)

FOUND = [
    Found(
        "a cube of what is always 0, over a domain that is large on paper",
        """step2 = (indices * indices);
        step4 = aggregate(select(1, True, ==), step2 - step2);
        step6 = (step4 * (step4 * step4));
        step7 = (step6 + step6);""",
        ("d",),
        3,
        ["d"],
    ),
    Found(
        "a mean of means",
        """step3 = (select(tokens_asis, (-3/2), ==) or select(tokens_asis, tokens_asis, >));
        step6 = aggregate(full_s, aggregate(step3, 2 ^ indices));""",
        (HALF, MINUS),
        5,
        [MINUS, MINUS, HALF],
    ),
    Found(
        "a mean of means of indices",
        """step3 = aggregate(select(1, indices, !=), indices);
        step4 = aggregate(select(tokens_asis, tokens_asis, >), step3);""",
        (-1, 2),
        7,
        [-1, 2, -1, 2, 2, 2],
    ),
    Found(
        "a mean times indices, read by another mean",
        """step2 = aggregate(select(tokens_bool, tokens_bool, >), tokens_asis, (1/2));
        step5 = aggregate(select(step2, step2, ==), step2 * indices);""",
        ("x",),
        2,
        ["x", "x"],
    ),
    Found(
        "a mean over an or of selectors whose values are one constant",
        """step4 = (select(indices, tokens_float, ==) or select(tokens_asis, tokens_asis, ==));
        step6 = ((-1/1) < aggregate(step4, (-1)));
        step8 = aggregate(select(tokens_asis, "2", !=), (-1) - step6);""",
        ("1",),
        2,
        ["1", "1"],
    ),
    Found(
        "a string that is never read",
        """step3 = indicator(tokens_str);
        step5 = aggregate(select(step3, step3, <), "a");
        step6 = aggregate(select(1, indices, ==), step5, 1);
        step7 = aggregate(select(tokens_asis, tokens_asis, <), step6);""",
        (0, 1),
        3,
        [1, 0, 0],
    ),
    Found(
        "a default of another type than the values",
        """step1 = select(indices, tokens_asis, !=);
        step2 = aggregate(step1, tokens_asis, "a");""",
        (1, 7),
        2,
        [7],
    ),
    Found(
        "comparisons nested in one another without an end",
        """step2 = aggregate(select(1, indices, ==), 0);
        step5 = ((indices > step2) < (step2 * 0));""",
        (")",),
        1,
        [")"],
    ),
    Found(
        "a selector that selects nothing, and no default",
        """step2 = aggregate(select(2, (1/2), ==), indices);""",
        ("0", "1"),
        2,
        ["0", "1"],
    ),
    Found(
        "length times a mean that is no share of a count",
        """step5 = (indices < (tokens_int >= tokens_int));
        step8 = (select(step5, True, ==) or select(tokens_asis, tokens_asis, ==));
        step10 = (length * aggregate(step8, 1));""",
        (0, 1),
        7,
        [0, 0],
    ),
    Found(
        "the first instance of what is nowhere",
        """step5 = ((True * indices) in [0, 0]);
        step6 = count(mark_first_instance(step5, 2), True);
        step7 = (step6 >= (((tokens_asis < tokens_asis) > (indices - (-2))) * 0));""",
        ("a", "b"),
        5,
        ["a"],
        causal=True,
    ),
    Found(
        "bools made numbers by adding nothing",
        """step3 = aggregate(full_s, (indices > 0) - 0);""",
        (-2,),
        2,
        [-2, -2],
    ),
    Found(
        "bools made numbers by a plus", "step1 = aggregate(full_s, +(indices > 0));", ("a",), 3, ["a", "a"]
    ),
    Found(
        "bools made numbers by a factor", "x = aggregate(full_s, (indices > 0) * 1);", ("a",), 3, ["a", "a"]
    ),
]


@pytest.mark.parametrize("optimize", [True, False])
@pytest.mark.parametrize("found", FOUND, ids=lambda found: found.name)
def test_found_by_fuzzing(found: Found, optimize: bool) -> None:
    asked = Request(found.vocab, found.max_length, found.causal, optimize)
    program = RandomProgram(rasp.parse(found.text).main, asked)
    inputs = [list(found.failing), *random_inputs(Random(1), found.vocab, found.max_length, 60)]
    outcome = check(program, inputs)
    assert outcome.status == "ok", outcome.detail
    assert outcome.compared > len(inputs) / 2


@pytest.mark.parametrize(
    "sop",
    [
        Constant(3),
        Constant("a"),
        Operation((Constant(-2), Constant(2)), Operator.MOD),
        Operation((Constant(2), Constant(3)), Operator.AND),
        Operation((Constant(True),), Operator.POS),
    ],
)
def test_constants_as_text(sop: SOp) -> None:
    """What is made of constants only came back as a plain value, `2 and 3` even as another one."""
    again = rasp.parse(write_program(sop, {}).text).main
    assert again([1, 2]) == sop([1, 2])
    assert [type(value) for value in again([1])] == [type(value) for value in sop([1])]
