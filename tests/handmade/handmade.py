"""The transformer of "I made a transformer by hand" (vgel.me, 2023), every weight written down by hand.

It reads the last five characters of a text of "a" and "b" and says which comes next in "aabaabaab...":
"b" after "aa", otherwise "a". Our runtime differs from the post's GPT-2 in two ways: BOS stands in front,
and scores are not divided by sqrt(d_head). So the division is done in the query weights, and BOS is a row
of zeros, which no position attends to: its key scores 0, where a position that is looked for scores 362.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from rasp.errors import InputError
from runtime.model import Model
from runtime.saving.certificate import Certificate
from runtime.weights import Column, Config, LabelOutput, Layer, Weights

CHARACTERS = ("a", "b")
CONTEXT = 5
D_MODEL = 8
BIG = 1024
"""The post's number for "very large"."""

TOKEN_A, TOKEN_B, SCRATCH = 5, 6, 7
"""The columns after those of the five positions."""

Matrix = NDArray[np.float32]

COLUMNS = (
    *(Column(f"position {place}", f"1 at the character number {place}", 0) for place in range(CONTEXT)),
    Column("a", "1 at an a; after the attention, the logit of a", 0),
    Column("b", "1 at a b; after the attention, the logit of b", 0),
    Column("scratch", "0 in the residual; within the head, this column holds the value", 0),
)

UNPROVED = Certificate(
    False, "written by hand, not compiled: nothing is proved, but all 62 inputs can be tried"
)


def handmade(program: str = "") -> Model:
    """The model; `program` is the text of a RASP program that says the same."""
    config = Config(
        vocab=CHARACTERS,
        max_length=CONTEXT,
        causal=True,
        output=LabelOutput(CHARACTERS),
        columns=COLUMNS,
    )
    tokens = token_embedding()
    weights = Weights(
        token_embedding=tokens,
        position_embedding=position_embedding(),
        layers=(block(),),
        unembedding=tokens[1:].T.copy(),  # tied: the character whose own column is largest
        unembedding_bias=zeros(len(CHARACTERS)),
    )
    return Model(config, weights, UNPROVED, program)


def zeros(*shape: int) -> Matrix:
    """A matrix to write the few numbers into."""
    return np.zeros(shape, np.float32)


def token_embedding() -> Matrix:
    """[BOS, a, b] x columns: a is 1 in column 5, b is 1 in column 6, BOS is nothing."""
    table = zeros(1 + len(CHARACTERS), D_MODEL)
    table[1, TOKEN_A] = 1
    table[2, TOKEN_B] = 1
    return table


def position_embedding() -> Matrix:
    """[BOS, 0, ..., 4] x columns: position p is 1 in column p, BOS is nothing."""
    table = zeros(1 + CONTEXT, D_MODEL)
    for place in range(CONTEXT):
        table[1 + place, place] = 1
    return table


def block() -> Layer:
    """The one block: one head, no MLP."""
    projection_bias = zeros(D_MODEL)
    projection_bias[TOKEN_A] = BIG
    nothing = zeros(1, D_MODEL)
    return Layer(
        w_q=queries()[None],
        b_q=nothing,
        w_k=keys()[None],
        b_k=nothing,
        w_v=values()[None],
        b_v=nothing,
        w_o=projection()[None],
        b_o=projection_bias,
        w_in=zeros(D_MODEL, 0),
        b_in=zeros(0),
        w_out=zeros(0, D_MODEL),
        b_out=zeros(D_MODEL),
    )


def queries() -> Matrix:
    """Row p asks for positions p and p - 1, equally strongly. GPT-2 divides scores by sqrt(8) later."""
    matrix = zeros(D_MODEL, D_MODEL)
    for place in range(CONTEXT):
        matrix[place, max(0, place - 1) : place + 1] = BIG / math.sqrt(D_MODEL)
    return matrix


def keys() -> Matrix:
    """Row p answers as position p."""
    matrix = zeros(D_MODEL, D_MODEL)
    for place in range(CONTEXT):
        matrix[place, place] = 1
    return matrix


def values() -> Matrix:
    """An a says +1 and a b says -1, in column 7."""
    matrix = zeros(D_MODEL, D_MODEL)
    matrix[TOKEN_A, SCRATCH] = 1
    matrix[TOKEN_B, SCRATCH] = -1
    return matrix


def projection() -> Matrix:
    """The head's column 7 speaks against a and for b: with the bias, 1024 (1 - v) for a, 1024 v for b."""
    matrix = zeros(D_MODEL, D_MODEL)
    matrix[SCRATCH, TOKEN_A] = -BIG
    matrix[SCRATCH, TOKEN_B] = BIG
    return matrix


def next_character(model: Model, text: str) -> str:
    """What the model says after a text, of which it sees the last five characters."""
    return str(model(text[-CONTEXT:])[-1])


def completed(model: Model, text: str, steps: int) -> str:
    """The text with `steps` characters more, each put behind the text before the next is asked for.

    Raises InputError if the text is empty or holds other characters than a and b.
    """
    if steps < 0:
        raise InputError(f"steps must be at least 0, not {steps}")
    for _ in range(steps):
        text += next_character(model, text)
    return text


def post_test(model: Model) -> tuple[int, int]:
    """How often the model is right on the post's test, and how often it was asked."""
    text = "aab" * 10
    places = range(2, len(text) - 1)
    right = sum(next_character(model, text[:place]) == text[place] for place in places)
    return right, len(places)
