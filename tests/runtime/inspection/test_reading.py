"""Reading: how a column is to be understood."""

from __future__ import annotations

from runtime.inspection.reading import as_reads, is_truth, labels_of, meaning_of, sop_name, together, wholes
from tests.support.worked import TWO_PARTS, assert_text, lines, model

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


def test_a_read_in_parts_is_one() -> None:
    """Its parts have its name; its values are labelled, theirs are not; it is there when all of them are."""
    columns = model(TWO_PARTS).config.columns
    assert wholes(columns) == {"before": (4, 5)}
    assert_text(
        lines(
            f"{read.name}, columns {parts}, of {sop_name(read)}, labels: {labels_of(read)}"
            for read, parts in as_reads(columns, range(3, len(columns)))
        ),
        """
        indices = 2, columns (3,), of indices, labels: (False, True)
        before, columns (4, 5), of before, labels: ('a', 'b')
        answer, columns (6,), of answer, labels: (False, True)
        """,
    )
    assert [labels_of(columns[part]) for part in (4, 5)] == [None, None]
    assert {meaning_of(columns[part]) for part in (4, 5)} == {"before"}
    assert [read.name for read, _ in as_reads(columns, [4, 5], after=1)] == ["before"]
    assert len(as_reads(columns, [4, 5], after=0)) == 2
