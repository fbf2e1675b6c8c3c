"""Deliberate faults in the checker's own code, and whether a fixed set of models shows them.

    python -m tests.support.checker_mutants COUNT [SEED]     so many of all places, drawn at random (0: all)

A fault is found if an honest model is no longer proved, or is with other needs or bounds, or if a forged one
that the checker refuses is proved, or if the check raises what it should not or goes on for ever. Faults are
put into the functions as they are loaded, by their code, and taken out again: no process is started for them.
"""

from __future__ import annotations

import ast
import copy
import importlib
import random
import signal
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cache
from types import CodeType, FunctionType, ModuleType
from typing import Any

import compiler
import rasp
from compiler.certificate.needs import Needs
from compiler.rechecking import proof
from compiler.rechecking.report import Step
from compiler.rechecking.saved import Saved
from rasp.errors import ModelError
from rasp.graph.sops import SOp
from runtime import Model
from tests.support.adversary import forged
from tests.support.mutation import Planter, source_of
from tests.support.paths import ROOT
from tests.support.tampering import tampered

APART = ("saved", "report")
"""Files that read and show; what they do wrong is seen at once."""

MODULES = tuple(
    f"rechecking.{file.stem}"
    for file in sorted((ROOT / "compiler" / "rechecking").glob("*.py"))
    if not file.stem.startswith("__") and file.stem not in APART
)

SECONDS = 60.0
"""Of the processor's time; a check that takes longer goes on for ever."""

Verdict = tuple[bool, Needs | None, tuple[Step, ...]]
"""Whether a model is proved, with what needs, and by which bounds."""


class CheckPlanter(Planter):
    """Also leaves out what raises, one check at a time."""

    def visit_If(self, node: ast.If) -> ast.AST:
        node = self.generic_visit(node)  # type: ignore[assignment]
        if isinstance(node.body[0], ast.Raise) and self._here("dropped check"):
            node.test = ast.Constant(False)
        return node


def places(modules: Sequence[str] = MODULES) -> list[str]:
    """The names of all mutants."""
    found: list[str] = []
    for module in modules:
        planter = CheckPlanter(module)
        planter.visit(tree_of(module))
        found += planter.found
    return found


@cache
def _source(module: str) -> ast.Module:
    return ast.parse(source_of(f"compiler.{module}"))


def tree_of(module: str) -> ast.Module:
    """The syntax of a module, to be changed."""
    return copy.deepcopy(_source(module))


def mutated(mutant: str) -> CodeType:
    """The module's code with the fault in it; LookupError if there is no such place."""
    module = mutant.split(":")[0]
    planter = CheckPlanter(module, mutant)
    tree = planter.visit(tree_of(module))
    if mutant not in planter.found:
        raise LookupError(f"no place for a fault is named {mutant}")
    return compile(ast.fix_missing_locations(tree), f"<{mutant}>", "exec")


@contextmanager
def planted(mutant: str) -> Iterator[None]:
    """The fault is in the checker that is loaded."""
    module = importlib.import_module(f"compiler.{mutant.split(':')[0]}")
    codes = dict(_codes(mutated(mutant)))
    whole = [(f, f.__code__) for f in _functions(module) if f.__code__.co_qualname in codes]
    try:
        for function, _ in whole:
            function.__code__ = codes[function.__code__.co_qualname]
        yield
    finally:
        for function, code in whole:
            function.__code__ = code


def _codes(code: CodeType) -> Iterator[tuple[str, CodeType]]:
    """The functions and methods defined in a module, by their names in full."""
    for inner in code.co_consts:
        if isinstance(inner, CodeType):
            yield inner.co_qualname, inner
            if "<locals>" not in inner.co_qualname:
                yield from _codes(inner)


def _functions(module: ModuleType) -> Iterator[FunctionType]:
    """The functions and methods that a module itself defines."""
    for value in vars(module).values():
        if isinstance(value, type) and value.__module__ == module.__name__:
            members = [
                getattr(each, "fget", getattr(each, "__func__", each)) for each in vars(value).values()
            ]
            yield from (each for each in members if isinstance(each, FunctionType))
        elif isinstance(value, FunctionType) and value.__module__ == module.__name__:
            yield value


# The models ------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Tried:
    """A model with what the checker as it is says of it."""

    name: str
    saved: Saved
    sop: SOp | None
    verdict: Verdict


BEFORE = "before = select(indices, indices - 1, ==); near = aggregate(before, tokens_int, 0);\n"
FIRST = "earlier = select(tokens, tokens, ==) and select(indices, indices, <);\n"
ONE = "select(indices, indices, <)"
COUNTS = "c = count(tokens, 0); d = count(tokens, 1); e = count(tokens, 2);\n"
SO_FAR = "m = aggregate(select(indices, indices, <=), tokens);\n"
NUMBERS = ("sums", "second", "gate of two", "gate of three", "means read on", "means rounded")
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
    "second": (f"r = aggregate(select(selector_width({ONE}), 1, ==), tokens, 9);", "0123", 4, False),
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
    "sum_mod_7": ("0123", 4, False),
}
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
        tokens = [int(token) for token in vocab] if name == "sum_mod_7" else vocab
        yield name, compiler.compile(sop, tokens, length, causal), sop
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


def saved_of(model: Model) -> Saved:
    return Saved(model.config, model.weights, model.certificate.claims, model.program)


