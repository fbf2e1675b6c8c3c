"""The schedule: the layer of each head and hidden layer, as early as what they read allows."""

from __future__ import annotations

from compiler import texts
from compiler.layout.schedule import assign_layers
from tests.support.worked import COUNT, assert_text, stages

TWO_STEPS = """
    many = selector_width(select(tokens, tokens, ==)) > 1;
    answer = aggregate(select(indices, indices - 1, ==), many, False);
"""


def test_one_layer() -> None:
    """Attention comes before the neurons of the same layer, so a count and its table fit into one layer;
    below, what was chosen and what it costs.
    """
    lowered = stages(COUNT).lowered
    assert_text(
        texts.schedule(lowered, assign_layers(lowered)),
        """
        layer 1
          head for copies: 2 score dims, BOS at 8.32031, writes 1
          2 neurons for (copies == 2)
        choices
          tokens: embedding, number (1 column): this is all that is asked for
          copies, head: tokens_str == tokens_str: one-hot keys (2 dims): queries fall into 2 classes
          copies: counted (1 column): only its number is read
          (copies == 2): MLP over copies (3), number (1 column, 2 neurons): this is all that is asked for
        """,
    )


def test_two_layers() -> None:
    """What the second head copies is made by the neurons of the first layer: sublayer 2 writes it, and 3
    (the attention of layer 2) is the first that can read it.
    """
    made = stages(TWO_STEPS)
    schedule = assign_layers(made.lowered)
    assert_text(
        "\n".join(f"{column.name}: {when}" for column, when in schedule.written.items()),
        """
        bos: 0
        tokens: 0
        indices = 1: 0
        indices = 2: 0
        selector_width(select(tokens_str, tokens_str, ==)): 1
        many: 2
        answer: 3
        """,
    )
