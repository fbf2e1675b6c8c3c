"""Traces: every activation on one input, and columns by name."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import product

import pytest

import rasp
from compiler.fuzzing.loop import numbered_program
from compiler.pipeline import run
from compiler.request import request
from rasp.errors import CompileError
from rasp.words import Atom
from runtime.inspection.trace import Trace
from tests.support.compiled import compiled
from tests.support.held import untrue
from tests.support.program_cases import CASES, Case
from tests.support.worked import COUNT, TWO_PARTS, assert_text, digits, lines, model, stages

BEFORE = "before = select(indices, indices - 1, ==);"
READ_WITH_DEFAULTS: list[tuple[str, Sequence[Atom]]] = [
    ("x = aggregate(before, tokens_int, 7); y = x + tokens_int;", (0, 1, 2)),
    (
        "x = aggregate(before, tokens_int, 7); y = aggregate(select(x, indices, ==), tokens_int, 3);",
        (0, 1, 2),
    ),
    ("x = aggregate(before, tokens_asis, -5); y = x * tokens_asis;", (-1, 0, 4)),
    ("x = aggregate(before, tokens_asis, 3/4); y = x + tokens_asis;", (Fraction(1, 2), Fraction(1, 4))),
    ('x = aggregate(before, tokens, "z"); y = x if x == tokens else "q";', "abz"),
    ('x = aggregate(before, tokens == "a", True); y = x or tokens == "b";', "ab"),
    ("x = aggregate(select(tokens_int, 0, ==), indices, 9); y = x + 1;", (0, 1)),
    ('x = aggregate(before or select(tokens, "b", ==) and select(indices, 0, ==), indices, 8); y = x;', "ab"),
    ("x = only(before, indices * 2, 1); y = x % 3;", "ab"),
    ('x = aggregate(before, tokens, "b"); y = aggregate(select(x, "b", ==), indices, 4) + indices;', "ab"),
]
"""In the residual stream an s-op that is read with a default lacks it: BOS brings 0."""

SIMPLIFIED = [
    "n = selector_width(select(indices, indices, <=) and select(tokens_int, 1, ==)); never = n == 0;"
    "last = aggregate(select(tokens_int, 1, ==) and select(n, n, ==), indices);"
    "x = -1 if never else indices - last;",
    "m = aggregate(select(indices, indices, <=), tokens_int); x = m > 1/2;",
    "s = select(tokens_int, indices, ==) or select(indices, 0, ==) or select(indices, tokens_int, ==);"
    "any = has_focus(s); x = aggregate(s, tokens_int * 0 + 2, 5) + indicator(any);",
]


@pytest.mark.parametrize(("program", "vocab"), READ_WITH_DEFAULTS)
def test_what_is_read_with_a_default_is_told_with_it(program: str, vocab: Sequence[Atom]) -> None:
    inputs = [one for length in (1, 3) for one in product(vocab, repeat=length)]
    assert list(untrue(stages(f"{BEFORE} {program}", vocab), inputs)) == []


@pytest.mark.parametrize("program", SIMPLIFIED)
def test_what_an_s_op_is_made_of_has_not_its_name(program: str) -> None:
    made = run(rasp.parse(program).main, request((0, 1, 3), 12, False))
    assert list(untrue(made, [(0,), (3, 0), (0, 3, 1, 1, 0), (3, 0, 1) * 4])) == []


@pytest.mark.slow
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_columns_hold_what_they_are_called_after(case: Case) -> None:
    some = list(product(case.small.vocab[:3], repeat=min(3, case.small.max_length)))
    assert list(untrue(compiled(case, case.small), some)) == []


@pytest.mark.slow
@pytest.mark.parametrize("start", range(0, 100, 10))
def test_columns_of_random_programs_hold_what_they_are_called_after(start: int) -> None:
    for number in range(start, start + 10):
        program, inputs = numbered_program(number)
        try:
            made = run(program.sop, program.asked)
        except CompileError:
            continue
        assert list(untrue(made, inputs[:6])) == [], number


def test_the_stream_itself_lacks_the_default() -> None:
    trace = model("x = aggregate(select(indices, indices - 1, ==), indices, 7); y = x + indices;").trace(
        "abb"
    )
    assert trace.values("x") == [7, 0, 1]
    assert trace["x"].tolist() == [7.0, 7.0, 0.0, 1.0]
    assert trace.column("x").tolist() == [0.0, 0.0, -7.0, -6.0]


def test_columns_as_they_are_written() -> None:
    """The residual column of each name on abb, once it is written, at BOS and at the three positions."""
    trace: Trace = model(COUNT).trace("abb")
    assert_text(
        lines(
            f"{column.name}, after sublayer {column.written}: {trace.column(column.name).tolist()}"
            for column in trace.columns
        ),
        """
        bos, after sublayer 0: [1.0, 0.0, 0.0, 0.0]
        tokens, after sublayer 0: [0.0, 0.0, 1.0, 1.0]
        copies, after sublayer 1: [0.0, 1.0, 2.0, 2.0]
        (copies == 2), after sublayer 2: [0.0, 0.0, 1.0, 1.0]
        """,
    )
    assert trace.values("copies") == [1, 2, 2]


def test_attention_of_a_count() -> None:
    """BOS (the first key) takes nearly everything, and all that is like the query the same small share."""
    [[pattern]] = model(COUNT).trace("abb").attention
    assert_text(
        lines(" ".join(f"{weight:.5f}" for weight in row) for row in pattern.tolist()),
        """
        1.00000 0.00000 0.00000 0.00000
        0.99976 0.00024 0.00000 0.00000
        0.99951 0.00000 0.00024 0.00024
        0.99951 0.00000 0.00024 0.00024
        """,
    )


def test_traces_of_many_inputs_are_those_of_each() -> None:
    counting = model(COUNT)
    inputs = ["abb", "b", "ab"]
    for one, trace in zip(inputs, counting.batch_trace(inputs), strict=True):
        alone = counting.trace(one)
        assert (trace.tokens, trace.answers) == (alone.tokens, alone.answers)
        assert trace.activations.keys() == alone.activations.keys()
        for name, activation in trace.activations.items():
            assert activation.tolist() == alone.activations[name].tolist(), name


def test_a_read_in_parts_is_the_sum_of_them() -> None:
    """Each digit is counted by a head of its own; under the read's name there is what all of them count."""
    trace = digits().trace([3, 9, 0, 15])
    assert trace.values("less") == [1, 2, 0, 3]
    assert trace.values("less, part 1 of 2") == [0, 2, 0, 3]
    assert trace["less"].tolist() == [0.0, 1.0, 2.0, 0.0, 3.0]
    assert_text(
        lines(str(trace).splitlines()[-5:]),
        """
        less                             1      2      0     3
          less, part 1 of 2              0      2      0     3
          less, part 2 of 2              1      0      0     0
        answer                           1      4      0     9
        answer                           1      4      0     9
        """,
    )


def test_only_the_sum_of_parts_has_labels() -> None:
    trace = model(TWO_PARTS).trace("bab")
    assert trace.values("before") == ["b", "b", "a"]
    assert trace.values("before, part 1 of 2") == [1, 0, 0]
