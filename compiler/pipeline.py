"""The passes, top to bottom: from an s-op to a model."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import partial

from compiler import texts
from compiler.certificate.bounds import certify
from compiler.certificate.claiming import Claiming
from compiler.certificate.claims_json import to_data
from compiler.graph.building import build
from compiler.graph.terms import Graph, Term
from compiler.layout.assembly import assemble
from compiler.layout.schedule import Schedule, assign_layers
from compiler.layout.sharing import share_places
from compiler.lowering.builder import lower
from compiler.lowering.operations import Lowered
from compiler.precision import PRECISIONS, Dtype
from compiler.program.provenance import written_sources
from compiler.program.saving import as_saved, saved_text
from compiler.values.inference import Domains
from compiler.values.settling import settle
from rasp.errors import CompileError
from rasp.graph.atoms import shown
from rasp.graph.sops import SOp
from rasp.words import Atom
from runtime import Certificate, Model
from runtime.weights import Config, Weights

MAX_SIZE = 1 << 14
"""The largest vocabulary and the largest length that are tried at all."""


@dataclass(frozen=True, eq=False)
class Compiled:
    """Every stage of one compilation; `places` tells why columns lie where they do."""

    root: Term
    domains: Domains
    lowered: Lowered
    schedule: Schedule
    config: Config
    weights: Weights
    places: str


def compile(
    sop: SOp,
    vocab: Iterable[Atom | float],
    max_length: int,
    causal: bool = False,
    optimize: bool = True,
    dtype: Dtype = "float32",
    keep: Collection[str] = (),
) -> Model:
    """The transformer that computes an s-op on every input over `vocab` of up to `max_length` tokens.

    `optimize=False` leaves the program's counting tricks as they are written (the general path). The s-ops
    named in `keep` get columns of their own, and what reads them is right for every combination of their
    values, so that `Model.intervene` can replace them.

    Raises:
        CompileError: some part cannot be carried exactly; the message names it and what would help.
    """
    tokens = check_vocabulary(vocab)
    check_request(sop, max_length, dtype)
    written, sop = sop, as_saved(sop, tokens, max_length, causal)

    def attempt(length: int, dtype: Dtype) -> tuple[Compiled, Certificate]:
        compiled = run(sop, tokens, length, causal, optimize, dtype, keep)
        return compiled, certify(compiled.lowered, compiled.schedule, compiled.domains)

    compiled, certificate = attempt(max_length, dtype)
    if not certificate.certified:
        raise _not_certified(sop, certificate, max_length, dtype, attempt)
    claiming = Claiming(compiled.lowered, compiled.schedule, compiled.config, compiled.domains)
    certificate = replace(certificate, claims=to_data(claiming.claims(optimize)))
    text = saved_text(sop, tokens, max_length, causal)
    return Model(compiled.config, compiled.weights, certificate, text, partial(written_sources, written))


Attempt = Callable[[int, Dtype], tuple[Compiled, Certificate]]


def _not_certified(
    sop: SOp, certificate: Certificate, max_length: int, dtype: Dtype, attempt: Attempt
) -> CompileError:
    """The refusal of a model that rounding could make wrong, with what would work instead."""
    works, fails = 0, max_length
    while fails - works > 1:
        middle = (works + fails) // 2
        works, fails = (middle, fails) if attempt(middle, dtype)[1].certified else (works, middle)
    hint = f"a maximum length of {works} would work" if works else "no length would work"
    if dtype == "float32" and attempt(max_length, "float64")[1].certified:
        hint += ', and so would dtype="float64"'
    return CompileError(f"{sop.name or 'the program'} is {certificate.summary}", span=sop.place, hint=hint)


def run(
    sop: SOp,
    vocab: Sequence[Atom],
    max_length: int,
    causal: bool = False,
    optimize: bool = True,
    dtype: Dtype = "float32",
    keep: Collection[str] = (),
) -> Compiled:
    """All passes."""
    check_request(sop, max_length, dtype)
    precision = PRECISIONS[dtype]
    graph = Graph(causal, numeric_tokens=not any(isinstance(t, str) for t in vocab))
    root = build(graph, sop, optimize, keep)
    root, domains = settle(graph, root, lambda root: Domains(root, vocab, max_length, causal, precision))
    lowered = lower(root, domains)
    schedule = assign_layers(lowered)
    config, weights = assemble(lowered, schedule, vocab, max_length, causal, precision)
    places = "every column has a place of its own"
    if optimize:
        config, weights, places = share_places(lowered, schedule, config, weights)
    return Compiled(root, domains, lowered, schedule, config, weights, places)


STAGES: dict[str, Callable[[Compiled], str]] = {
    "graph": lambda c: texts.graph(c.root),
    "domains": lambda c: texts.domains(c.root, c.domains),
    "schedule": lambda c: texts.schedule(c.lowered, c.schedule),
    "layout": lambda c: texts.layout(c.config, c.lowered, c.places),
    "weights": lambda c: texts.weights(c.config, c.weights),
}
"""The text form of each stage, by the name that `--emit` takes."""


def emit(sop: SOp, stage: str, vocab: Iterable[Atom | float], max_length: int, causal: bool = False) -> str:
    """The text form of one stage of the compilation."""
    if not isinstance(stage, str) or stage not in STAGES:
        raise CompileError(f"there is no stage {shown(stage)}", hint=f"the stages are {', '.join(STAGES)}")
    return STAGES[stage](run(sop, check_vocabulary(vocab), max_length, causal))


def check_request(sop: SOp, max_length: int, dtype: Dtype) -> None:
    """Raise CompileError unless this is something that can be asked for."""
    if not isinstance(sop, SOp):
        raise CompileError(f"only an s-op can be compiled, not {type(sop).__name__}")
    if isinstance(max_length, bool) or not isinstance(max_length, int) or max_length < 1:
        raise CompileError(
            f"the maximum length must be a whole number of at least 1, not {shown(max_length)}"
        )
    if max_length > MAX_SIZE:
        raise CompileError(f"the maximum length is {shown(max_length)}, and at most {MAX_SIZE:,} is possible")
    if not isinstance(dtype, str) or dtype not in PRECISIONS:
        raise CompileError(f"there is no number format {shown(dtype)}", hint=f"use {' or '.join(PRECISIONS)}")


def check_vocabulary(vocab: Iterable[Atom | float]) -> tuple[Atom, ...]:
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
