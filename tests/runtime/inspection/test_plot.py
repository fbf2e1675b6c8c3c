"""Plots: a model at work as a figure (what matplotlib is given; it need not be there)."""

from __future__ import annotations

import numpy as np

import compiler
import rasp
from runtime.inspection.plot import drawn_rows, drawn_weights, label
from tests.support.worked import COUNT, FIRST, assert_text, digits, lines, model


def test_what_is_drawn_of_a_head_that_counts() -> None:
    """BOS weighs so much that nothing else could be seen: the tokens' share among themselves is drawn. Of a
    head that copies, the weights are drawn as they are.
    """
    [[counting]] = model(COUNT).trace("abb").attention
    [[copying]] = model(FIRST).trace("abb").attention
    assert_text(
        lines(np.round(drawn_weights(counting), 3).tolist()),
        """
        [0.0, 0.0, 0.0, 0.0]
        [0.0, 1.0, 0.0, 0.0]
        [0.0, 0.0, 1.0, 1.0]
        [0.0, 0.0, 1.0, 1.0]
        """,
    )
    assert drawn_weights(copying) is copying


def test_a_row_for_each_column() -> None:
    rows = drawn_rows(model(COUNT).trace("abb"))
    assert len(rows) == 4
    assert label("$x$") == r"\$x\$"


def test_tokens_are_letters_and_steps_one_row() -> None:
    """A column of labels shows them, and the columns of a value that is told step by step are folded."""
    hist = compiler.compile(rasp.load("hist").main, "abc", 4)
    assert [row.texts for row in drawn_rows(hist.trace("ac")) if row.name == "tokens"] == [("", "a", "c")]
    sort = compiler.compile(rasp.load("sort").main, range(6), 8)
    rows = {row.name: row.texts for row in drawn_rows(sort.trace([3, 0, 5]))}
    assert rows["tokens"] == ("", "3", "< 1", "5")
    assert not [name for name in rows if ">=" in name]


def test_a_read_in_parts_is_one_row() -> None:
    rows = {row.name: row.texts for row in drawn_rows(digits().trace([3, 9, 0, 15]))}
    assert rows["less"] == ("0", "1", "2", "0", "3")
    assert not [name for name in rows if "part" in name]
