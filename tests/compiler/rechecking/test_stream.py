"""The stream: what the columns are claimed to hold, and what weights read from them."""

from __future__ import annotations

import numpy as np

from compiler.rechecking.report import Unproved
from compiler.rechecking.stream import lowest_bit
from tests.support.worked import COUNT, assert_text, lines, stages, stream_of


def test_what_each_column_holds() -> None:
    """Value by value of its s-op: the columns that mark BOS and hold tokens are there from the embedding,
    the count after sublayer 1, the answer after the neurons of layer 1.
    """
    stream = stream_of(stages(COUNT))
    assert_text(
        lines(
            f"{stream.name(column)}: {held.values.tolist()} after sublayer {held.ready}"
            for column, held in enumerate(stream.owner)
            if held is not None
        ),
        """
        bos: [0.0] after sublayer 0
        tokens: [0.0, 1.0] after sublayer 0
        copies: [1.0, 2.0, 3.0] after sublayer 1
        (copies == 2): [0.0, 1.0] after sublayer 2
        """,
    )


def test_a_reading_of_the_stream() -> None:
    """256 * tokens + 256 * bos - 256, which a query reads: it depends on the token alone, is 0 at BOS, and
    exact, as all its parts are integers and add up to no more than three times 256.
    """
    stream = stream_of(stages(COUNT))
    weight = np.array([[256.0], [256.0], [0.0], [0.0]])
    reading = stream.read(weight, np.array([-256.0]), now=1)
    assert_text(
        lines(
            [
                *(
                    f"{subject.title}: {part[:, 0].tolist()}"
                    for subject, part in reading.by_subject().items()
                ),
                f"constant {reading.bias[0]:g}, at BOS {stream.at_bos(weight, np.array([-256.0]))[0]:g}",
                f"up to {reading.total[0]:g} in all, error {reading.error[0]:g}",
            ]
        ),
        """
        tokens: [0.0, 256.0]
        constant -256, at BOS 0
        up to 768 in all, error 0
        """,
    )


def test_the_lowest_bit() -> None:
    """12 is a multiple of 2**2, 0.75 of 2**-2: multiples of one power of two add up like integers."""
    assert lowest_bit(np.array([12.0, 0.75, 1.0])).tolist() == [2, -2, 0]


def test_two_numbers_at_bos_are_added_exactly_where_the_sum_is_a_number() -> None:
    """1/3 - 1/3 is 0 in any order, however many bits 1/3 has; 2^24 + 1 is rounded, so is 3 * (1/3) before it
    is added, and what three numbers add up to depends on their order.
    """
    stream = stream_of(stages(COUNT))
    third = float(np.float32(1 / 3))
    stream.bos = np.array([1.0, 3.0, 0.0, 2.0**24])

    def read(weights: list[float], bias: float) -> float | None:
        try:
            return float(stream.at_bos(np.array([weights]).T, np.array([bias]))[0])
        except Unproved:
            return None

    assert read([third, 0.0, 0.0, 0.0], -third) == 0
    assert read([0.0, 0.0, 1.0, 1.0], 1.0) is None
    assert read([0.0, third, 0.0, 0.0], -1.0) is None
    assert read([third, 0.25, 0.0, 0.0], -third) is None
