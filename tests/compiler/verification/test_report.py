"""Reports: what a verification found, for people and as JSON."""

from __future__ import annotations

import json

from compiler.verification.report import Difference, Mismatch, Report
from tests.support.worked import assert_text


def test_a_model_that_is_wrong() -> None:
    """The smallest wrong input position by position, and where in the model that began."""
    wrong = Mismatch(("a", "b"), (1, 2), (1, 1))
    difference = Difference("copies", "copies", 1, "attention", (0,), 1, "lowering")
    report = Report("exhaustive", 14, 0, 3, (wrong,), wrong, difference, total=14)
    assert not report.ok
    assert_text(
        report.summary(),
        """
        3 of 14 inputs differ
        the smallest of them:
          position  0    1
          input     "a"  "b"
          expected  1    2
          model     1    1
                         ^
        first wrong: copies (column 'copies'), in the attention of layer 1, head 0, at position 1
        it arose when it was lowered to heads and neurons (compiler/lowering)
        """,
    )
    assert json.loads(report.to_json())["first_difference"]["part"] == "attention"


def test_nothing_wrong_is_not_yet_all_right() -> None:
    """A sweep that was stopped, or that found no answer to compare, has shown nothing."""
    reports = [
        Report("exhaustive", 14, 0, 0, (), total=14),
        Report("exhaustive", 10, 0, 0, (), total=14),
        Report("random", 0, 14, 0, (), total=14),
    ]
    assert_text(
        "\n".join(f"{report.ok}\n{report.summary()}" for report in reports),
        """
        True
        equal on every one of 14 inputs
        False
        stopped after 10 of 14 inputs: equal on all 10 compared
        False
        nothing compared: the program has no answer to any of the inputs tried (14 undefined ones left out)
        """,
    )
