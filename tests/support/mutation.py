"""Deliberate faults in the compiler's source, and the checks that have to find them.

    python -m tests.support.mutation                 every place where a fault can be planted
    python -m tests.support.mutation MUTANT          plant that one and check: exit 0 = it survived, 1 = found
    python -m tests.support.mutation MUTANT --suite  the same with the compiler's tests for a check

A mutant is named as in `planted`, or `module:function:kind:number` for a change of one node of the
syntax tree, so that its name survives most changes of the source.
"""

from __future__ import annotations

import ast
import copy
import importlib.abc
import importlib.machinery
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import cache
from types import CodeType, ModuleType

from tests.support import planted
from tests.support.paths import ROOT, TESTS

STAGES = ("graph", "values", "lowering", "layout")
"""The rooms of the compiler in which faults are planted at random."""

APART = ("meaning",)
"""Files of those rooms that no model depends on."""

MODULES = tuple(
    f"{room}.{file.stem}"
    for room in STAGES
    for file in sorted((ROOT / "compiler" / room).glob("*.py"))
    if file.stem not in ("__init__", *APART)
)
"""The parts of the compiler in which faults are planted at random."""

WHERE = ("compiler", "runtime")
"""The packages in which the faults planted by name are looked for."""

SWAPPED: dict[type[ast.AST], type[ast.AST]] = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Add,
    ast.And: ast.Or,
    ast.Or: ast.And,
}

PEOPLE = ("text", "title", "__repr__", "render", "dump", "meaning", "describe", "choice", "refused")
"""Functions whose names contain these make texts for people only."""


SUITE = (
    "compiler",
    "house/test_golden.py",
    "whole/test_regressions.py",
    "whole/test_regressions_compiler.py",
    "whole/test_peers.py",
    "whole/test_large_programs.py",
)
"""The tests that are tried on what the check does not find."""


def source_of(module: str) -> str:
    return (ROOT / f"{module.replace('.', '/')}.py").read_text(encoding="utf-8")


class Planter(ast.NodeTransformer):
    """Walks a module and counts the places where a fault can be planted; plants the wanted one."""

    def __init__(self, module: str, wanted: str | None = None) -> None:
        self.module = module
        self.wanted = wanted
        self.found: list[str] = []
        self._functions: list[str] = []
        self._counts: Counter[str] = Counter()

    def _here(self, kind: str) -> bool:
        """Note a place; whether it is the wanted one."""
        if not self._functions or any(word in self._functions[-1] for word in PEOPLE):
            return False
        place = f"{self.module}:{'.'.join(self._functions)}:{kind}"
        self._counts[place] += 1
        self.found.append(f"{place}:{self._counts[place]}")
        return self.found[-1] == self.wanted

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        self._functions.append(node.name)
        node.body = [self.visit(statement) for statement in node.body]
        self._functions.pop()
        return node

    def visit_Raise(self, node: ast.Raise) -> ast.AST:
        return node

    def visit_Assert(self, node: ast.Assert) -> ast.AST:
        return node

    def visit_JoinedStr(self, node: ast.JoinedStr) -> ast.AST:
        return node

    def visit_keyword(self, node: ast.keyword) -> ast.AST:
        if node.arg == "strict":
            return node  # lengths are equal anyway
        return self.generic_visit(node)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.AST:
        if node.value is not None:
            node.value = self.visit(node.value)
        return node

    def visit_Compare(self, node: ast.Compare) -> ast.AST:
        node = self.generic_visit(node)  # type: ignore[assignment]
        kind = SWAPPED.get(type(node.ops[0]))
        if kind is not None and self._here("compare"):
            node.ops = [kind(), *node.ops[1:]]  # type: ignore[list-item]
        return node

    def visit_BinOp(self, node: ast.BinOp) -> ast.AST:
        node = self.generic_visit(node)  # type: ignore[assignment]
        kind = SWAPPED.get(type(node.op))
        if kind is not None and self._here("arithmetic"):
            node.op = kind()  # type: ignore[assignment]
        return node

    def visit_BoolOp(self, node: ast.BoolOp) -> ast.AST:
        node = self.generic_visit(node)  # type: ignore[assignment]
        if self._here("logic"):
            node.op = SWAPPED[type(node.op)]()  # type: ignore[assignment]
        return node

    def visit_UnaryOp(self, node: ast.UnaryOp) -> ast.AST:
        if isinstance(node.operand, ast.Constant):
            return node  # -1 is an axis or a size that NumPy finds out by itself
        node = self.generic_visit(node)  # type: ignore[assignment]
        if isinstance(node.op, ast.Not | ast.USub) and self._here("sign"):
            return node.operand
        return node

    def visit_IfExp(self, node: ast.IfExp) -> ast.AST:
        node = self.generic_visit(node)  # type: ignore[assignment]
        if self._here("branches"):
            node.body, node.orelse = node.orelse, node.body
        return node

    def visit_Constant(self, node: ast.Constant) -> ast.AST:
        if type(node.value) is int and node.value < 1000 and self._here("number"):
            return ast.Constant(node.value + 1)
        if type(node.value) is bool and self._here("truth"):
            return ast.Constant(not node.value)
        return node


def places(modules: Sequence[str] = MODULES) -> list[str]:
    """The names of all mutants."""
    found: list[str] = []
    for module in modules:
        planter = Planter(module)
        planter.visit(ast.parse(source_of(f"compiler.{module}")))
        found += planter.found
    return found


