"""Is a model what its certificate says? Proved again from the weights alone, sublayer by sublayer.

Nothing here shares code with what chose the weights. The certificate claims which terms the program's text
became and by which steps, which values every s-op can take, and which s-op each column holds. The steps, the
values and what is said of selections are shown (`derivation`). Then, by induction over the sublayers: if the
columns written so far hold what is claimed, at every position of every input, so do the ones written next,
because the weights as they are (not as they were meant) make it so for every value that can occur. At the
end, every value of the output is decoded to itself. Positions of inputs on which the program has no value are
nothing that a certificate speaks about.

It is trusted: how s-ops are taken apart into sums and cases (`compiler.ranges`), the language itself with the
interpreter's `apply`, that the runtime's operations are those of the model's number format (with an `exp`
that errs by no more than `compiler.rounding.EXP_ROUNDINGS` roundings; numbers that are not normal may be
taken for 0), and this code.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

from compiler.certificate.claims import Claims, numbered
from compiler.certificate.claims_json import from_data
from compiler.certificate.needs import Needs
from compiler.graph.keeping import kept_nodes
from compiler.graph.terms import Graph, Term
from compiler.precision import PRECISIONS
from compiler.program.writing import says_the_same
from compiler.rechecking.attention import check_attention
from compiler.rechecking.claimed import Claimed
from compiler.rechecking.coverage import check_coverage
from compiler.rechecking.derivation.known import Known
from compiler.rechecking.derivation.selections import Selections
from compiler.rechecking.derivation.text import require_text
from compiler.rechecking.derivation.values import Closed
from compiler.rechecking.ends import check_embeddings, check_kept, check_output
from compiler.rechecking.machine import check_machine
from compiler.rechecking.needs import require_named
from compiler.rechecking.neurons import check_neurons, learn_constants
from compiler.rechecking.places import check_places
from compiler.rechecking.report import Recheck, Steps, Unproved
from compiler.rechecking.saved import Saved
from compiler.rechecking.stream import Stream
from compiler.request import Request
from compiler.underway import Told, Watch
from rasp import parse
from rasp.errors import InputError, RaspError
from rasp.graph.atoms import shown
from rasp.graph.sops import Node, SOp, in_order
from runtime.places import apart
from runtime.weights import Config, check

if TYPE_CHECKING:
    from runtime.model import Model


SOFT = "a soft model is tried on inputs, never proved; compile the program in the exact style for a proof"


def recheck(model: Model, sop: SOp | None = None, progress: Told | None = None) -> Recheck:
    """Prove, from its weights, that `model` computes the s-op `sop` (without one: the program saved with it),
    or say what cannot be shown. `progress` is called at each step, with an `Underway`. Raises InputError for
    what is no model or no s-op.
    """
    from runtime.model import Model  # loads JAX, which no proof needs

    if not isinstance(model, Model):
        raise InputError(f"what is checked again is a model, not {shown(model)}")
    if sop is not None and not isinstance(sop, SOp):
        raise InputError(f"a model computes an s-op, not {shown(sop)}")
    if sop is not None and not says_the_same(sop):
        from compiler.program.saving import as_saved  # finds out what functions given in Python are

        sop = as_saved(sop, asked_for(model.config, optimize=True)).sop
    return prove(Saved(model.config, model.weights, model.certificate.claims, model.program), sop, progress)


def prove(model: Saved, sop: SOp | None = None, progress: Told | None = None) -> Recheck:
    """`recheck`, of what was read from a folder: no JAX is needed for it."""
    steps = Steps("model")
    try:
        needs = _prove(model, sop, steps, Watch(progress))
    except Unproved as problem:
        return Recheck(tuple(steps.done), f"{steps.where}: {problem}")
    except RaspError as error:
        return Recheck(tuple(steps.done), f"{steps.where}: {error.message}")
    except OverflowError:
        return Recheck(
            tuple(steps.done), f"{steps.where}: something is claimed with numbers too large for floats"
        )
    return Recheck(tuple(steps.done), None, needs)


def _prove(model: Saved, sop: SOp | None, steps: Steps, watch: Watch) -> Needs:
    if model.config.dtype not in PRECISIONS:
        raise Unproved(f"nothing is known of numbers that are {model.config.dtype}")
    if model.config.style == "soft":
        raise Unproved(SOFT)
    if not model.claims:
        raise Unproved("the certificate claims nothing about the weights")
    check(model.config, model.weights)
    claims = from_data(model.claims)
    config, weights = apart(model.config, model.weights)  # as it is now: `model.apart` is cached
    watch.step("what every value can be")
    asked = asked_for(config, claims.optimize)
    program = parse(model.program).main if sop is None else sop
    steps.where = "text"
    graph, root, rounds, claimed = rebuilt(claims, asked)
    known = Known(claimed)
    require_text(program, kept_of(program, asked.keep), graph, rounds, root, known)
    steps.where = "selections"
    Selections(graph, known, asked).require(root)
    steps.where = "values"
    Closed(claimed).require([root, *known.asked])
    stream = Stream(config, weights, claimed, numbered(root), claims)
    steps.where = "numbers"
    check_machine(stream)
    steps.where = "constants"
    learn_constants(stream, claims.constants)
    steps.where = "embeddings"
    check_embeddings(stream)
    check_coverage(stream, claims.heads)
    for number in range(1, len(weights.layers) + 1):
        watch.step(f"layer {number} of {len(weights.layers)}")
        _prove_layer(stream, number, claims, steps)
    watch.step("the output")
    steps.where = "kept s-ops"
    check_kept(stream)
    steps.where = "shared places"
    check_places(stream, model.config)
    steps.where = "output"
    check_output(stream, root, steps)
    steps.where = "needs"
    needs = stream.needed.all(config.dtype)
    require_named(claims.needs, needs)
    return needs


def _prove_layer(stream: Stream, number: int, claims: Claims, steps: Steps) -> None:
    steps.where = f"layer {number} attention"
    check_attention(stream, number, claims.heads, steps)
    steps.where = f"layer {number} MLP"
    check_neurons(stream, number, [t for t in claims.hidden if t.layer == number], steps)


def asked_for(config: Config, optimize: bool) -> Request:
    """What the model was compiled for."""
    kept = tuple(kept.name for kept in config.kept)
    return Request(config.vocab, config.max_length, config.causal, optimize, config.dtype, kept)


def kept_of(program: SOp, names: Collection[str]) -> dict[Node, str]:
    """The s-ops of a program that are kept, each under its name; some names cannot be assigned in a text."""
    known = {node.name for node in in_order(program)}
    found = {name if name in known else f"{name}_": name for name in names}
    return {node: found[node.name or ""] for node in kept_nodes(program, found)}


def rebuilt(claims: Claims, asked: Request) -> tuple[Graph, Term, list[dict[Term, Term]], Claimed]:
    """The terms that a certificate speaks of in a graph of their own: the one that is compiled, which were
    replaced by which, and what is claimed of the values of s-ops.
    """
    derived = claims.derived
    if derived is None:
        raise Unproved("the certificate does not say what became of the program's text; compile it again")
    graph = Graph(asked.causal, asked.numeric_tokens)
    terms = derived.made(graph)
    rounds = [{terms[a]: terms[b] for a, b in each.items()} for each in derived.rounds]
    return graph, terms[derived.root], rounds, Claimed(derived, terms, asked)
