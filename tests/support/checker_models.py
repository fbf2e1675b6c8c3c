"""The models on which faults in the checker's own code are tried: right ones, forged ones, and questions.

Every model is given with what the checker, as it is, says of it.
"""

from __future__ import annotations

import random
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from itertools import islice, product
from types import FrameType
from typing import Any, cast

import numpy as np

import compiler
import rasp
from compiler.certificate.claims import Claims
from compiler.certificate.claims_json import to_data
from compiler.certificate.needs import Needs
from compiler.graph.terms import Graph
from compiler.rechecking import proof
from compiler.rechecking.claimed import Claimed
from compiler.rechecking.report import Step, Unproved
from compiler.rechecking.saved import Saved
from compiler.request import Request
from rasp.errors import ModelError
from rasp.graph.sops import SOp
from runtime import Model
from runtime.places import apart
from runtime.weights import Array, Layer
from tests.support.adversary import forged, other_claims, wrong_at_one_value
from tests.support.checker_claims import all_claims
from tests.support.checker_questions import COUNTS, all_asked
from tests.support.checker_statements import all_stated
from tests.support.forging import changed, with_layer, with_weights
from tests.support.gate_programs import gate_program
from tests.support.tampering import tampered

# The models ------------------------------------------------------------------------------------------


Verdict = tuple[str | None, Needs | None, tuple[Step, ...]]
"""Why a model is not proved, if it is not; with what needs it is; and by which bounds, as far as it is."""

Line = tuple[str, int]
"""A line of the checker: the file's name and the number."""

ALIKE = 5
"""So many forgeries are kept that the same line of the checker refuses."""


@dataclass(frozen=True)
class Tried:
    """A model, or some small questions, with what the checker as it is says, in how many seconds, and by
    which lines of its code; and in which line it refuses.
    """

    name: str
    ask: Callable[[], object]
    answer: object
    seconds: float
    lines: frozenset[Line]
    refused: Line | None = None


BEFORE = "before = select(indices, indices - 1, ==); near = aggregate(before, tokens_int, 0);\n"
FIRST = "earlier = select(tokens, tokens, ==) and select(indices, indices, <);\n"
ONE = "select(indices, indices, <)"
SO_FAR = "m = aggregate(select(indices, indices, <=), tokens);\n"
NUMBERS = (
    "least of many",
    "sums",
    "second",
    "gate of two",
    "gate of three",
    "means read on",
    "means rounded",
    "counts of counts",
)
"""Programs whose tokens are numbers; those of the others are characters."""

TEXTS: Mapping[str, tuple[str, str, int, bool]] = {
    "alternating": ('r = tokens if indices % 2 == 0 else "z";', "ab", 4, False),
    "modulo": ("r = (tokens_int + indices) % 3;", "012", 3, False),
    "mean": ("r = aggregate(select(tokens, tokens, ==), indices);", "ab", 4, False),
    "means compared": ("r = aggregate(select(indices, indices, <=), tokens_int) > 1 / 2;", "01", 9, False),
    "a mean of means": (f"r = aggregate({ONE}, aggregate(full_s, tokens_int), 1 / 2);", "01", 5, False),
    "many means": ("r = aggregate(select(indices, indices, <=), tokens_int) * 3 + 1;", "0123", 40, False),
    "first but": (f'r = aggregate({ONE}, tokens, "_") if indices == 1 else tokens;', "ab", 4, False),
    "exists": ('r = 1 if has_focus(select(tokens, "a", ==)) else 0;', "ab", 4, False),
    "gate": (
        f"{BEFORE}r = max(near, tokens_int) - min(near, 2) if near < indices else near;",
        "0123",
        5,
        False,
    ),
    "product": (f"{BEFORE}r = near * (tokens_int > 1) + (near == tokens_int);", "0123", 4, False),
    "wide gate": (f"{BEFORE}r = max(near + 40 * indices, 50 * tokens_int);", "0123", 200, False),
    "gate of two": (f"{COUNTS}r = max(c + indices, d);", "012", 40, False),
    "gate of three": (f"{COUNTS}r = c + indices if c < d else e - d;", "012", 40, False),
    "means read on": (f"{SO_FAR}r = m > 1 / 2;", "01", 40, False),
    "means rounded": (f"{SO_FAR}r = round(m * 3);", "012", 30, False),
    "is first": (f"{FIRST}r = not has_focus(earlier);", "abc", 4, False),
    "counts of counts": (f"{COUNTS}r = count(c, c) + (c < d and d < e);", "012", 40, False),
    "second": (f"r = aggregate(select(selector_width({ONE}), 1, ==), tokens, 9);", "0123", 4, False),
    "least": ('r = has_focus(select(tokens, "a", ==) and select(indices, indices, <));', "ab", 6, False),
    "least of many": (
        "f = (tokens - 2) * (tokens - 2); r = has_focus(select(f, f, <) and select(tokens, indices, ==));",
        "012345",
        4,
        False,
    ),
    "sums": ("r = 5000 * (count(tokens, 1) - count(tokens, 2)) + count(tokens, 3);", "0123", 5, False),
}
LIBRARY: Mapping[str, tuple[str, int, bool]] = {
    "reverse": ("ab", 4, False),
    "hist": ("ab", 4, False),
    "hist2": ("ab", 4, False),
    "rotate": ("ab", 4, False),
    "frac_prevs": ("ax", 20, True),
    "dyck1_ptf": ("()", 4, True),
    "majority": ("01", 4, False),
    "shift_right": ("ab", 40, False),
    "addition": ("01+=", 5, False),
    "windowed_sum": ("0123", 5, False),
    "sum_mod_7": ("0123", 4, False),
}
EDITED = ("hist", "mean", "digits", "gate of three")
"""Models about which something else is claimed."""

