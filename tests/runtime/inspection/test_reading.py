"""Reading: how a column is to be understood."""

from __future__ import annotations

from runtime.inspection.reading import is_truth, sop_name, together
from tests.support.worked import assert_text, lines, model

EARLIER = """
    before = aggregate(select(indices, indices - 1, ==), tokens, "none");
    answer = before == tokens;
"""


def test_columns_of_one_s_op() -> None:
    """The two columns of positions ask whether it is 1, and whether it is 2: two truths of one s-op."""
    columns = model(EARLIER).config.columns
    assert_text(
        lines(
            f"{[columns[number].name for number in group]}: {sop_name(columns[group[0]])}, "
            f"truth: {is_truth(columns[group[0]])}"
            for group in together(columns, range(len(columns)))
        ),
        """
        ['bos']: bos, truth: False
        ['tokens']: tokens, truth: False
        ['indices = 1', 'indices = 2']: indices, truth: True
        ['before']: before, truth: False
        ['answer']: answer, truth: True
        """,
    )
