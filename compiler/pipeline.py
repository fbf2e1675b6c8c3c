"""The passes, top to bottom: from an s-op to a model."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from compiler import texts
from compiler.advice.excess import excess
from compiler.advice.refusing import what_works
from compiler.advice.unanswered import explain, refuse_without_answers, unanswered
from compiler.certificate.claiming import Claiming
from compiler.certificate.claims_json import to_data
from compiler.graph.building import Built, build, builds
from compiler.graph.terms import Term
from compiler.layout.assembly import Stored
from compiler.layout.schedule import Schedule
from compiler.lowering.operations import Lowered
from compiler.precision import Dtype
from compiler.program.provenance import (
    sops_of_nodes,
    spans_of_sops,
    statements,
    written_sources,
    written_text,
)
from compiler.program.saving import Saved, as_saved
from compiler.request import Basis, Heads, Request, Style, request
from compiler.soft.choosing import soft_model
from compiler.underway import Told, Watch
from compiler.values.settling import Settled, settle
from compiler.values.unproved import advice_on
from compiler.ways import Carried, cheapest_of
from rasp.advice.checking import check_causal
from rasp.errors import CompileError, TooLargeError
from rasp.graph.atoms import shown
from rasp.graph.sops import Selector, SOp
from rasp.session import Program
from rasp.words import Atom
from runtime.inspection.costs import Excess
from runtime.saving.certificate import Certificate
from runtime.sources import grid_said
from runtime.weights import Config, Weights

if TYPE_CHECKING:
    from runtime.model import Model, Warned


ROUNDED = "what rounding could make wrong"
"""Why a model is refused that is not certified."""


@dataclass(frozen=True, eq=False)
class Compiled:
    """Every stage of one compilation."""

    sop: SOp
    asked: Request
    built: Built
    carried: Carried

    @property
    def settled(self) -> Settled:
        """What every s-op can be; reads that heads can do."""
        return self.carried.settled

    @property
    def lowered(self) -> Lowered:
        """Heads and neurons on named columns."""
        return self.carried.lowered

    @property
    def schedule(self) -> Schedule:
        """When."""
        return self.carried.schedule

    @property
    def stored(self) -> Stored:
        """Where."""
        return self.carried.stored


REFUSED = "refused"
"""With this word the step begins in which it is looked for what works instead."""


def run(sop: SOp, asked: Request, watch: Watch | None = None) -> Compiled:
    """All passes; `watch` is told of each.

    Raises:
        CompileError: some part cannot be carried exactly; the message names it and what would help.
    """
    check_sop(sop)
    built = builds(sop, asked)  # what is computed: terms, and the term of every node
    best = cheapest_of(built, asked, partial(builds, sop), watch)  # settled, lowered and laid out
    return Compiled(sop, asked, *best)


def compile(
    sop: SOp,
    vocab: Iterable[Atom | float],
    max_length: int,
    causal: bool = False,
    optimize: bool = True,
    dtype: Dtype = "float32",
    keep: Collection[str] = (),
    heads: Heads = "any",
    style: Style = "exact",
    basis: Basis = "fewest",
    progress: Told | None = None,
) -> Model:
    """The transformer that computes `sop` on every input over `vocab` of up to `max_length` tokens.

    `vocab`: the tokens, all strings, all numbers or all bools (a string stands for its characters);
    `max_length`: how many an input has at most, BOS not counted; with `causal`, a position sees only those up
    to its own; `dtype`: the number format of the weights, "float32" or "float64", which carries larger
    numbers exactly. `optimize=False` leaves the program's counting tricks as they are written (the general
    path). The s-ops named in `keep` get columns of their own, and what reads them is right for every
    combination of their values, so that `Model.intervene` can replace them. `heads="fewest"`: one head for
    each disjoint part of a selector, also where several, each for a digit, would make the model smaller.
    `style="soft"`: no weight is large and no score saturated, so that the model can be trained, disturbed and
    turned (`Model.rotate`); it is tried on inputs and not certified. `basis="one-hot"`: a column of a soft
    model for each value, also where no reader tells them apart.
    `progress` is called at each step, with an `Underway`. What there is to warn of is in `Model.warnings`.

    Raises:
        CompileError: some part cannot be carried exactly; the message names it and what would help.
    """
    asked = request(vocab, max_length, causal, optimize, dtype, keep, heads, style, basis)
    check_sop(sop)
    watch = Watch(progress)
    watch.step("whether it has answers")
    refuse_without_answers(sop, asked)
    if asked.style == "soft":
        return _compile_soft(sop, asked, watch)
    with _advising(sop, asked, watch):
        saved = as_saved(sop, asked)
        compiled, certificate = attempt(saved.sop, asked, watch)
        if not certificate.certified:
            raise _not_certified(saved.sop, certificate, compiled.settled)
    watch.step("the certificate's claims")
    stored, settled = compiled.stored, compiled.settled
    claiming = Claiming(compiled.lowered, compiled.schedule, stored.columns, settled)
    certificate = replace(certificate, claims=to_data(claiming.claims(asked.optimize)))
    model = _model(sop, saved, settled, stored.numbers, stored.config, stored.weights, certificate)
    found = excess(model.costs(), compiled.lowered, stored.numbers, settled.domains, model.spans)
    return replace(model, advice=partial(_warned, sop, asked, found))


def _compile_soft(sop: SOp, asked: Request, watch: Watch) -> Model:
    """The soft model that computes `sop`."""
    saved = as_saved(sop, asked)
    watch.step("what every value can be")
    settled = settle(build(saved.sop, asked), asked)
    config, weights, numbers, tried = soft_model(saved.sop, settled, asked, watch)
    model = _model(sop, saved, settled, numbers, config, weights, tried)
    return replace(model, advice=partial(_warned, sop, asked, None))


def _model(
    sop: SOp,
    saved: Saved,
    settled: Settled,
    numbers: Mapping[Term, int],
    config: Config,
    weights: Weights,
    certificate: Certificate,
) -> Model:
    """A model with all that is known of where it came from; `numbers`: those of its s-ops."""
    from runtime.model import Model  # loads JAX, which no pass needs

    became = sops_of_nodes(settled.terms, numbers)
    grid = grid_said(written_text(sop))
    config = replace(config, statements=statements(saved.program, settled.terms, numbers), grid=grid)
    of_written = {node: became.get(each, ()) for node, each in saved.nodes.items()}
    made = {line.node: number for number, line in enumerate(saved.program.lines)}
    places = {node: made[each] for node, each in saved.nodes.items() if each in made}
    sources = partial(written_sources, sop, of_written, places)
    return Model(config, weights, certificate, saved.program.text, sources, spans_of_sops(of_written))


def _warned(sop: SOp, asked: Request, found: Excess | None) -> list[Warned]:
    """All that there is to warn of. The interpreter is asked for it, which takes a moment."""
    without = unanswered(sop, asked)
    return [
        *(check_causal(sop) if asked.causal else []),
        *([] if found is None else [found]),
        *([] if without is None else [without]),
    ]


def attempt(sop: SOp, asked: Request, watch: Watch | None = None) -> tuple[Compiled, Certificate]:
    """A compilation and what can be said for it."""
    compiled = run(sop, asked, watch)
    return compiled, compiled.carried.certificate


def _not_certified(sop: SOp, certificate: Certificate, settled: Settled) -> TooLargeError:
    """The refusal of a model that rounding could make wrong."""
    return TooLargeError(
        f"{sop.name or 'the program'} is {certificate.summary}",
        reason=ROUNDED,
        span=sop.user_span,
        hint=advice_on(settled.root, settled.domains),
    )


@contextmanager
def _advising(sop: SOp, asked: Request, watch: Watch) -> Iterator[None]:
    """A refusal of what is too large says what works instead, which is tried first, and any other one why no
    input has an answer, if that is so.
    """
    try:
        yield
    except TooLargeError as error:
        watch.step(f"{REFUSED}; what works instead")
        works = what_works(asked, partial(_works, sop), error.likely)
        error.hint = works if error.hint is None else f"{error.hint}; {works}"
        raise
    except CompileError as error:
        explain(error, sop, asked)
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
    heads: Heads = "any",
    style: Style = "exact",
    basis: Basis = "fewest",
) -> str:
    """The text form of one `stage` of the compilation: one of `STAGES`.

    `sop`, `vocab`, `max_length`, `causal`, `optimize`, `dtype`, `keep`, `heads`, `style` and `basis` are
    those of `compile`.

    Raises:
        CompileError: there is no such stage, or some part cannot be carried exactly.
    """
    if not isinstance(stage, str) or stage not in STAGES:
        raise CompileError(f"there is no stage {shown(stage)}", hint=f"the stages are {', '.join(STAGES)}")
    asked = request(vocab, max_length, causal, optimize, dtype, keep, heads, style, basis)
    check_sop(sop)
    if asked.style == "soft":
        return _emit_soft(sop, stage, asked)
    with _advising(sop, asked, Watch()):
        return STAGES[stage](run(sop, asked))


def _emit_soft(sop: SOp, stage: str, asked: Request) -> str:
    """A stage of a soft compilation, of those that it has."""
    settled = settle(build(sop, asked), asked)
    if stage == "graph":
        return texts.graph(settled.root)
    if stage == "domains":
        return texts.domains(settled.root, settled.domains)
    if stage == "weights":
        return texts.weights(*soft_model(sop, settled, asked, Watch())[:2])
    raise CompileError(f"the soft style has no stage {stage}", hint="it has graph, domains and weights")


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
