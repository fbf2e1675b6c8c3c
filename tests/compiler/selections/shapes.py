"""Random programs of the shapes that the lemmas about selections speak of, and what is wrong with their
facts.

A shape is a text with holes, each filled at random: `{same}` becomes one way to say that two positions are of
one class, and so on. Its facts are compared with the interpreter's rows on every small input.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

import rasp
from compiler.graph.building import build
from compiler.graph.meaning import all_values
from compiler.graph.terms import READS, Kind, Term, reachable
from compiler.request import Request
from compiler.values.inference import Domains
from compiler.values.settling import Wording, settle
from rasp.errors import CompileError, EvaluationError
from rasp.words import Atom

VOCABULARIES: tuple[tuple[Atom, ...], ...] = (("a", "b"), (0, 1), (2, 1), (-1, 0, 1))

LONGEST = {2: 5, 3: 4}
"""The longest inputs for a vocabulary of so many tokens: up to there, all are tried."""

HOLES: Mapping[str, Sequence[str]] = {
    "v": ("tokens_asis", "tokens_asis", "indices", "indices % 2", "depth", "late"),
    "number": ("indices", "depth", "late", "indices - 1", "2 * indices", "depth - late"),
    "signed": ("(1 if tokens_asis == {token} else -1)", "indicator({mark})", "{number}"),
    "k": ("0", "1", "1", "2"),
    "cmp": ("==", "==", "<", ">", "<=", ">=", "!="),
    "strict": ("<", ">"),
    "bool": ("True", "True", "False"),
    "before": tuple(f"select(indices, indices, {sign})" for sign in ("<", "<", "<=", ">", ">=")),
    "same": ("select(V, V, ==)", "select(V, V, ==)", "select(tokens_asis, tokens_asis, ==)", "full_s"),
    "beats": (
        "select(V, V, {strict})",
        "(select(V, V, {strict}) or (select(V, V, ==) and {before}))",
        "({same} and {before})",
        "{before}",
        "(select(V, V, {strict}) and {before})",
    ),
    "selector": (
        "({same} and {before})",
        "{beats}",
        "{same}",
        "({marked} and {before})",
        "({same} or {before})",
    ),
    "mark": (
        "tokens_asis == {token}",
        "indices == {k}",
        "indices < {k}",
        "late > 0",
        "not has_focus({beats})",
    ),
    "logic": (
        "({mark} and {mark})",
        "({mark} or {mark})",
        "(not ({mark} and {mark}))",
        "(not ({mark} or {mark}))",
    ),
    "marked": ("select(tokens_asis, {token}, ==)", "select({mark}, True, ==)", "select({logic}, {bool}, ==)"),
    "first": (
        "not has_focus({beats})",
        "has_focus({beats}) == False",
        "selector_width({beats}) == 0",
        "({mark} and not has_focus({marked} and {before}))",
    ),
    "source": ("indices", "tokens_asis", "depth", "indices % 2", "late"),
    "default": ("", ", -1", ", 9", ", 1"),
}

PREAMBLE = """
up_to_here = select(indices, indices, <=);
late = selector_width(select(tokens_asis, {token}, ==) and up_to_here);
depth = 2 * late - indices;
"""

SHAPES: Mapping[str, str] = {
    "answers": "main = aggregate({same} and select({logic}, {bool}, ==), {source});",
    "choices": "main = aggregate(select({number} if {logic} else {number}, {k}, ==), {source});",
    "fractions": """
        share = {number} / 2;
        main = aggregate({same} and select(share > {k} - 1 and share < {k}, {bool}, ==), {source});""",
    "same position": """
        born = aggregate({same} and select({first}, True, ==), indices{default});
        main = aggregate(select(born, born, ==), {source});""",
    "functions": """
        rank = selector_width(select(V, V, {strict}));
        main = aggregate(select(rank, rank, ==), ({number} if W == V else W) % 2);""",
    "nothing there": "main = aggregate({same} and select({first}, {bool}, ==), {source});",
    "counts": "main = aggregate({same} and select(selector_width({selector}), {k}, ==), {source});",
    "grows": """
        turn = selector_width({selector});
        main = aggregate({same} and select(turn, turn - {k}, ==), {source});""",
    "sums": """
        value = {signed};
        total = round((indices + 1) * aggregate(up_to_here, value));
        main = aggregate(select(value > 0, {bool}, ==) and select(total, total, ==), {source});""",
    "copies": """
        turn = selector_width({selector});
        near = aggregate({same} and select(turn, turn - {k}, ==), {source}{default});
        main = aggregate(select(near, {number}, ==), {source});""",
    "orders": """
        rank = selector_width({beats});
        main = aggregate(select(rank, {k}, ==), {source});""",
    "extremes": "main = aggregate({same} and select({first}, True, ==), {source});",
    "least": "main = aggregate({same} and select({first}, {bool}, ==), {source});",
    "extremes, counted": "main = aggregate({same} and select(selector_width({beats}), {k}, ==), {source});",
    "indices": """
        rank = selector_width({beats});
        main = aggregate(select(rank, indices, ==), {source});""",
    "uniform": """
        far = aggregate(select(indices, {number}, ==) and {marked}, {source});
        same_far = aggregate({marked}, tokens_asis);
        main = far + aggregate(select(same_far, far, ==), {source});""",
}
"""Named after what it takes to prove something of them."""


WORDED: Mapping[str, frozenset[Wording]] = {"least": frozenset({"least"})}
"""By shape: how its programs are worded before facts are asked of them, if they are settled at all."""


@dataclass(frozen=True)
class Example:
    """A program of some shape, what it is for, and how it is worded."""

    text: str
    asked: Request
    wording: frozenset[Wording] | None = None

    def known(self) -> tuple[Term, Domains]:
        """What the program computes, and what is known of that."""
        built = build(rasp.parse(self.text).main, self.asked)
        if self.wording is None:
            return built.root, Domains(built.root, self.asked)
        settled = settle(built, self.asked, self.wording)
        return settled.root, settled.domains


def examples(shape: str, count: int, keep: tuple[str, ...] = ()) -> Iterator[Example]:
    """Random programs of one shape, half of them under the causal mask."""
    for seed in range(count):
        rng = Random(f"{shape} {seed}")
        vocab = rng.choice(VOCABULARIES)
        text = filled(PREAMBLE + SHAPES[shape], rng, vocab)
        asked = Request(vocab, LONGEST[len(vocab)], causal=seed % 2 == 1, keep=keep)
        yield Example(text, asked, WORDED.get(shape))


def filled(shape: str, rng: Random, vocab: Sequence[Atom]) -> str:
    """The shape with something in each hole. V and W stand for the same thing within one filling."""
    tokens = [f'"{t}"' if isinstance(t, str) else str(t) for t in vocab]
    holes = {**HOLES, "token": tokens}
    while "{" in shape:
        shape = re.sub(r"\{([a-z]+)\}", lambda hole: one_of(rng, holes[hole[1]]), shape)
    some = {"V": one_of(rng, HOLES["v"]), "W": one_of(rng, HOLES["v"])}
    return re.sub(r"\b[VW]\b", lambda letter: some[letter[0]], shape)


def one_of(rng: Random, choices: Sequence[str]) -> str:
    """One of the choices; what it compares with itself is the same on both sides."""
    text = rng.choice(choices)
    variable = rng.choice(HOLES["v"]) if rng.random() < 0.5 else "V"
    return re.sub(r"\bV\b", variable, text)


@dataclass(frozen=True)
class Fact:
    """Something that is said to hold on every input."""

    what: str
    term: Term
    source: Term | None = None

    def is_wrong(self, values: Mapping[int, list[Any]], causal: bool) -> bool:
        """Whether it does not hold of the values that an input gives."""
        if self.what in ("distinct", "uniform"):
            row = values[self.term.index]
            return len(set(row)) < len(row) if self.what == "distinct" else len(set(row)) > 1
        rows = values[self.term.args[0].index]
        return any(
            self._is_wrong_of([k for k, x in enumerate(row) if x and (not causal or k <= q)], q, values)
            for q, row in enumerate(rows)
        )

    def _is_wrong_of(self, keys: list[int], query: int, values: Mapping[int, list[Any]]) -> bool:
        match self.what:
            case "at most one":
                return len(keys) > 1
            case "always":
                return not keys
            case "never mine":
                return query in keys
        assert self.source is not None
        return len({values[self.source.index][k] for k in keys}) > 1


def facts_of(root: Term, domains: Domains) -> list[Fact]:
    """All that is proved of a program's reads and s-ops."""
    relations, found = domains.relations, []
    terms = [t for t in reachable(root) if not t.is_selector and t.kind is not Kind.CONST]
    for term in terms:
        if relations.selections.distinct(term):
            found.append(Fact("distinct", term))
        if relations.selections.uniform(term):
            found.append(Fact("uniform", term))
        if term.kind not in READS:
            continue
        read = domains.conjunctions(term.args[0])
        questions: dict[str, Callable[..., bool]] = {
            "at most one": relations.at_most_one,
            "always": relations.always,
            "never mine": relations.never_all,
        }
        found += [Fact(what, term) for what, holds in questions.items() if holds(read)]
        sources = dict.fromkeys([*term.args[1:], *terms[:3]])
        found += [Fact("one value", term, s) for s in sources if relations.at_most_one_value(read, s)]
    return found


def wrong_facts(example: Example) -> tuple[list[tuple[Fact, list[Atom]]], int]:
    """Facts that some input refutes, and how many facts there are; none of what cannot be compiled."""
    asked = example.asked
    try:
        root, domains = example.known()
        facts = facts_of(root, domains)
    except CompileError:
        return [], 0
    wrong: list[tuple[Fact, list[Atom]]] = []
    for length in range(1, asked.max_length + 1) if facts else ():
        for tokens in map(list, itertools.product(asked.vocab, repeat=length)):
            try:
                values = all_values(root, tokens, asked.causal, replaced(root, domains, tokens))
            except EvaluationError:
                continue
            wrong += [(fact, tokens) for fact in facts if fact.is_wrong(values, asked.causal)]
    return wrong, len(facts)


def replaced(root: Term, domains: Domains, tokens: Sequence[Atom]) -> dict[int, list[Any]]:
    """Other values for the s-ops that are kept: any that they can take."""
    rng = Random(str(tokens))
    kept = [term for term in reachable(root) if term.is_kept]
    return {t.index: rng.choices(domains.get(t).values or (0,), k=len(tokens)) for t in kept}