MISREAD_OF = ("hist", "kept", "digits", "gate of three", "gate of two", "many gates", "addition", "parts")
MISREAD = 12
"""Of which models so many misread something, at most."""

LONG = "parts"
"""The one model that takes long to prove: few are made of it."""


def honest() -> Iterator[tuple[str, Model, SOp]]:
    """Models that are right and proved."""
    for name, (text, vocab, length, causal) in TEXTS.items():
        numbers = [int(token) for token in vocab] if name in NUMBERS else vocab
        sop = rasp.parse(text if numbers is vocab else f"tokens = tokens_asis; {text}").main
        yield name, compiler.compile(sop, numbers, length, causal), sop
    for name, (vocab, length, causal) in LIBRARY.items():
        sop = rasp.load(name).main
        tokens = [int(token) for token in vocab] if vocab == "0123" else vocab
        yield name, compiler.compile(sop, tokens, length, causal), sop
    gates = gate_program(0)
    yield "many gates", compiler.compile(gates, range(12), 30), gates
    constant = gate_program(30)
    yield "gate with a constant", compiler.compile(constant, range(12), 30), constant
    sort = rasp.load("sort").main
    yield "kept", compiler.compile(sort, range(4), 5, keep=["rank"]), sort
    yield "digits", compiler.compile(sort, range(12), 17), sort
    yield "as written", compiler.compile(sort, range(3), 4, optimize=False), sort
    yield LONG, compiler.compile(rasp.load("length").main, "a", 6000), rasp.load("length").main


def made_by_hand() -> Iterator[tuple[str, Model, SOp]]:
    """The forgeries of `tests/whole/test_forgeries.py`, and kept values that are not."""
    from tests.whole import test_forgeries

    for name, make in test_forgeries.FORGERIES.items():
        sop, _, other = make()
        yield name, other, sop
    sort = rasp.load("sort").main
    model = compiler.compile(sort, range(4), 5, keep=["rank"])
    (kept,) = model.config.kept
    for name, edit in test_forgeries.KEPT.items():
        try:
            yield name, replace(model, config=replace(model.config, kept=(edit(kept),))), sort
        except ModelError:
            continue


