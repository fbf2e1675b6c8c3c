"""The passes, top to bottom: from an s-op to a model."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from compiler import texts
from compiler.advice.excess import excess
from compiler.advice.refusing import what_works
from compiler.certificate.bounds import certify
from compiler.certificate.claiming import Claiming
from compiler.certificate.claims_json import to_data
from compiler.graph.building import Built, build
from compiler.graph.terms import Kind, reachable
from compiler.layout.assembly import Stored, assemble
from compiler.layout.schedule import Schedule, assign_layers
from compiler.layout.sharing import share_places
from compiler.lowering.builder import lower
from compiler.lowering.operations import Gate, Lowered
from compiler.precision import Dtype
from compiler.program.provenance import sops_of_nodes, spans_of_sops, statements, written_sources
from compiler.program.saving import as_saved
from compiler.request import Request, request
from compiler.values.settling import WAYS, Settled, Way, counted_selectors, settle
from compiler.values.unproved import advice_on
from rasp.errors import CompileError, TooLargeError
from rasp.graph.atoms import shown
from rasp.graph.sops import Selector, SOp
from rasp.session import Program
from rasp.words import Atom
from runtime.saving.certificate import Certificate
from runtime.weights import size

if TYPE_CHECKING:
    from runtime.model import Model


ROUNDED = "what rounding could make wrong"
"""Why a model is refused that is not certified."""


@dataclass(frozen=True, eq=False)
class Compiled:
    """Every stage of one compilation."""

    sop: SOp
    asked: Request
    built: Built
    settled: Settled
    lowered: Lowered
    schedule: Schedule
    stored: Stored


def run(sop: SOp, asked: Request) -> Compiled:
    """All passes.

    Raises:
        CompileError: some part cannot be carried exactly; the message names it and what would help.
    """
    check_sop(sop)
    built = build(sop, asked)  # what is computed: terms, and the term of every node
    found, refused = list[Compiled](), None
    for ways in (frozenset[Way](), *other_ways(built, asked)):
        try:
            settled = settle(built, asked, ways)  # what every s-op can be; reads that heads can do
            if all(settled.root is not other.settled.root for other in found):
                found.append(one_way(sop, asked, built, settled))
        except CompileError as error:
            refused = refused or error
    if refused is not None and not found:
        raise refused
    return min(found, key=lambda one: badness((one.lowered, one.schedule, one.stored), one.settled))


def one_way(sop: SOp, asked: Request, built: Built, settled: Settled) -> Compiled:
    """The passes after a program is settled, in one of the ways in which it can be.

    Raises:
        CompileError: some part cannot be carried exactly.
    """
    lowered = lower(settled.root, settled.domains)  # heads and neurons on named columns
    laid_out = lay_out(lowered, asked)
    if any(isinstance(neurons, Gate) for neurons in lowered.hidden):
        laid_out = smaller(laid_out, settled, asked)
    return Compiled(sop, asked, built, settled, *laid_out)


def other_ways(built: Built, asked: Request) -> Iterator[Collection[Way]]:
    """The ways in which a program may be settled besides."""
    asking = {term.args[0].index for term in reachable(built.root) if term.kind is Kind.EXISTS}
    counted = not asking.isdisjoint(counted_selectors(built.root))
    if asked.optimize and asking:
        yield from (ways for ways in WAYS if counted or "counted" not in ways)


def badness(model: LaidOut, settled: Settled) -> tuple[bool, int, int]:
    """What is certified, of few layers and small comes first."""
    lowered, schedule, stored = model
    certified = certify(lowered, schedule, settled.domains).certified
    return not certified, schedule.depth, size(stored.weights).parameters


LaidOut = tuple[Lowered, Schedule, Stored]


def lay_out(lowered: Lowered, asked: Request) -> LaidOut:
    """A lowered program as layers and weights."""
    schedule = assign_layers(lowered)  # when
    assembled = assemble(lowered, schedule, asked)  # where
    stored = share_places(lowered, schedule, assembled) if asked.optimize else assembled
    return lowered, schedule, stored


def smaller(gated: LaidOut, settled: Settled, asked: Request) -> LaidOut:
    """The model with gates, unless with tables in their place it has fewer layers or parameters."""
    try:
        tables = lay_out(lower(settled.root, settled.domains, tables_first=True), asked)
    except CompileError:
        return gated

    return min(gated, tables, key=partial(badness, settled=settled))


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
    from runtime.model import Model  # loads JAX, which no pass needs

    asked = request(vocab, max_length, causal, optimize, dtype, keep)
    check_sop(sop)
    with _advising(sop, asked):
        saved = as_saved(sop, asked)
        compiled, certificate = attempt(saved.sop, asked)
        if not certificate.certified:
            raise _not_certified(saved.sop, certificate, compiled.settled)
    stored, domains = compiled.stored, compiled.settled.domains
    claiming = Claiming(compiled.lowered, compiled.schedule, stored.columns, domains)
    certificate = replace(certificate, claims=to_data(claiming.claims(asked.optimize, compiled.settled.ways)))
    became = sops_of_nodes(compiled.settled.terms, stored.numbers)
    config = replace(stored.config, statements=statements(saved.program, became))
    of_written = {node: became.get(each, ()) for node, each in saved.nodes.items()}
    sources = partial(written_sources, sop, of_written)
    spans = spans_of_sops(of_written)
    model = Model(config, stored.weights, certificate, saved.program.text, sources, spans)
    found = excess(model.costs(), compiled.lowered, stored.numbers, domains, spans)
    return model if found is None else replace(model, warnings=(found,))


def attempt(sop: SOp, asked: Request) -> tuple[Compiled, Certificate]:
    """A compilation and what can be said for it."""
    compiled = run(sop, asked)
    return compiled, certify(compiled.lowered, compiled.schedule, compiled.settled.domains)


def _not_certified(sop: SOp, certificate: Certificate, settled: Settled) -> TooLargeError:
    """The refusal of a model that rounding could make wrong."""
    return TooLargeError(
        f"{sop.name or 'the program'} is {certificate.summary}",
        reason=ROUNDED,
        span=sop.user_span,
        hint=advice_on(settled.root, settled.domains),
    )


@contextmanager
def _advising(sop: SOp, asked: Request) -> Iterator[None]:
    """A refusal of what is too large says what works instead, which is tried first."""
    try:
        yield
    except TooLargeError as error:
        works = what_works(asked, partial(_works, sop), error.likely)
        error.hint = works if error.hint is None else f"{error.hint}; {works}"
        raise


def _works(sop: SOp, asked: Request) -> bool:
    """Whether an s-op compiles and is certified."""
    try:
        return attempt(as_saved(sop, asked).sop, asked)[1].certified
    except CompileError:
        return False


STAGES: dict[str, Callable[[Compiled], str]] = {
    "graph": lambda c: texts.graph(c.settled.root),
    "domains": lambda c: texts.domains(c.settled.root, c.settled.domains),
    "schedule": lambda c: texts.schedule(c.lowered, c.schedule),
    "layout": lambda c: texts.layout(c.stored, c.lowered),
    "weights": lambda c: texts.weights(c.stored.config, c.stored.weights),
}
"""The text form of each stage, by the name that `--emit` takes."""


def emit(
    sop: SOp,
    stage: str,
    vocab: Iterable[Atom | float],
    max_length: int,
    causal: bool = False,
    optimize: bool = True,
    dtype: Dtype = "float32",
    keep: Collection[str] = (),
) -> str:
    """The text form of one stage of the compilation (what is asked for as in `compile`).

    Raises:
        CompileError: there is no such stage, or some part cannot be carried exactly.
    """
    if not isinstance(stage, str) or stage not in STAGES:
        raise CompileError(f"there is no stage {shown(stage)}", hint=f"the stages are {', '.join(STAGES)}")
    asked = request(vocab, max_length, causal, optimize, dtype, keep)
    check_sop(sop)
    with _advising(sop, asked):
        return STAGES[stage](run(sop, asked))


def check_sop(sop: object) -> None:
    """Raise CompileError for what is no s-op."""
    if not isinstance(sop, SOp):
        raise CompileError(f"only an s-op can be compiled, not {type(sop).__name__}", hint=hint_for(sop))


def hint_for(given: object) -> str | None:
    """What to give instead."""
    if isinstance(given, Program):
        return "give one of its s-ops: program.main is the one that it is about"
    if isinstance(given, str):
        return "load the program first: rasp.load(name).main, or rasp.parse(source).main"
    return (
        "aggregate(selector, values) and selector_width(selector) are s-ops"
        if isinstance(given, Selector)
        else None
    )
