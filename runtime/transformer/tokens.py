"""Between a user's values and the model's numbers: checking and encoding inputs, decoding answers.

Token ids are 0 for BOS and 1 + the index in the vocabulary for everything else.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from rasp.errors import InputError, ModelError, RaspError
from rasp.graph.atoms import shown, to_atom
from runtime.weights import Array, Atom, Config, LabelOutput, NumberOutput, Output

BOS = 0


def as_atom(token: object) -> Atom | None:
    """A token as a program reads it, None if it can be none.

    A float is the decimal that it prints as, so that 0.1 means one tenth.
    """
    try:
        return to_atom(token)
    except RaspError:
        return None


def kind(atom: Atom | None) -> str | None:
    """What kind of token it is: those of one vocabulary are all of one kind."""
    if atom is None:
        return None
    return "a string" if isinstance(atom, str) else "a bool" if isinstance(atom, bool) else "a number"


class TokenIds:
    """The id of each vocabulary entry. The int 1 and the float 1.0 are two tokens, as in a program."""

    def __init__(self, vocab: Sequence[Atom]) -> None:
        self._same = {(type(entry), entry): 1 + index for index, entry in enumerate(vocab)}
        self._equal = {(kind(entry), entry): 1 + index for index, entry in enumerate(vocab)}
        self._value = {entry: 1 + index for index, entry in reversed([*enumerate(vocab)])}

    def get(self, token: object) -> int | None:
        """The token's id, None if it is not in the vocabulary."""
        try:
            found = self._same.get((type(token), token))  # type: ignore[arg-type]  # any type may come
        except TypeError:  # an unhashable object is no token
            return None
        if found is None:  # perhaps in a class of another library, or a float
            atom = as_atom(token)
            found = None if atom is None else self._same.get((type(atom), atom))
        return found

    def equal_to(self, token: object) -> int | None:
        """The id of the token that is equal, which may be the int 1 for 1.0: answers that are numbers come
        without their type.
        """
        atom = as_atom(token)
        return None if atom is None else self.get(atom) or self._equal.get((kind(atom), atom))

    def by_value(self, answer: Atom) -> int | None:
        """The id of the first token that is equal, also where one of them is a truth value and the other a
        number: which of the two an answer is, models do not tell.
        """
        return self._value.get(answer)


def token_ids(config: Config) -> TokenIds:
    """The ids of a model's vocabulary."""
    return TokenIds(config.vocab)


def encode(config: Config, ids: TokenIds, inputs: object) -> list[int]:
    """The ids of one input, BOS not included; `ids` is made once from the vocabulary.

    Raises InputError if `inputs` is no sequence of tokens of the vocabulary, or empty, or too long.
    """
    sequence = as_sequence(inputs)
    if not len(sequence):
        raise InputError("the input is empty: a model needs at least one token")
    if len(sequence) > config.max_length:
        raise InputError(
            f"the input has {len(sequence)} tokens, but the model takes at most {config.max_length}"
        )
    encoded = []
    for position, token in enumerate(sequence):
        number = ids.get(token)
        if number is None:
            raise InputError(wrong_token(config, ids, position, token))
        encoded.append(number)
    return encoded


def as_sequence(inputs: object) -> Sequence[object]:
    """A string as its characters, an array as its list, any sequence as itself."""
    if isinstance(inputs, np.ndarray) and inputs.ndim == 1:
        inputs = inputs.tolist()
    if isinstance(inputs, bytes | bytearray | memoryview):
        raise InputError("the input is bytes: give a string, or a list of tokens")
    if not isinstance(inputs, Sequence):
        raise InputError(f"the input must be a string or a list of tokens, not {shown(inputs)}")
    return inputs


def wrong_token(config: Config, ids: TokenIds, position: int, token: object) -> str:
    """Why this is not a token of the model."""
    if isinstance(token, Sequence | set | dict | np.ndarray) and not isinstance(token, str):
        return f"position {position} holds {shown(token)}: tokens are strings, bools or numbers, not nested"
    if isinstance(token, float) and not math.isfinite(token):
        return f"position {position} holds {token!r}, which is not a number a model can take"
    wanted, got = kind(config.vocab[0]), kind(as_atom(token))
    if got not in (wanted, None):
        return f"position {position} holds {shown(token)}, {got}, but each token of this model is {wanted}"
    equal = ids.equal_to(token)
    if equal is not None:
        entry = config.vocab[equal - 1]
        of = "an int" if isinstance(entry, int) else "a float"
        has = f"the vocabulary has {shown(entry)}, {of}: write {shown(entry)}"
        return f"position {position} holds {shown(token)}, and {has}"
    vocabulary = shown_vocab(config.vocab)
    return f"position {position} holds {shown(token)}, which is not in the vocabulary {vocabulary}"


def shown_vocab(vocab: tuple[Atom, ...]) -> str:
    """The vocabulary's entries, at most about twenty of them."""
    names = [shown(entry) for entry in vocab]
    if len(names) > 20:
        names = [*names[:10], "...", names[-1]]
    return ", ".join(names)


def decode(output: Output, logits: Array) -> list[Atom]:
    """The answers at the positions of `logits` [n, number of logits].

    Raises ModelError where the logits are not finite (weights so large that they overflow).
    """
    if not np.isfinite(logits).all():
        raise ModelError("the model's numbers overflow on this input: its weights are too large")
    if isinstance(output, LabelOutput):
        return [output.labels[index] for index in logits.argmax(axis=-1).tolist()]
    return [nearest_fraction(output, value) for value in logits[:, 0].tolist()]


def decode_batch(output: Output, logits: Array, lengths: Sequence[int]) -> list[list[Atom]]:
    """The answers to inputs of these lengths, given their padded logits [B, T, number of logits]."""
    if isinstance(output, LabelOutput) and np.isfinite(logits).all():
        labels = output.labels
        rows = logits.argmax(axis=-1).tolist()
        return [[labels[index] for index in row[:length]] for row, length in zip(rows, lengths, strict=True)]
    return [decode(output, row[:length]) for row, length in zip(logits, lengths, strict=True)]


def nearest_fraction(output: NumberOutput, logit: float) -> int | Fraction:
    """The fraction with a small enough denominator that is nearest to what the model computed, scaled; an
    int where only whole numbers can occur.
    """
    value = Fraction(logit).limit_denominator(output.max_denominator) * output.scale
    whole = output.max_denominator == 1 and output.scale.denominator == 1
    return int(value) if whole else value


def padded(
    encoded: Sequence[Sequence[int]], rows: int, size: int
) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """The batch as ids [rows, size] with BOS in front, and the lengths [rows]; missing rows hold only BOS."""
    ids = np.full((rows, size), BOS, np.int32)
    lengths = np.zeros(rows, np.int32)
    for row, tokens in enumerate(encoded):
        ids[row, 1 : 1 + len(tokens)] = tokens
        lengths[row] = len(tokens)
    return ids, lengths