def edited(model: Model) -> Iterator[Model]:
    """Models of which nothing, too little or something else is claimed."""
    claims = model.certificate.claims
    yield _claiming(model, {})
    yield _claiming(model, {part: claim for part, claim in claims.items() if part != "needs"})
    for need, less in (("bias_apart", False), ("divides_last", False), ("exp_roundings", None)):
        yield _claiming(model, {**claims, "needs": {**claims["needs"], need: less}})
    yield replace(model, config=replace(model.config, style="soft"))
    for head in claims["heads"][:1]:
        rest = claims["heads"][1:]
        for term in (0, len(claims["features"]), 99):
            yield _claiming(model, {**claims, "heads": [{**head, "term": term}, *rest]})
        for number in (1, 99):
            yield _claiming(model, {**claims, "heads": [{**head, "head": number}, *rest]})
        for literal in head["literals"][:1]:
            compared, _, dims = literal.partition(":")
            for other in (f"{compared}: 99", f"{compared}: -1", f"{compared}:{dims} 0", f"{compared}:"):
                told = {**head, "literals": [other, *head["literals"][1:]]}
                yield _claiming(model, {**claims, "heads": [told, *rest]})
        yield _claiming(model, {**claims, "heads": [{**head, "order": "0"}, *rest]})
        yield _claiming(model, {**claims, "heads": [{**head, "part": "0 2: 0"}, *rest]})


def misread(model: Model) -> Iterator[Model]:
    """Models with one read too early, unlike its neighbour, of nothing, or only where a number is least."""
    config, weights = apart(model.config, model.weights)
    model = replace(model, config=config, weights=weights)
    written = [column.written for column in config.columns]
    for number, layer in enumerate(weights.layers):
        early = [c for c, when in enumerate(written) if when > 2 * number]
        if layer.w_q.size and early:
            for name in ("w_q", "w_k", "w_v"):
                array = changed(getattr(layer, name), ((0, early[0], 0), 1.0))
                yield _with(model, number, {name: array})
        if layer.w_q.size:
            yield _with(model, number, _scores_of_nothing(layer))
            for dim in np.flatnonzero(~layer.w_q[0].any(axis=0) & ~layer.b_q[0].astype(bool)).tolist()[:1]:
                b_q, w_k = layer.b_q.copy(), layer.w_k.copy()
                b_q[0, dim], w_k[0, :, dim] = 1.0, layer.w_v[0].any(axis=1)
                arrays = {"b_q": b_q, "w_k": w_k}
                yield _with(model, number, arrays)
        if layer.w_in.size:
            yield from _awake(model, number, layer)
    features = model.certificate.claims["features"]
    for columns in ([int(c) for c in f["columns"].split()] for f in features):
        if len(columns) > 1:
            for number, layer in enumerate(weights.layers):
                w_in = layer.w_in.copy()
                w_in[columns[-1]] *= 2
                yield _with(model, number, {"w_in": w_in})


def _with(model: Model, number: int, arrays: Mapping[str, Array]) -> Model:
    return with_weights(model, lambda w: with_layer(w, number, **arrays))


def _scores_of_nothing(layer: Layer) -> dict[str, Array]:
    """One more head, which has scores and no values."""
    names = ("w_q", "b_q", "w_k", "b_k", "w_v", "b_v", "w_o")
    more = {name: np.concatenate([getattr(layer, name), getattr(layer, name)[:1]]) for name in names}
    for name in names[4:]:
        more[name][-1] = 0
    return more


def _awake(model: Model, number: int, layer: Layer) -> Iterator[Model]:
    """A neuron that nothing reads, and some that are awake only where a number is least or largest."""
    columns = np.flatnonzero(layer.w_in.any(axis=1)).tolist()
    target = int(np.flatnonzero(layer.w_out.any(axis=0))[0])
    for column, sign in product(columns[:4], (-1.0, 1.0)):
        for most in (0, model.config.max_length, len(model.config.vocab) - 1):
            for size in (1.0, 0.0):
                w_in = np.hstack([layer.w_in, np.zeros((len(layer.w_in), 1), np.float32)])
                w_in[column, -1] = sign
                w_out = np.vstack([layer.w_out, np.zeros((1, layer.w_out.shape[1]), np.float32)])
                w_out[-1, target] = size
                b_in = np.append(layer.b_in, np.float32(1 - sign * most))
                arrays = {"w_in": w_in, "b_in": b_in, "w_out": w_out}
                yield _with(model, number, arrays)


def _claiming(model: Model, claims: Mapping[str, Any]) -> Model:
    return replace(model, certificate=replace(model.certificate, claims=claims))


def saved_of(model: Model) -> Saved:
    return Saved(model.config, model.weights, model.certificate.claims, model.program)


