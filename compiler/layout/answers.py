"""Whether answers are read by their labels or as numbers."""

from __future__ import annotations

from fractions import Fraction

from compiler.layout.assembly import Stored
from runtime.weights import LabelOutput, size

MOST = Fraction(13, 40)
"""Labels may take so much of a model, a little less than a third: they tell more than a number does, and a
model that gets rid of them when they become too many gets smaller by a third at most.
"""


def labels_are_dear(stored: Stored) -> bool:
    """Whether a label for each answer takes too much of a model. It never does where all answers are tokens,
    which can be fed to the model again, nor where there are as many as positions (and one for none, and a
    default): that many grow with the length like the position embedding.
    """
    output, config, weights = stored.config.output, stored.config, stored.weights
    if not isinstance(output, LabelOutput) or set(output.labels) <= set(config.vocab):
        return False
    if len(output.labels) <= config.max_length + 2:
        return False
    labels = weights.unembedding.size + weights.unembedding_bias.size
    return labels > MOST * size(weights).parameters
