"""Inputs on which a program itself has no answer: none of them is what a certificate speaks of.

The interpreter is asked, so what is said here holds, whatever the passes make of the program.
"""

from __future__ import annotations

import contextlib
import random
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from compiler.request import Request
from rasp.errors import CompileError, EvaluationError, Span, warning_text
from rasp.graph.interpreter import evaluate, node_values
from rasp.graph.sops import Elementwise, Node, SOp, in_order, operands
from rasp.graph.values import input_sequence
from rasp.inputs import random_inputs
from rasp.notation import dump_json, show_atom
from rasp.words import Atom

SINGLES, OTHERS, LONGEST = 64, 32, 8
"""How many inputs of one token are tried, how many others, and how long those are at most."""

SHOWN = 8
"""Of the tokens that have no answer alone."""


@dataclass(frozen=True)
class Unanswered:
    """How many of the inputs tried have no answer, one of them, and why; `lacking`: the tokens that have none
    alone. `str()` is the whole warning, in the form that errors have.
    """

    count: int
    tried: int
    example: tuple[Atom, ...]
    lacking: tuple[Atom, ...]
    reason: str
    span: Span | None

    hint = "what the model answers there means nothing, and its certificate does not speak of it"

    @property
    def message(self) -> str:
        """How many, and an example."""
        some = " ".join(show_atom(token, quoted=True) for token in self.lacking[:SHOWN])
        more = " ..." if len(self.lacking) > SHOWN else ""
        tokens = f"; the tokens without an answer: {some}{more}" if self.lacking else ""
        return (
            f"the program has no answer on {self.count} of {self.tried} inputs tried, such as "
            f"{dump_json(list(self.example))}: {self.reason}{tokens}"
        )

    def __str__(self) -> str:
        return warning_text(self.message, self.span, self.hint)


def refuse_without_answers(sop: SOp, asked: Request) -> None:
    """Raise CompileError if no input at all has an answer, as far as that follows from the first position,
    which every input has.
    """
    node = first_without_value(sop, asked)
    if node is None:
        return
    error = failure(node, [asked.vocab[-1]], asked)
    assert error is not None, node
    other = failure(node, [asked.vocab[0]], asked)
    about_tokens = other is not None and other.message != error.message
    raise CompileError(
        f"the program has no answer on any input: {error.message}",
        span=error.span or sop.user_span,
        hint=_first_position_hint(error.hint, about_tokens),
    )


def _first_position_hint(hint: str | None, about_tokens: bool) -> str:
    """What to change where the first position, and so every input, has no value."""
    if about_tokens and hint is None:
        return "no token of the vocabulary has a value there: take other tokens, or change what is computed"
    return f"every input has a first position; {hint or 'change what is computed there'}"


def explain(refused: CompileError, sop: SOp, asked: Request) -> None:
    """Where no input tried has an answer, the refusal also tells why and what to change, as a run does."""
    without = unanswered(sop, asked)
    if without is None or without.count < without.tried:
        return
    error = failure(sop, without.example, asked)
    assert error is not None, sop
    refused.message += f"; on {dump_json(list(without.example))}: {error.message}"
    refused.hint = error.hint or refused.hint


def first_without_value(sop: SOp, asked: Request) -> SOp | None:
    """The first s-op that has no value at the first position, whatever the token there, of those that depend
    on nothing else.

    Each token is tried on all of them at once, so that a long program costs no more than its length.
    """
    unread = unread_nodes(sop)
    pending = [node for node in in_order(sop) if isinstance(node, Elementwise) and node in unread]
    for token in asked.vocab:
        if not pending:
            return None
        values = _values_at(token, in_order(*pending), asked)
        pending = [node for node in pending if node not in values]
    return pending[0] if pending else None


def _values_at(token: Atom, nodes: Iterable[Node], asked: Request) -> Mapping[Node, list[Atom]]:
    """What has a value at the first position, where the token is; operands come first."""
    values: dict[Node, list[Atom]] = {}
    sequence = input_sequence([token])
    for node in nodes:
        if all(each in values for each in operands(node)):
            with contextlib.suppress(EvaluationError):
                values[node] = node_values(node, sequence, values, asked.causal)
    return values


def unread_nodes(sop: SOp) -> set[Node]:
    """The s-ops that depend on token and position alone, and on nothing at other positions."""
    found: set[Node] = set()
    for node in in_order(sop):
        below = operands(node)
        if all(each in found for each in below) and (isinstance(node, Elementwise) or not below):
            found.add(node)
    return found


def failure(sop: SOp, tokens: Sequence[Atom], asked: Request) -> EvaluationError | None:
    """Why there is no answer; None if there is one."""
    try:
        evaluate(sop, list(tokens), causal=asked.causal)
    except EvaluationError as error:
        return error
    return None


def unanswered(sop: SOp, asked: Request) -> Unanswered | None:
    """What there is to warn of, from a few inputs; None if all of them have an answer."""
    inputs = list(tried(asked))
    failures = [(tokens, error) for tokens in inputs if (error := failure(sop, tokens, asked)) is not None]
    if not failures:
        return None
    example, error = failures[0]
    lacking = tuple(dict.fromkeys(tokens[0] for tokens, _ in failures if len(tokens) == 1))
    every = len(lacking) == len({tokens[0] for tokens in inputs if len(tokens) == 1})
    return Unanswered(
        len(failures), len(inputs), tuple(example), () if every else lacking, error.message, error.span
    )


def tried(asked: Request) -> Iterator[list[Atom]]:
    """Tokens alone, and a few longer inputs, the same at every compilation."""
    step = max(1, len(asked.vocab) // SINGLES)
    yield from ([token] for token in asked.vocab[::step])
    longest = min(asked.max_length, LONGEST)
    yield from random_inputs(random.Random(0), asked.vocab, longest, OTHERS)