def forgeries(seed: int, name: str, model: Model, count: int) -> Iterator[Model]:
    """Some models made of one, by changes of weights, of structures and of claims."""
    rng = random.Random(f"{seed} {name}")
    yield from edited(model) if name in EDITED and count > 1 else ()
    yield from islice(misread(model), MISREAD) if name in MISREAD_OF and count > 1 else ()
    for number in range(count):
        try:
            if number % 4 == 0:
                yield other_claims(rng, model)
            elif number % 4 == 1:
                yield wrong_at_one_value(rng, model)
            else:
                yield (tampered if number % 4 == 2 else forged)(rng, model)[0]
        except ModelError:
            continue


def verdict(saved: Saved, sop: SOp | None) -> Verdict:
    """What the checker says."""
    found = proof.prove(saved, sop)
    return found.problem, found.needs, found.steps


@contextmanager
def graphs_known() -> Iterator[None]:
    """Each program's graph is made once: it is not what faults are planted in. What is claimed of its terms
    is, so that this is found out anew.
    """
    known: dict[Any, Any] = {}
    whole = proof.rebuilt

    def once(claims: Claims, asked: Request) -> Any:
        key = (str(to_data(claims).get("derived")), repr(asked))
        if key not in known:
            if claims.derived is None:
                return whole(claims, asked)
            graph = Graph(asked.causal, asked.numeric_tokens)
            known[key] = graph, claims.derived.made(graph), claims.derived
        graph, terms, derived = known[key]
        rounds = [{terms[a]: terms[b] for a, b in each.items()} for each in derived.rounds]
        return graph, terms[derived.root], rounds, Claimed(derived, terms, asked)

    setattr(proof, "rebuilt", once)  # noqa: B010  mypy takes it for another function
    try:
        yield
    finally:
        proof.rebuilt = whole


def models(each: int, seed: int = 0) -> list[Tried]:
    """Small questions, with more than one of `each` also what the tests of the derivation ask and random
    claims to it, and the honest models, then of `each` forgeries of every one those only that are refused,
    and of those that the same line refuses `ALIKE`.
    """
    made = list(honest())
    right = [tried(name, partial(verdict, saved_of(model), sop)) for name, model, sop in made]
    unproved = [one.name for one in right if problem_of(one.answer) is not None]
    assert not unproved, unproved
    others = [
        (name, other, sop)
        for name, model, sop in made
        for other in forgeries(seed, name, model, each // 6 if name == LONG else each)
    ]
    refused = list[Tried]()
    alike = Counter[Line | None]()
    random.Random(seed).shuffle(others)
    for name, other, sop in [*made_by_hand(), *others]:
        one = tried(f"{name}, forged", partial(verdict, saved_of(other), sop))
        alike[one.refused] += 1
        refused += [one] if problem_of(one.answer) and alike[one.refused] <= ALIKE else []
    stated = (*all_stated(), *all_claims()) if each > 1 else ()
    asked = [tried(name, ask) for name, ask in (*all_asked(), *stated)]
    return [*asked, *right, *refused]


def problem_of(answer: object) -> str | None:
    """Why a model is not proved."""
    assert isinstance(answer, tuple)
    return cast(Verdict, answer)[0]


def tried(name: str, ask: Callable[[], object]) -> Tried:
    """What is asked with the answer."""
    start = time.process_time()
    with traced() as (lines, refused):
        answer = ask()
    seconds = time.process_time() - start
    return Tried(name, ask, answer, seconds, frozenset(lines), next(iter(refused), None))


@contextmanager
def traced() -> Iterator[tuple[set[Line], list[Line]]]:
    """The lines of the checker that run, and those from which an error went on."""
    lines, raised = set[Line](), list[Line]()

    def note(frame: FrameType, event: str, told: Any) -> Any:
        line = frame.f_code.co_filename.rpartition("/")[2], frame.f_lineno
        if event == "line":
            lines.add(line)
        elif event == "exception" and told[0] is Unproved and line[0] != "report.py":
            raised.append(line)
        return note

    def enter(frame: FrameType, event: str, _: object) -> Any:
        return note if "/compiler/rechecking/" in frame.f_code.co_filename else None

    sys.settrace(enter)
    try:
        yield lines, raised
    finally:
        sys.settrace(None)
