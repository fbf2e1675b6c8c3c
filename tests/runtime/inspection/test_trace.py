"""Traces: every activation on one input, and columns by name."""

from __future__ import annotations

from runtime.inspection.trace import Trace
from tests.support.worked import COUNT, TWO_PARTS, assert_text, digits, lines, model


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
    trace = model(TWO_PARTS).trace("abb")
    assert trace.values("before") == ["a", "a", "b"]
    assert trace.values("before, part 1 of 2") == [1, 0, 0]