def forgeries(seed: int, name: str, model: Model, count: int) -> Iterator[Model]:
    """Some models made of one, by changes of weights, of structures and of claims."""
    rng = random.Random(f"{seed} {name}")
    for number in range(count):
        try:
            if number % 3 == 0:
                yield _with_other_claims(rng, model)
            else:
                yield (tampered if number % 3 == 1 else forged)(rng, model)[0]
        except ModelError:
            continue


def _with_other_claims(rng: random.Random, model: Model) -> Model:
    """One claim left out, doubled, or with a word of it replaced."""
    claims = copy.deepcopy(dict(model.certificate.claims))
    part = rng.choice([part for part in ("features", "heads", "tables", "constants") if claims[part]])
    place = rng.randrange(len(claims[part]))
    claim = dict(claims[part][place])
    edit = rng.choice(("drop", "double", *claim))
    every = list(claims[part])
    if edit == "drop":
        del every[place]
    elif edit == "double":
        every.append(claim)
    else:
        every[place] = {**claim, edit: _other(rng, claim[edit])}
    certificate = replace(model.certificate, claims={**claims, part: every})
    return replace(model, certificate=certificate)


def _other(rng: random.Random, value: Any) -> Any:
    """Something like it."""
    if isinstance(value, bool) or value is None:
        return not value
    if isinstance(value, int):
        return max(0, value + rng.choice((-1, 1)))
    if isinstance(value, str):
        words = value.split(" ")
        digits = [i for i, word in enumerate(words) if word.strip("-:").isdigit()]
        if digits:
            place = rng.choice(digits)
            number = int(words[place].strip(":")) + rng.choice((-1, 1, 2))
            words[place] = f"{number}:" if words[place].endswith(":") else str(number)
        return " ".join(words)
    if isinstance(value, list) and value:
        changed = list(value)
        changed[rng.randrange(len(value))] = _other(rng, rng.choice(value))
        return changed
    return value


def verdict(saved: Saved, sop: SOp | None) -> Verdict:
    """What the checker says."""
    found = proof.prove(saved, sop)
    return found.ok, found.needs, found.steps if found.ok else ()


@contextmanager
def graphs_known() -> Iterator[None]:
    """Each program's graph is made once: it is not what faults are planted in."""
    known: dict[Any, Any] = {}
    whole = proof.rebuild

    def once(program: SOp, *asked: Any) -> Any:
        key = (id(program), *map(repr, asked))
        if key not in known:
            known[key] = (program, whole(program, *asked))
        return known[key][1]

    setattr(proof, "rebuild", once)  # noqa: B010  mypy takes it for another function
    try:
        yield
    finally:
        proof.rebuild = whole


def models(each: int, seed: int = 0) -> list[Tried]:
    """The honest models first, then `each` forgeries of every one, those only that are refused."""
    made = list(honest())
    right = [Tried(name, saved_of(model), sop, verdict(saved_of(model), sop)) for name, model, sop in made]
    unproved = [one.name for one in right if not one.verdict[0]]
    assert not unproved, unproved
    others = [
        (name, other, sop)
        for name, model, sop in made
        for other in forgeries(seed, name, model, each // 6 if name == LONG else each)
    ]
    others = [*made_by_hand(), *others]
    wrong = [Tried(name, saved_of(other), sop, verdict(saved_of(other), sop)) for name, other, sop in others]
    refused = [one for one in wrong if not one.verdict[0]]
    random.Random(seed).shuffle(refused)
    return [*right, *refused]


class ForEver(BaseException):
    """The check took too long."""


def _too_long(*_: object) -> None:
    raise ForEver


def found(mutant: str, tried: Sequence[Tried]) -> str | None:
    """What shows the fault; None if nothing does."""
    signal.signal(signal.SIGVTALRM, _too_long)
    signal.setitimer(signal.ITIMER_VIRTUAL, SECONDS)
    try:
        with planted(mutant):
            for one in tried:
                now = verdict(one.saved, one.sop)
                if now != one.verdict:
                    return f"{one.name}: {told(now, one.verdict)}"
    except ForEver:
        return "goes on for ever"
    except Exception as error:  # what the checker should never raise shows the fault, too
        return f"{type(error).__name__}: {error}"
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
    return None


def told(now: Verdict, before: Verdict) -> str:
    """In what the verdicts differ."""
    if now[0] != before[0]:
        return "proved" if now[0] else "not proved"
    return "other needs" if now[1] != before[1] else "other bounds"


def survivors(mutants: Sequence[str], tried: Sequence[Tried], tell: Callable[[str], None]) -> list[str]:
    """Those that nothing shows."""
    left = []
    with graphs_known():
        for number, mutant in enumerate(mutants, start=1):
            reason = found(mutant, tried)
            left += [] if reason else [mutant]
            tell(f"{number} of {len(mutants)}, {len(left)} survived: {mutant}: {reason or 'SURVIVED'}")
    return left


def main(arguments: Sequence[str]) -> None:
    count, seed = int(arguments[0]), int((*arguments[1:], "0")[0])
    every = places()
    some = every if not count else random.Random(seed).sample(every, min(count, len(every)))
    start = time.process_time()
    tried = models(36)
    print(f"{len(every)} places, {len(some)} tried on {len(tried)} models", flush=True)
    survivors(some, tried, lambda line: print(line, flush=True))
    print(f"{time.process_time() - start:.0f} s of the processor")


if __name__ == "__main__":
    main(sys.argv[1:])
