"""The program's text in the page: which stretches of it belong to which columns."""

from __future__ import annotations

import pytest

from runtime.sources import grid_said, program_source
from runtime.weights import Grid
from tests.support.worked import FIRST, assert_text, lines, model


def test_marks_of_a_program() -> None:
    """Columns are 0 bos, 1 tokens, 2 positions, 3 the copy and 4 the answer. The selector has none of its
    own, so its statement belongs to what reads with it.
    """
    made = model(FIRST)
    source = program_source(made.program, made.config)
    assert_text(
        lines(f"{source.text[mark.start : mark.end]} {mark.columns}" for mark in source.marks),
        """
        step1 = select(indices, 0, ==); (3,)
        indices (2,)
        first = aggregate(step1, tokens_str); (3,)
        first (3,)
        tokens_str (1,)
        answer = (first == tokens_str); (4,)
        answer (4,)
        first (3,)
        tokens_str (1,)
        """,
    )


@pytest.mark.parametrize(
    ("header", "grid"),
    [
        ("# Life.\n# grid: 8 x 4\nx = 1;", Grid(8, 4)),
        ("# grid: 9x9 of sets\n", Grid(9, 9, sets=True)),
        ("x = tokens;\n# grid: 8x4\n", None),  # below the header
        ("# grid: 0x4\n", None),
        ("# grid: as you like\n", None),
    ],
)
def test_the_grid_of_a_header(header: str, grid: Grid | None) -> None:
    assert grid_said(header) == grid
