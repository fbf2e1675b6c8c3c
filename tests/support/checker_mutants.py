"""Deliberate faults in the checker's own code, and whether a fixed set of models shows them.

    python -m tests.support.checker_mutants COUNT [SEED]     so many of all places, drawn at random (0: all)
    python -m tests.support.checker_mutants MUTANT...        these

A fault is found if an honest model is no longer proved, or is with other needs or bounds; if a forged one
that the checker refuses is proved, or refused for another reason; if one of the small questions of
`checker_questions` has another answer; or if the check raises what it should not or goes on for ever.
Faults are put into the functions as they are loaded, by their code, and taken out again: no process is
started for them. Only models whose check runs the line of the fault are tried.
"""

from __future__ import annotations

import ast
import copy
import importlib
import random
import signal
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from types import CodeType, FunctionType, ModuleType
from typing import Any

from tests.support.checker_models import Line, Tried, graphs_known, models
from tests.support.checker_survivors import EQUIVALENT
from tests.support.mutation import Planter, source_of
from tests.support.paths import ROOT

APART = ("saved", "report")
"""Files that read and show; what they do wrong is seen at once."""

MODULES = tuple(
    ".".join(file.relative_to(ROOT / "compiler").with_suffix("").parts)
    for file in sorted((ROOT / "compiler" / "rechecking").rglob("*.py"))
    if not file.stem.startswith("__") and file.stem not in APART
)

EACH = 10
"""So many forgeries are made of every model."""

SECONDS = 5.0
"""Of the processor's time; a check that takes so much longer than it should goes on for ever."""


class CheckPlanter(Planter):
    """Also leaves out what raises, one check at a time."""

    lines: tuple[int, int] | None = None
    """The lines of the statement in which the wanted fault is."""

    def visit(self, node: ast.AST) -> Any:
        before, result = len(self.found), super().visit(node)
        new = self.wanted in self.found[before:] and isinstance(node, ast.stmt)
        if new and self.lines is None and not isinstance(node, ast.FunctionDef | ast.ClassDef):
            assert isinstance(node, ast.stmt)
            body = getattr(node, "body", None)
            self.lines = node.lineno, max(node.lineno, body[0].lineno - 1) if body else node.end_lineno or 0
        return result

    def visit_If(self, node: ast.If) -> ast.AST:
        node = self.generic_visit(node)  # type: ignore[assignment]
        if isinstance(node.body[0], ast.Raise) and self._here("dropped check"):
            node.test = ast.Constant(False)
        return node


def places(modules: Sequence[str] = MODULES) -> list[str]:
    """The names of all mutants that could change what the checker says."""
    return [place for place in every_place(modules) if place not in EQUIVALENT]


def every_place(modules: Sequence[str] = MODULES) -> list[str]:
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


class ForEver(BaseException):
    """The check took too long."""


def _too_long(*_: object) -> None:
    raise ForEver


def lines_of(mutant: str) -> frozenset[Line]:
    """The lines of the statement that the fault is in."""
    module = mutant.split(":")[0]
    planter = CheckPlanter(module, mutant)
    planter.visit(tree_of(module))
    assert planter.lines is not None
    first, last = planter.lines
    return frozenset((f"{module.rpartition('.')[2]}.py", line) for line in range(first, last + 1))


class Hunt:
    """Mutants are tried on models, first on those that found others in the same function."""

    def __init__(self, tried: Sequence[Tried]) -> None:
        self.tried = sorted(tried, key=lambda one: one.seconds)
        self._found: Counter[tuple[str, int]] = Counter()

    def found(self, mutant: str) -> str | None:
        """What shows the fault; None if nothing does."""
        where, lines = mutant.split(":")[1], lines_of(mutant)
        some = [n for n, one in enumerate(self.tried) if one.lines & lines]
        some.sort(key=lambda n: -self._found[where, n])
        signal.signal(signal.SIGVTALRM, _too_long)
        with planted(mutant):
            for number in some:
                reason = _differs(self.tried[number])
                if reason is not None:
                    self._found[where, number] += 1
                    return reason
        return None


def _differs(one: Tried) -> str | None:
    """What is not as it should be, with the fault."""
    signal.setitimer(signal.ITIMER_VIRTUAL, SECONDS + 10 * one.seconds)
    try:
        now = one.ask()
    except ForEver:
        return f"{one.name}: goes on for ever"
    except Exception as error:  # what the checker should never raise shows the fault, too
        return f"{one.name}: {type(error).__name__}: {error}"
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
    return None if now == one.answer else f"{one.name}: {told(now, one.answer)}"


def told(now: object, before: object) -> str:
    """In what the answers differ."""
    if not isinstance(now, tuple) or not isinstance(before, tuple):
        return "other answers"
    if now[0] != before[0]:
        return "proved" if now[0] is None else "not proved" if before[0] is None else "other words"
    return "other needs" if now[1] != before[1] else "other bounds"


def survivors(mutants: Sequence[str], tried: Sequence[Tried], tell: Callable[[str], None]) -> list[str]:
    """Those that nothing shows."""
    left = []
    hunt = Hunt(tried)
    for number, mutant in enumerate(mutants, start=1):
        reason = hunt.found(mutant)
        left += [] if reason else [mutant]
        tell(f"{number} of {len(mutants)}, {len(left)} survived: {mutant}: {reason or 'SURVIVED'}")
    return left


def main(arguments: Sequence[str]) -> None:
    every = places()
    some = list(arguments)
    if arguments[0].isdigit():
        count, seed = int(arguments[0]), int((*arguments[1:], "0")[0])
        some = every if not count else random.Random(seed).sample(every, min(count, len(every)))
    start = time.process_time()
    with graphs_known():
        tried = models(EACH)
        seconds = time.process_time() - start
        print(f"{len(every)} places, {len(some)} tried on {len(tried)} models ({seconds:.0f} s)", flush=True)
        left = survivors(some, tried, lambda line: print(line, flush=True))
    print(
        f"{len(some) - len(left)} of {len(some)} found; {time.process_time() - start:.0f} s of the processor"
    )


if __name__ == "__main__":
    main(sys.argv[1:])
