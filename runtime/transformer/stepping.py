"""Which token of the vocabulary each answer of a model is: what goes from one step of a run to the next.

A model all of whose answers are tokens is *closed*: what it answers can always be its next input. Else it is
*guarded*: a run ends before a step that gives what is no token.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rasp.graph.atoms import shown
from runtime.transformer.tokens import nearest_fraction, token_ids
from runtime.weights import Atom, Config, LabelOutput, NumberOutput

Ids = NDArray[np.int32]

SHOWN = 3
"""How many answers that are no tokens are named."""


@dataclass(frozen=True, repr=False)
class Loop:
    """What is certain of a model's runs: `closed` if all its answers are tokens; `outside` are those that are
    none, as far as the answers are listed, and `tokens` says whether any is one. `certified`: a single answer
    is exact, and so is a run.
    """

    closed: bool
    outside: tuple[Atom, ...]
    tokens: bool
    certified: bool = True

    def __repr__(self) -> str:
        return f"<Loop: {self.summary}>"

    @property
    def summary(self) -> str:
        """One line: closed, guarded, or no step at all."""
        if self.closed and self.certified:
            return "closed: every answer is a token, so that a run is exact for any number of steps"
        if self.closed:
            return (
                "closed: every answer is a token; a run is no surer than its steps, which are not certified"
            )
        if not self.tokens:
            return "none: no answer is a token"
        some = ", ".join(map(shown, self.outside[:SHOWN])) + (", ..." if len(self.outside) > SHOWN else "")
        named = f" ({some})" if self.outside else ""
        sure = "a run is exact, and ends" if self.certified else "a run, whose steps are not certified, ends"
        return f"guarded: {sure} before a step that gives no token{named}"


def loop(config: Config, certified: bool = True) -> Loop:
    """What is certain of the runs of a model with this configuration. `certified`: its answers are exact."""
    if not isinstance(config.output, LabelOutput):
        return Loop(False, (), len(number_tokens(config, config.output)[0]) > 0, certified)
    ids = token_ids(config)
    outside = tuple(label for label in config.output.labels if ids.by_value(label) is None)
    return Loop(not outside, outside, len(outside) < len(config.output.labels), certified)


@dataclass(frozen=True, eq=False)
class AnswerIds:
    """The id of the token that each answer is, 0 where it is none.

    By labels: `ids` has one for each. By numbers: a logit from `low[i]` to `high[i]` is the token `ids[i]`,
    and one between is none.
    """

    ids: Ids
    low: NDArray[Any] | None = None
    high: NDArray[Any] | None = None


def answer_ids(config: Config) -> AnswerIds:
    """The ids of a model's answers, as `tokens.decode` and `TokenIds.equal_to` have them."""
    if isinstance(config.output, NumberOutput):
        ids, low, high = number_tokens(config, config.output)
        return AnswerIds(ids, low, high)
    known = token_ids(config)
    return AnswerIds(np.array([known.by_value(label) or 0 for label in config.output.labels], np.int32))


def number_tokens(config: Config, output: NumberOutput) -> tuple[Ids, NDArray[Any], NDArray[Any]]:
    """The tokens that are numbers which the model can answer, in ascending order: their ids, and the least
    and the greatest logit that means each.
    """
    known = token_ids(config)
    values = {Fraction(token) for token in config.vocab if not isinstance(token, str)}
    found = []
    for number in sorted(value / output.scale for value in values):
        if number.denominator > output.max_denominator:
            continue
        ends = logits_of(number, output.max_denominator, np.dtype(config.dtype))
        token = None if ends is None else known.by_value(nearest_fraction(output, float(ends[0])))
        if ends is not None and token is not None:
            found.append((token, *ends))
    ids, low, high = zip(*found, strict=True) if found else ((), (), ())
    return np.array(ids, np.int32), np.array(low, config.dtype), np.array(high, config.dtype)


def logits_of(number: Fraction, limit: int, dtype: np.dtype[Any]) -> tuple[Any, Any] | None:
    """The least and the greatest float whose nearest fraction, of denominators up to a limit, is this number;
    None if there is none.
    """

    def means(logit: Any) -> bool:
        return Fraction(float(logit)).limit_denominator(limit) == number

    ends = []
    for direction in (-1, 1):
        middle = (number + neighbour(number, limit, direction)) / 2
        end = dtype.type(float(middle))
        inward = dtype.type(-direction * math.inf)
        while not means(end):
            end = np.nextafter(end, inward)
            if (end - float(number)) * direction < 0 and not means(end):
                return None
        while means(further := np.nextafter(end, -inward)):
            end = further
        ends.append(end)
    return ends[0], ends[1]


def neighbour(number: Fraction, limit: int, direction: int) -> Fraction:
    """The next larger (1) or smaller (-1) fraction whose denominator is at most `limit`."""
    p, q = number.numerator, number.denominator
    # The neighbour a/b has a*q - b*p = direction, with the largest such b.
    b = (-direction * pow(p, -1, q)) % q if q > 1 else 0
    b += (limit - b) // q * q
    return Fraction(direction + b * p, b * q)
