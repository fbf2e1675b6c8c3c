"""The engine: ids in, logits and answers out."""

from __future__ import annotations

import numpy as np

from runtime.transformer.engine import Engine
from tests.support.worked import COUNT, assert_text, lines, model


def test_from_ids_to_answers() -> None:
    """Ids are 0 for BOS and from 1 on for the vocabulary; the larger of a position's two logits wins."""
    made = model(COUNT)
    engine = Engine(made.config, made.weights)
    assert engine.encode("abb") == [1, 2, 2]
    [logits] = engine.logits(["abb"])
    assert_text(
        lines([made.config.output, np.round(logits, 3).tolist(), *engine.answers(["abb"])]),
        """
        LabelOutput(labels=('not', 'twice'), kind='labels')
        [[0.0, -1.0], [0.0, 1.0], [0.0, 1.0]]
        ['not', 'twice', 'twice']
        """,
    )


def test_every_activation_has_a_name() -> None:
    """Shapes without the padding: three tokens, and BOS before them."""
    made = model(COUNT)
    engine = Engine(made.config, made.weights)
    recorded = engine.record([engine.encode("abb")])[0]
    assert_text(
        lines(f"{name} {array.shape}" for name, array in recorded.items()),
        """
        layer.1.heads (4, 1, 3)
        layer.1.hidden (4, 2)
        layer.1.keys (1, 4, 3)
        layer.1.pattern (1, 4, 4)
        layer.1.queries (1, 4, 3)
        layer.1.scores (1, 4, 4)
        layer.1.values (1, 4, 3)
        logits (3, 2)
        residual.0 (4, 4)
        residual.1 (4, 4)
        residual.2 (4, 4)
        """,
    )
