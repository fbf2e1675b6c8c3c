"""Random questions to the derivation: is this so? With what the interpreter says of it on all inputs.

The texts that the tests ask about are changed at one place or two, so that most are nearly so: what was
equal is not quite, one value of those that come up is not claimed. None that is not so may be shown.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, partial
from importlib import import_module
from itertools import chain, product
from random import Random
from typing import Any

from compiler.certificate.derived import Derived
from compiler.graph.conjunctions import conjunctions
from compiler.graph.meaning import values_of
from compiler.graph.terms import Graph, Kind, ReadAs, Term, folded
from compiler.ranges.domains import make_domain
from compiler.rechecking.claimed import Claimed
from compiler.rechecking.derivation.equations import Equations
from compiler.rechecking.derivation.found import Found
from compiler.rechecking.derivation.inputs import Inputs
from compiler.rechecking.derivation.keys import Keys
from compiler.rechecking.derivation.unbeaten import are_unbeaten
from compiler.rechecking.derivation.values import Closed
from compiler.rechecking.report import Unproved
from compiler.request import Request
from rasp.errors import EvaluationError, RaspError
from rasp.words import Atom
from tests.support.derivations import known, term

SETTINGS: tuple[tuple[Atom, ...], ...] = (("a", "b"), ("1", "2"), ("0", "3", "1"))
"""Vocabularies."""

LENGTH = 4
"""The longest inputs: all are tried."""

ALIKE: Sequence[Sequence[str]] = (
    ("<", "<=", ">", ">=", "==", "!="),
    ("and", "or"),
    ("tokens", "indices", "tokens_int", "length"),
    ('"a"', '"b"', '"1"'),
    ("0", "1", "2", "9"),
    ("True", "False"),
    ("+", "-", "*"),
    ("/", "%"),
    ("has_focus", "selector_width"),
    ("aggregate", "only", "total", "least", "lowest"),
)
"""What stands for what in a text that is changed."""

OTHER = {word: [other for other in group if other != word] for group in ALIKE for word in group}

WORDS = re.compile(r'->|"[^"]*"|[a-z_]+|True|False|\d+|[<>=!]=|[-+*/%<>()\[\],]|\S')

HOLES: Mapping[str, Sequence[str]] = {
    "v": ("tokens", "tokens", "indices", "indices % 2", "tokens_int", "{turn}", "(0 - {v})"),
    "n": (
        *("indices", "indices % 2", "tokens_int", "length", "{turn}", "{rank}"),
        *("({n} + 1)", "({n} - {n})", "2 * {n}"),
    ),
    "k": ("0", "1", "1", "2", "3", "1 / 2"),
    "cmp": ("==", "==", "<", ">", "<=", ">=", "!="),
    "strict": ("<", ">"),
    "bool": ("True", "False"),
    "token": ('"a"', '"1"', '"0"', '"b"'),
    "before": (
        "select(indices, indices, {cmp})",
        "select(indices, indices, <)",
        "select(indices + 1, indices, {cmp})",
    ),
    "same": ("select(V, V, ==)", "select(tokens, tokens, ==)", "full_s"),
    "beats": (
        "select(V, V, {strict})",
        "(select(V, V, {strict}) or (select(V, V, ==) and {before}))",
        "({same} and {before})",
        "{before}",
    ),
    "s": (
        "({same} and {before})",
        "{beats}",
        "{same}",
        "{marked}",
        "({same} and {marked})",
        "({s} or {s})",
        "not ({s})",
        "select({n}, {n}, {cmp})",
        "select({n}, {k}, {cmp})",
    ),
    "flag": (
        "(tokens == {token})",
        "({n} {cmp} {k})",
        "has_focus({s})",
        "(not {flag})",
        "({flag} and {flag})",
        "({flag} or {flag})",
        "(selector_width({s}) == {k})",
        "({flag} == {bool})",
    ),
    "marked": ("select(tokens, {token}, ==)", "select({flag}, {bool}, {cmp})", "select({flag}, {bool}, ==)"),
    "turn": ("selector_width({s})", "selector_width({beats})", "total({s}, indicator({flag}))"),
    "rank": ("aggregate({s}, {n}, {k})", "lowest({s}, {n})", "only({s}, {n}, {k})"),
    "read": (
        "aggregate({s}, {v})",
        "aggregate({s}, {n}, {k})",
        "only({s}, {v})",
        "least({s}, {n})",
        "selector_width({s})",
        "has_focus({s})",
        "total({s}, {n})",
        "aggregate({s}, {v}, {n})",
    ),
    "choice": ("({read} if {flag} else {n})", "({n} if {flag} else {n})"),
    "x": (
        "{n}",
        "{read}",
        "{flag}",
        "{choice}",
        "({n} + {n})",
        "({n} * {n})",
        "({read} - {n})",
        "({read} % {k})",
        "round({read})",
        "({n} {cmp} {n})",
        "(0 - {n})",
        "({n} / 2)",
        "({flag} * {n})",
        "({n} / {n})",
    ),
}
"""What may stand in a hole of a text."""

FILLED = (
    "{x} -> {x}",
    "{flag} -> {flag}",
    "{s} -> {s}",
    "length * aggregate(full_s, X) -> total(full_s, X)",
    "selector_width(S) * aggregate(S, X) -> total(S, X)",
    "aggregate(S, X) + aggregate(S, Y) -> aggregate(S, X + Y)",
    "aggregate(S, X, {k}) {cmp} aggregate(S, Y) -> total(S, X) {cmp} total(S, Y)",
    "aggregate(S, X) {cmp} 1 / 2 -> 2 * total(S, X) {cmp} selector_width(S)",
    "selector_width(S) {cmp} 0 -> has_focus(S)",
    "total(S, indicator({flag})) > 0 -> has_focus(S and {marked})",
    "selector_width(S) + selector_width(not S) -> length",
    "selector_width(S or {s}) -> selector_width(S) + selector_width({s} and not S)",
    "has_focus(S or {s}) -> has_focus(S) or has_focus({s})",
    "aggregate(S, X, {k}) -> lowest(S, X)",
    "least(S, X) < X -> least(S, X) != X",
    "has_focus(S and select(X, X, <)) -> lowest(S, X) < X",
    "only(S, X, {k}) -> only(S and {s}, X, {k}) if has_focus(S and {s}) else only(S, X, {k})",
    "aggregate(S, {k}, {k}) -> {k} if has_focus(S) else {k}",
    "(X if {flag} else Y) -> X",
    "(total(S, X) + {n}) % 3 -> (total(S, X % 3) + {n}) % 3",
    "total(S and {marked}, X) -> total(S, X * indicator({flag}))",
    "selector_width({before}) -> indices",
    "1 / aggregate(S, indicator(indices == 0)) -> selector_width(S)",
)
"""Pairs of texts with holes; S, X and Y stand for one thing each."""


ASKED_IN = (
    "equations",
    "found",
    "keys",
    "defined",
    "selecting",
    "tallies",
    "pointwise",
    "values",
    "unbeaten",
)


@cache
def rows() -> tuple[list[str], list[str]]:
    """What the tests ask about: pairs of s-ops, and selectors."""
    found, selectors = list[str](), list[str]()
    for name in ASKED_IN:
        module = import_module(f"tests.compiler.rechecking.derivation.test_{name}")
        for text in (each for each in vars(module).values() if isinstance(each, str) and " -> " in each):
            found += (
                module.rows(text)
                if hasattr(module, "rows")
                else [x.strip() for x in text.strip().splitlines()]
            )
        for test in vars(module).values():
            for mark in getattr(test, "pytestmark", []):
                for row in mark.args[1] if mark.name == "parametrize" else ():
                    texts = [x for x in (row if isinstance(row, tuple) else ()) if isinstance(x, str)]
                    if len(texts) > 1:
                        found.append(f"{texts[0]} -> {texts[1]}")
                    selectors += [
                        x for x in texts if "select(" in x and not x.startswith(("has", "sel", "agg"))
                    ]
                    selectors += [x for x in texts if x.startswith("select(")]
    return found, list(dict.fromkeys(selectors))


def filled(rng: Random, text: str, deepest: int = 3) -> str:
    """The text with something in each hole, that many deep."""
    parts = {letter: filled(rng, hole, 2) for letter, hole in (("S", "{s}"), ("X", "{n}"), ("Y", "{n}"))
             if re.search(rf"\b{letter}\b", text)}  # fmt: skip
    text = re.sub(r"\b[SXY]\b", lambda letter: parts[letter[0]], text)
    for depth in range(12):
        if "{" not in text:
            break

        def chosen(hole: re.Match[str], late: bool = depth >= deepest) -> str:
            some = HOLES[hole[1]]
            return rng.choice([x for x in some if "{" not in x] or some) if late else rng.choice(some)

        text = re.sub(r"\{([a-z]+)\}", chosen, text)
    some = rng.choice(("tokens", "indices", "indices % 2", "tokens_int"))
    return re.sub(r"\bV\b", some, text)


def changed(rng: Random, text: str) -> str:
    """The text with another word at a place or two, or at all places of that word."""
    for _ in range(rng.choice((1, 1, 2))):
        words = WORDS.findall(text)
        places = [n for n, word in enumerate(words) if word in OTHER]
        if not places:
            break
        place = rng.choice(places)
        old, new = words[place], rng.choice(OTHER[words[place]])
        everywhere = rng.random() < 0.3
        text = " ".join(new if n == place or (everywhere and w == old) else w for n, w in enumerate(words))
    return text


READS_OF: Mapping[object, tuple[Kind, ReadAs | None]] = {
    77077: (Kind.SUM, None),
    78078: (Kind.LEAST, ReadAs()),
    79079: (Kind.LEAST, ReadAs(("int", 3))),
}
"""What a read with some default stands for."""

PREAMBLE = "".join(
    f"def {name}(s, v) {{ return aggregate(s, v, {default}); }} "
    for name, default in (("total", 77077), ("least", 78078), ("lowest", 79079))
)


def made(graph: Graph, text: str) -> Term:
    """An s-op from a text in which `total`, `least` and `lowest` are what only the compiler reads."""

    def one(each: Term, parts: list[Term]) -> Term:
        marked = READS_OF.get(each.default) if each.kind is Kind.AGGREGATE else None
        if marked is None:
            return graph.with_args(each, parts) if parts else each
        return graph.make(marked[0], tuple(parts), marked[1])

    return folded(term(graph, text, PREAMBLE), lambda each: each.args, one)


# The questions ----------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Claim:
    """What is claimed, whether the statements show it, and whether it is so on all inputs."""

    text: str
    shown: Callable[[], bool]
    so: Callable[[], bool]


def inputs(asked: Request) -> Iterator[Sequence[Atom]]:
    return chain(*(product(asked.vocab, repeat=n) for n in range(1, asked.max_length + 1)))


def answers(root: Term, asked: Request) -> Iterator[list[Any] | None]:
    """What an s-op is, or a selector selects, on each input; None where it has no value."""
    for tokens in inputs(asked):
        found = answered(root, tokens, asked.causal)
        if found is None or root.is_selector:
            yield found
        else:
            yield [(value, isinstance(value, bool)) for value in found]


def answered(root: Term, tokens: Sequence[Atom], causal: bool) -> list[Any] | None:
    """The same on one input."""
    try:
        found: list[Any] = values_of(root, tokens, causal)
    except (EvaluationError, TypeError):  # of strings there is no sum
        return None
    if not root.is_selector:
        return found
    return [[x and (k <= q or not causal) for k, x in enumerate(row)] for q, row in enumerate(found)]


def some_setting(rng: Random) -> tuple[Graph, Request]:
    vocab, causal = rng.choice(SETTINGS), rng.random() < 0.3
    return Graph(causal), Request(vocab, 3 if len(vocab) > 2 else LENGTH, causal)


def some_text(rng: Random, old: Sequence[str], new: Sequence[str]) -> str:
    """A text that the tests ask about, or one with holes, as it is or changed."""
    text = rng.choice(old) if rng.random() < 0.5 else filled(rng, rng.choice(new))
    return changed(rng, text) if rng.random() < 0.7 else text


def equal(rng: Random) -> Claim:
    """That one s-op, or selector, may be replaced by another."""
    graph, asked = some_setting(rng)
    text = some_text(rng, rows()[0], FILLED)
    before, after = (made(graph, side) for side in text.split("->"))

    def so() -> bool:
        pairs = zip(answers(before, asked), answers(after, asked), strict=True)
        return all(one is None or one == other for one, other in pairs)

    return Claim(text, lambda: Equations(graph, known(graph, asked)).hold(before, after), so)


def selected(rng: Random) -> Claim:
    """That a read selects something always, never its own position, one key or one value only."""
    graph, asked = some_setting(rng)
    text = some_text(rng, rows()[1], ("{s}", "{s} and {s}"))
    selector, source = made(graph, text), made(graph, filled(rng, rng.choice(("{v}", "{n}", "tokens"))))
    facts, ways = known(graph, asked), conjunctions(selector)
    keys, tried = Keys(graph, facts), Inputs(asked)
    found = Found(Equations(graph, facts), keys, asked.max_length)
    read = graph.make(Kind.AGGREGATE, (selector, source), ReadAs())
    kinds: Sequence[tuple[str, Callable[[], bool], Callable[[], bool]]] = (
        ("always", lambda: found.always(ways), lambda: tried.always(read)),
        ("never mine", lambda: all(map(found.never_itself, ways)), lambda: tried.never_mine(read)),
        ("one key", lambda: keys.at_most_one(ways), lambda: tried.at_most_one(read)),
        ("one value", lambda: keys.hold_alike(ways, source), lambda: tried.hold_alike(read)),
    )
    what, shown, so = kinds[rng.choice((0, 1, 2, 2, 3, 3, 3))]
    return Claim(f"{what}: {text}: {source.title}", shown, so)


def apart(rng: Random) -> Claim:
    """That an s-op has another value at each position."""
    graph, asked = some_setting(rng)
    text = changed(rng, filled(rng, rng.choice(("{turn}", "{n}", "{n} + {n}", "{n} - {n}", "{rank}"))))
    root = made(graph, text)

    def so() -> bool:
        return all(len({v for v, _ in one}) == len(one) for one in answers(root, asked) if one is not None)

    return Claim(f"apart: {text}", lambda: Keys(graph, known(graph, asked)).distinct(root), so)


def valued(rng: Random) -> Claim:
    """That an s-op has no values but some: those that come up, or less."""
    graph, asked = some_setting(rng)
    text = changed(rng, filled(rng, rng.choice(("{x}", "{x}", "{n}", "{read}"))))
    root = made(graph, text)
    seen = {(type(v), v): v for one in answers(root, asked) for v, _ in one or ()}
    every = list(seen.values())
    left = list(every)
    if rng.random() < 0.6 and len(left) > 1:
        del left[rng.randrange(len(left))]
    claimed = Claimed(Derived((), 0, ({},), {0: make_domain(left)}), [root], asked)

    def so() -> bool:
        return root.kind in GIVEN or all(
            any(x == value and type(x) in (int, type(value)) for x in left) for value in every
        )

    return Claim(f"{text}: {left}", lambda: Closed(claimed).shown(root), so)


def unbeaten(rng: Random) -> Claim:
    """That what is not beaten has the least value of some."""
    graph, asked = some_setting(rng)
    among, values = filled(rng, "{s}", 1), filled(rng, rng.choice(("{v}", "indices", "0 - indices")), 1)
    also = among if rng.random() < 0.7 else changed(rng, among)
    beats = f"({also}) and select({values}, {values}, {rng.choice(('<', '>', '<=', '=='))})"
    text = changed(rng, beats) if rng.random() < 0.3 else beats
    one, other, value = made(graph, among), made(graph, text), made(graph, values)

    def so() -> bool:
        return all(_unbeaten(one, other, value, tokens, asked.causal) for tokens in inputs(asked))

    return Claim(f"{among} | {text} | {values}", lambda: are_unbeaten(graph, one, other, value), so)


def _unbeaten(one: Term, other: Term, value: Term, tokens: Sequence[Atom], causal: bool) -> bool:
    among, beats, held = (answered(each, tokens, causal) for each in (one, other, value))
    if among is None or beats is None or held is None:
        return True
    places = range(len(tokens))
    return all(
        beats[key][x] == (among[query][x] and held[x] < held[key])
        for query, key, x in product(places, repeat=3)
        if among[query][key]
    )


GIVEN = (Kind.INDICES, Kind.TOKENS, Kind.CONST)
"""What a certificate cannot say anything else of."""

KINDS: Mapping[str, Callable[[Random], Claim]] = {
    "equal": equal,
    "selected": selected,
    "apart": apart,
    "valued": valued,
    "unbeaten": unbeaten,
}


def claim(kind: str, seed: int) -> Claim | None:
    """One question; None if the text makes no s-op."""
    try:
        return KINDS[kind](Random(f"{kind} {seed}"))
    except (RaspError, Unproved, ValueError, TypeError, KeyError, AssertionError):
        return None


def said(kind: str, seed: int) -> object:
    """What the statements say of a question, or how they refuse."""
    found = claim(kind, seed)
    try:
        return None if found is None else found.shown()
    except (RaspError, Unproved) as refused:
        return str(refused)


TOGETHER = 20
"""So many questions are asked at a time."""


def all_claims(count: int = 600) -> Iterator[tuple[str, Callable[[], object]]]:
    """So many questions of each kind, some at a time, with their names."""
    for kind in KINDS:
        for first in range(0, count, TOGETHER):
            yield f"{kind} {first}", partial(_all_said, kind, range(first, first + TOGETHER))


def _all_said(kind: str, seeds: Sequence[int]) -> list[object]:
    return [said(kind, seed) for seed in seeds]
