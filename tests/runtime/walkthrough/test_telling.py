"""The walkthrough: what a model does on an input, followed at one position."""

from __future__ import annotations

import textwrap

from runtime.walkthrough.telling import explain, together
from tests.support.worked import COUNT, assert_text, model


def test_a_count_in_brief() -> None:
    """From the embedding to the answer at the last position of abb."""
    told = explain(model(COUNT), "abb", brief=True).markdown()
    assert_text(
        "\n".join(textwrap.fill(line, 90) for line in told.splitlines()),
        """
        # How `the model` computes its answer to `["a", "b", "b"]`

        The model is a transformer of 1 layer with 1 head and 2 neurons. At every position it
        carries 4 numbers, each in a column with a name; a layer reads some columns and writes
        others. We follow position 2 (`"b"`).

        ## Embedding

        The token and its position fill 2 columns.

        ## Layer 1: attention

        Layer 1 is there to compute `copies == 2`, from which the answer is read.

        ```
        copies = selector_width(select(tokens, tokens, ==));
        ```

        Head 1 (`copies`): position 2 (`"b"`) selects positions 1 (`"b"`) and 2 (`"b"`).

        So `copies` = `2`.

        ## Layer 1: MLP

        2 neurons compute `copies == 2` from `copies` = `2`: so `copies == 2` is `True`.

        ## Unembedding

        The answer is read from `copies == 2`:

        ```
        answer = "twice" if copies == 2 else "not";
        ```

        So the answer at position 2 (`"b"`) is `"twice"`.
        """,
    )


def test_several_columns_in_one_cell() -> None:
    assert together([0, 0, 0, 1]) == "3\u00d7 0, 1"
