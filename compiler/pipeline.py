"""The passes, top to bottom: from an s-op to a model."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from compiler import dumps
from compiler.assemble import assemble
from compiler.certificate import certify
from compiler.domains import Domains
from compiler.graph import Graph, Term, post_order
from compiler.lower import lower
from compiler.ops import Lowered
from compiler.parts import settle
from compiler.schedule import Schedule, assign_layers
from compiler.simplify import build
from compiler.source import program_text
from rasp.errors import CompileError
from rasp.sops import Atom, Map, Node, SOp
from runtime import Model
from runtime.weights import Config, Weights

Dtype = Literal["float32", "float64"]


@dataclass(frozen=True, eq=False)
class Compiled:
    """Every stage of one compilation."""

    root: Term
    domains: Domains
    lowered: Lowered
    schedule: Schedule
    config: Config
    weights: Weights


def compile(
    sop: SOp,
    vocab: Iterable[Atom | float],
    max_length: int,
    causal: bool = False,
    optimize: bool = True,
    dtype: Dtype = "float32",
) -> Model:
    """The transformer that computes an s-op on every input over `vocab` of up to `max_length` tokens.

    `optimize=False` leaves the program's counting tricks as they are written (the general path).

    Raises:
        CompileError: some part cannot be carried exactly; the message names it and what would help.
    """
    tokens = check_vocabulary(vocab)
    compiled = run(sop, tokens, max_length, causal, optimize, dtype)
    certificate = certify(compiled.lowered, compiled.schedule, max_length)
    if not certificate.certified:
        raise CompileError(f"{compiled.root.title}: {certificate.summary}", span=sop.span)
    text = program_text(sop, _argument_values(sop, tokens, max_length, causal))
    return Model(compiled.config, compiled.weights, certificate, text)


def run(
    sop: SOp,
    vocab: Sequence[Atom],
    max_length: int,
    causal: bool = False,
    optimize: bool = True,
    dtype: Dtype = "float32",
) -> Compiled:
    """All passes."""
    if not isinstance(sop, SOp):
        raise CompileError(f"only an s-op can be compiled, not {type(sop).__name__}")
    if isinstance(max_length, bool) or not isinstance(max_length, int) or max_length < 1:
        raise CompileError(f"the maximum length must be a whole number of at least 1, not {max_length!r}")
    graph = Graph(causal, numeric_tokens=not any(isinstance(t, str) for t in vocab))
    root = build(graph, sop, optimize)
    root, domains = settle(graph, root, lambda root: Domains(root, vocab, max_length, causal))
    lowered = lower(root, domains)
    schedule = assign_layers(lowered)
    config, weights = assemble(lowered, schedule, vocab, max_length, causal, dtype)
    return Compiled(root, domains, lowered, schedule, config, weights)


STAGES: dict[str, Callable[[Compiled], str]] = {
    "graph": lambda c: dumps.graph(c.root),
    "domains": lambda c: dumps.domains(c.root, c.domains),
    "schedule": lambda c: dumps.schedule(c.lowered, c.schedule),
    "layout": lambda c: dumps.layout(c.config, c.lowered),
    "weights": lambda c: dumps.weights(c.config, c.weights),
}
"""The text form of each stage, by the name that `--emit` takes."""


def emit(sop: SOp, stage: str, vocab: Iterable[Atom | float], max_length: int, causal: bool = False) -> str:
    """The text form of one stage of the compilation."""
    if stage not in STAGES:
        raise CompileError(f"there is no stage {stage!r}", hint=f"the stages are {', '.join(STAGES)}")
    return STAGES[stage](run(sop, check_vocabulary(vocab), max_length, causal))


def check_vocabulary(vocab: Iterable[Atom | float]) -> tuple[Atom, ...]:
    """The vocabulary as atoms: distinct, all strings or all numbers or all truth values."""
    tokens = tuple(Fraction(repr(t)) if isinstance(t, float) else t for t in _finite(vocab))
    if not tokens:
        raise CompileError("the vocabulary is empty")
    kinds = {_kind_of(t) for t in tokens}
    if len(kinds) > 1:
        raise CompileError(
            f"the vocabulary mixes {' and '.join(sorted(kinds))}", hint="use tokens of one type only"
        )
    if len(set(tokens)) < len(tokens):
        double = next(t for i, t in enumerate(tokens) if t in tokens[:i])
        raise CompileError(f"the vocabulary holds {double!r} twice")
    return tokens


def _finite(vocab: Iterable[Atom | float]) -> list[Atom | float]:
    tokens = list(vocab)
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
    raise CompileError(f"a token is a string, a number or a truth value, not {token!r}")


def _argument_values(
    sop: SOp, vocab: Sequence[Atom], max_length: int, causal: bool
) -> dict[Node, Sequence[Atom]]:
    """What the arguments of functions given in Python can be, for writing those functions as look-ups."""
    arguments = [a for node in post_order(sop) if isinstance(node, Map) for a in node.args]
    result: dict[Node, Sequence[Atom]] = {}
    for argument in arguments:
        graph = Graph(causal)
        root = build(graph, argument, optimize=False)
        values = Domains(root, vocab, max_length, causal).get(root).listing
        if values is None:
            raise CompileError("a Python function is applied to too many values", span=argument.span)
        result[argument] = values
    return result