class Change(ast.NodeTransformer):
    """Puts one piece of syntax in the place of another, wherever that stands, and counts how often."""

    def __init__(self, fault: planted.Fault) -> None:
        self.old, self.new = parsed(fault.old), parsed(fault.new)
        self.count = 0

    def visit(self, node: ast.AST) -> ast.AST:
        if isinstance(node, ast.Dict) and isinstance(self.old, ast.Dict) and len(self.old.keys) == 1:
            assert isinstance(self.new, ast.Dict)
            for place, pair in enumerate(zip(node.keys, node.values, strict=True)):
                if same(pair, (self.old.keys[0], self.old.values[0])):
                    self.count += 1
                    node.values[place] = self.new.values[0]
        elif same((node,), (self.old,)):
            self.count += 1
            return copy.deepcopy(self.new)
        return self.generic_visit(node)


def parsed(text: str) -> ast.AST:
    """A statement, or the expression that it consists of."""
    statement = ast.parse(text).body[0]
    return statement.value if isinstance(statement, ast.Expr) else statement


def same(some: Sequence[ast.AST | None], others: Sequence[ast.AST | None]) -> bool:
    """Whether these are the same syntax, wherever they stand."""
    pairs = zip(some, others, strict=True)
    return all(a is not None and b is not None and ast.dump(a) == ast.dump(b) for a, b in pairs)


def named(tree: ast.AST, name: str) -> list[ast.AST]:
    """What a module defines by a qualified name: functions, methods or constants."""
    first, _, rest = name.partition(".")
    found: list[ast.AST] = []
    for node in ast.iter_child_nodes(tree):
        targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
        called = getattr(node, "name", None) or next((t.id for t in targets if isinstance(t, ast.Name)), None)
        if called == first:
            found += named(node, rest) if rest else [node]
    return found


def place_of(fault: planted.Fault, trees: Mapping[str, ast.Module]) -> str:
    """The module that the fault is in; LookupError unless there is one place."""
    places = []
    file, _, within = fault.within.rpartition(":")
    for module, tree in trees.items():
        if not file or module.rpartition(".")[2] == file:
            places += [module] * planted_in(fault, [copy.deepcopy(each) for each in named(tree, within)])
    if len(places) != 1:
        raise LookupError(f"{fault.old!r} stands {len(places)} times within {fault.within}")
    return places[0]


def planted_in(fault: planted.Fault, definitions: Sequence[ast.AST]) -> int:
    """Plant the fault in these definitions, wherever it has a place; how many there are."""
    change = Change(fault)
    for definition in definitions:
        change.visit(definition)
    return change.count


@cache
def trees() -> dict[str, ast.Module]:
    """The syntax of all modules in which faults are looked for."""
    files = [file for package in WHERE for file in sorted((ROOT / package).rglob("*.py"))]
    names = [".".join(file.relative_to(ROOT).with_suffix("").parts) for file in files]
    return {name: ast.parse(file.read_text()) for name, file in zip(names, files, strict=True)}


def module_of(mutant: str) -> str:
    """The module that the fault is in."""
    if mutant in planted.FAULTS:
        return place_of(planted.FAULTS[mutant], trees())
    return "compiler." + mutant.split(":")[0]


def mutated(mutant: str) -> CodeType:
    """The module with the fault in it; LookupError if there is no such place."""
    if mutant in planted.FAULTS:
        fault = planted.FAULTS[mutant]
        changed = copy.deepcopy(trees()[place_of(fault, trees())])
        planted_in(fault, named(changed, fault.within.rpartition(":")[2]))
        return compile(ast.fix_missing_locations(changed), f"<{mutant}>", "exec")
    planter = Planter(mutant.split(":")[0], mutant)
    tree = ast.parse(source_of(module_of(mutant)))
    whole = planter.visit(copy.deepcopy(tree))
    if mutant not in planter.found:
        raise LookupError(f"no place for a fault is named {mutant}")
    assert ast.dump(whole) != ast.dump(tree)
    return compile(ast.fix_missing_locations(whole), f"<{mutant}>", "exec")


class Loader(importlib.abc.Loader, importlib.abc.MetaPathFinder):
    """Gives the mutated module to whoever imports it."""

    def __init__(self, mutant: str) -> None:
        self.name = module_of(mutant)
        self.code = mutated(mutant)

    def find_spec(
        self, name: str, path: object, target: object = None
    ) -> importlib.machinery.ModuleSpec | None:
        return importlib.machinery.ModuleSpec(name, self) if name == self.name else None

    def exec_module(self, module: ModuleType) -> None:
        exec(self.code, module.__dict__)


def main(arguments: Sequence[str]) -> int:
    if not arguments:
        print(*planted.FAULTS, *places(), sep="\n")
        return 0
    sys.meta_path.insert(0, Loader(arguments[0]))
    if "--suite" in arguments:
        import pytest

        return int(pytest.main(["-x", "-rf", *(f"{TESTS}/{name}" for name in SUITE)]))
    try:
        from tests.support.complaints import complaints

        complaint = next(complaints(), None)
    except Exception as error:  # also a fault that keeps the compiler from being imported is found
        complaint = f"{type(error).__name__}: {error}"
    print(complaint or "survived")
    return 1 if complaint else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
