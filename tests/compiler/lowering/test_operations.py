"""Operations: what heads and hidden layers read and write, by named columns."""

from __future__ import annotations

from compiler.lowering.operations import Operation, columns_read, columns_written
from tests.support.worked import COUNT, assert_text, lines, stages


def test_what_a_head_and_neurons_read_and_write() -> None:
    """The head reads tokens and writes the count; the neurons read the count and write the answer."""
    lowered = stages(COUNT).lowered
    operations: tuple[Operation, ...] = (*lowered.heads, *lowered.hidden)
    assert_text(
        lines(
            f"{type(operation).__name__} for {operation.title}: "
            f"{sorted(column.name for column in columns_read(operation))} -> "
            f"{[column.name for column in columns_written(operation)]}"
            for operation in operations
        ),
        """
        Head for copies: ['bos', 'tokens'] -> ['copies']
        HiddenLayer for (copies == 2): ['copies'] -> ['(copies == 2)']
        """,
    )


def test_what_columns_hold() -> None:
    """For each s-op the columns that hold it: a feature, value by value, or the code of a number."""
    lowered = stages(COUNT).lowered
    assert_text(
        lines(
            f"{[c.name for c in held.columns]} of {held.subject.title}: "
            f"{'its code' if held.values is None else held.values.tolist()}"
            for held in lowered.held
        ),
        """
        ['tokens'] of tokens: [0, 1]
        ['copies'] of copies: its code
        ['(copies == 2)'] of (copies == 2): [0, 1]
        """,
    )
