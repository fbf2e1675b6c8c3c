"""Claims: how s-ops go by number, and features by the run."""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from compiler.certificate.claims import code_slope, numbered, runs, unfold
from tests.support.worked import FIRST, assert_text, lines, stages


def test_s_ops_by_number() -> None:
    """Operands first, in an order that the program's structure alone decides: selectors have numbers too."""
    assert_text(
        lines(f"{number}: {term.title}" for number, term in enumerate(numbered(stages(FIRST).settled.root))),
        """
        0: indices
        1: 0
        2: select(indices, 0, ==)
        3: tokens_str
        4: first
        5: answer
        """,
    )


def test_features_by_the_run() -> None:
    """Equal neighbours are written once; what is the code times something plus something is said so."""
    feature = np.array([0, 0, 0, 5, 1, 1])
    assert runs(feature) == "0*3 5 1*2"
    assert unfold("0*3 5 1*2", 6).tolist() == feature.tolist()
    assert code_slope([1, 3, 5], np.array([0, 1, 2])) == (Fraction(2), Fraction(1))
    assert code_slope(feature, np.arange(6)) is None
