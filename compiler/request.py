"""What is asked for: one value, checked when it is made, that travels whole through all passes."""

from __future__ import annotations

import itertools
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from compiler.precision import PRECISIONS, Dtype, Precision
from rasp.errors import CompileError
from rasp.graph.atoms import shown
from rasp.words import Atom

Heads = Literal["any", "fewest"]
"""How many heads a model may have."""

Style = Literal["exact", "soft"]
"""What weights are for: to be right, certified; or to be trained, disturbed and turned."""

Basis = Literal["fewest", "one-hot"]
"""The columns of a soft model: those that readers tell apart, or one for each value."""

MAX_SIZE = 1 << 14
"""The largest vocabulary and the largest length that are tried at all."""


@dataclass(frozen=True)
class Request:
    """What a program is to be compiled for.

    `vocab`: the tokens of inputs, `max_length`: how many of them an input has at most (BOS not counted),
    `causal`: whether a position sees only those up to its own, `optimize`: whether counting tricks are
    recognised, `dtype`: the number format of the weights, `keep`: names of s-ops that get columns of their
    own and can be replaced, `heads`: "fewest" for one head per disjoint part of a selector, "any" for as many
    as make the model smallest, `style`: "exact" or "soft", `basis`: which columns a soft model has.

    Raises:
        CompileError: nothing of the kind can be asked for; the message says what is wrong.
    """

    vocab: tuple[Atom, ...]
    max_length: int
    causal: bool = False
    optimize: bool = True
    dtype: Dtype = "float32"
    keep: tuple[str, ...] = ()
    heads: Heads = "any"
    style: Style = "exact"
    basis: Basis = "fewest"

    def __post_init__(self) -> None:
        object.__setattr__(self, "vocab", checked_vocabulary(self.vocab))
        check_length(self.max_length)
        for name in ("causal", "optimize"):
            if not isinstance(getattr(self, name), bool):
                raise CompileError(f"{name} is True or False, not {shown(getattr(self, name))}")
        if not isinstance(self.dtype, str) or self.dtype not in PRECISIONS:
            hint = f"use {' or '.join(PRECISIONS)}"
            raise CompileError(f"there is no number format {shown(self.dtype)}", hint=hint)
        object.__setattr__(self, "keep", checked_names(self.keep))
        if self.heads not in ("any", "fewest"):
            raise CompileError(f"there is no choice of heads {shown(self.heads)}", hint="use any or fewest")
        if self.style not in ("exact", "soft"):
            raise CompileError(f"there is no style {shown(self.style)}", hint="use exact or soft")
        if self.basis not in ("fewest", "one-hot"):
            raise CompileError(f"there is no basis {shown(self.basis)}", hint="use fewest or one-hot")
        if self.basis != "fewest" and self.style != "soft":
            raise CompileError("only a soft model has a choice of basis", hint="add style='soft'")

    @property
    def precision(self) -> Precision:
        """What the number format carries exactly."""
        return PRECISIONS[self.dtype]

    @property
    def numeric_tokens(self) -> bool:
        """Whether the tokens are numbers (or truth values), which can be added and averaged."""
        return not any(isinstance(token, str) for token in self.vocab)

    @property
    def whole_tokens(self) -> bool:
        """Whether the tokens are ints."""
        return all(type(token) is int for token in self.vocab)


def request(
    vocab: Iterable[Atom | float],
    max_length: int,
    causal: bool = False,
    optimize: bool = True,
    dtype: Dtype = "float32",
    keep: Collection[str] = (),
    heads: Heads = "any",
    style: Style = "exact",
    basis: Basis = "fewest",
) -> Request:
    """What users ask for, in the types that they may write it in; `Request` checks it."""
    return Request(vocab, max_length, causal, optimize, dtype, keep, heads, style, basis)  # type: ignore[arg-type]


def check_length(max_length: object) -> None:
    """Raise CompileError unless this can be the maximum length of an input."""
    if isinstance(max_length, bool) or not isinstance(max_length, int) or max_length < 1:
        raise CompileError(
            f"the maximum length must be a whole number of at least 1, not {shown(max_length)}"
        )
    if max_length > MAX_SIZE:
        raise CompileError(f"the maximum length is {shown(max_length)}, and at most {MAX_SIZE:,} is possible")


def checked_names(keep: object) -> tuple[str, ...]:
    """The names of s-ops to keep."""
    if isinstance(keep, str):
        raise CompileError("keep takes a list of names, not a string", hint=f"write keep=[{keep!r}]")
    if not isinstance(keep, Collection) or not all(isinstance(name, str) for name in keep):
        raise CompileError("keep takes a list of names of s-ops")
    return tuple(keep)


def checked_vocabulary(vocab: Iterable[Atom | float]) -> tuple[Atom, ...]:
    """The vocabulary as atoms: distinct, all strings or all numbers or all truth values."""
    if not isinstance(vocab, Iterable):
        raise CompileError(f"a vocabulary is a list of tokens, not {shown(vocab)}")
    tokens = tuple(Fraction(repr(t)) if isinstance(t, float) else t for t in _finite(vocab))
    if not tokens:
        raise CompileError("the vocabulary is empty")
    if len(tokens) > MAX_SIZE:
        raise CompileError(
            f"the vocabulary has more than {MAX_SIZE:,} tokens, which is the most there can be"
        )
    kinds = {_kind_of(t) for t in tokens}
    if len(kinds) > 1:
        raise CompileError(
            f"the vocabulary mixes {' and '.join(sorted(kinds))}", hint="use tokens of one type only"
        )
    if len(set(tokens)) < len(tokens):
        double = next(t for i, t in enumerate(tokens) if t in tokens[:i])
        raise CompileError(f"the vocabulary holds {shown(double)} twice")
    return tokens


def _finite(vocab: Iterable[Atom | float]) -> list[Atom | float]:
    tokens = list(itertools.islice(vocab, MAX_SIZE + 1))
    for token in tokens:
        if isinstance(token, float) and (token != token or token in (float("inf"), float("-inf"))):
            raise CompileError(f"{token} cannot be a token")
    return tokens


def _kind_of(token: object) -> str:
    if isinstance(token, bool):
        return "truth values"
    if isinstance(token, int | Fraction):
        return "numbers"
    if isinstance(token, str):
        return "strings"
    raise CompileError(f"a token is a string, a number or a truth value, not {shown(token)}")
