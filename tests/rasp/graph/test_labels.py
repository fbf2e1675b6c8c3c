"""Labels: what a node without a name is called."""

from __future__ import annotations

import rasp
from rasp.graph.labels import expression, label
from tests.support.worked import assert_text, lines


def test_what_made_it() -> None:
    """A short expression is its own label; of a long one only the outside is said, as far as it fits."""
    short = rasp.indices + 1
    long = (short * short + 1) * (short - 1) / (short + 2 * short)
    named = rasp.parse("shifted = indices + 1;").main
    assert_text(
        lines(f"{label(sop)} | {expression(sop, 40)}" for sop in (short, long, named)),
        """
        ( indices + 1 ) | ( indices + 1 )
        s-op | ( ( … * … ) / ( … + … ) )
        shifted | shifted
        """,
    )
