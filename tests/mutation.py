"""Deliberate faults in the compiler's source, and the check that has to find them.

    python -m tests.mutation                  every place where a fault can be planted
    python -m tests.mutation MUTANT           plant that one and check: exit 0 = it survived, 1 = found

A mutant is named `module:function:kind:number`, so that its name survives most changes of the source.
"""

from __future__ import annotations

import ast
import copy
import importlib.abc
import importlib.machinery
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import CodeType, ModuleType

MODULES = (
    *("affine", "assemble", "attention", "domains", "features", "forms", "graph", "lower", "mlp", "parts"),
    *("plan", "relations", "schedule", "selectors", "simplify", "tables"),
)
"""The parts of the compiler in which faults are planted."""

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


def source_of(module: str) -> str:
    return (Path(__file__).parent.parent / "compiler" / f"{module}.py").read_text(encoding="utf-8")


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
        planter.visit(ast.parse(source_of(module)))
        found += planter.found
    return found


def mutated(mutant: str) -> CodeType:
    """The module with the fault in it; LookupError if there is no such place."""
    module = mutant.split(":")[0]
    planter = Planter(module, mutant)
    tree = ast.parse(source_of(module))
    changed = planter.visit(copy.deepcopy(tree))
    if mutant not in planter.found:
        raise LookupError(f"no place for a fault is named {mutant}")
    assert ast.dump(changed) != ast.dump(tree)
    return compile(ast.fix_missing_locations(changed), f"<{mutant}>", "exec")


class Loader(importlib.abc.Loader, importlib.abc.MetaPathFinder):
    """Gives the mutated module to whoever imports it."""

    def __init__(self, mutant: str) -> None:
        self.name = "compiler." + mutant.split(":")[0]
        self.code = mutated(mutant)

    def find_spec(
        self, name: str, path: object, target: object = None
    ) -> importlib.machinery.ModuleSpec | None:
        return importlib.machinery.ModuleSpec(name, self) if name == self.name else None

    def exec_module(self, module: ModuleType) -> None:
        exec(self.code, module.__dict__)


DIRECTED = """
1 - aggregate(full_s, tokens) / 2
aggregate(select(tokens, 1, ==), indices, -1) - 3
(2 - aggregate(full_s, tokens)) == aggregate(select(indices, indices, <=), tokens)
aggregate(select(indices, length - 2 - indices, ==), tokens, 5)
aggregate(select(length - 1, indices, ==), tokens, 7)
aggregate(select(indices + 1, length, ==), tokens)
aggregate(select(selector_width(full_s) - 1, indices, ==), tokens)
aggregate(select(length - indices, indices + 2, ==), tokens, 9)
aggregate(select(indices * 2, indices, ==), tokens, 4)
aggregate(select(indices, indices - 1, >=) and select(indices, indices + 1, <=), tokens)
aggregate(select(indices, 2 * indices - 1, >), tokens, -2)
aggregate(select(tokens, tokens - 1, <), tokens, 3)
aggregate(not select(tokens, 1, !=), indices, 8)
aggregate(select(tokens, indices, <) or select(tokens, indices, ==), indices, 1)
aggregate(select(tokens, tokens, ==) or select(indices, 0, ==), tokens * tokens - indices)
aggregate(select(tokens, tokens, ==) and not select(indices, indices, ==), 2 * indices + 1, -4)
selector_width(select(tokens, tokens, <=) and select(indices, indices, !=)) * 3 - length
selector_width(not (select(tokens, 2, >) or select(indices, tokens, ==)))
length * aggregate(full_s, indicator(tokens == 1)) - count(tokens, 2)
round(length * aggregate(full_s, tokens))
selector_width(select(tokens, tokens, ==)) * aggregate(select(tokens, tokens, ==), indices, 0)
has_focus(select(tokens, tokens + 1, ==)) and contains(tokens, 2)
aggregate(select(tokens, 2, ==), 1, 0) > 0
aggregate(full_s, indicator(tokens > 1)) >= 1 / 2
aggregate(full_s, tokens) < aggregate(full_s, indices)
aggregate(select(indices, indices, <=), tokens) * 0 + 2
(0 - 2) * aggregate(select(indices, indices, <=), tokens) / 3
aggregate(select(tokens, tokens, ==), aggregate(select(indices, indices, <=), tokens) * 0.5, 1)
aggregate(select(indices, 1, ==), tokens, 3) + aggregate(select(1, indices, ==), tokens, 1)
aggregate(select(indices, 2, <=), tokens) - aggregate(select(tokens, 2, ==), 7, 1)
round(aggregate(full_s, tokens * 2 - indices) * 3)
aggregate(full_s, aggregate(select(tokens, tokens, ==), indices))
(aggregate(select(indices, indices, <=), tokens) if tokens > 1 else 1 / 2)
sort(tokens, -tokens)
sort(tokens, tokens % 2)[0]
tokens[-1] * 3 + tokens[1]
shift(tokens, -1, 7) - shift(tokens, 2, 1)
max(tokens, indices) * min(tokens, 2) % 3
mark_first_instance(tokens, 1) or mark_last_instance(tokens, 2)
aggregate(select_from_last(tokens, 1), indices, -1)
aggregate(select_next_identical(tokens), indices, -1)
["a", "b", "c", "d"][tokens] == ["d", "a"][indices % 2]
aggregate(select(indices, indices - 1, ==), "abcd"[tokens], "x")
tokens / (indices + 1) ^ 2
(tokens in [0, 3]) == (indices % 2 == 0)
""".strip().splitlines()
"""One expression each, for parts of the compiler that random programs seldom reach."""


def complaints() -> Iterator[str]:
    """What is wrong with the compiler: the library's programs must compile, and nothing may crash or answer
    something else than the interpreter.
    """
    from random import Random

    import rasp
    from compiler.fuzzing import check, numbered_program
    from compiler.generator import RandomProgram, nodes, random_inputs
    from tests.program_cases import CASES

    for case in CASES:
        setting = case.small
        program = RandomProgram(rasp.load(case.name).main, setting.vocab, setting.max_length, case.causal)
        outcome = check(program, random_inputs(Random(1), setting.vocab, setting.max_length, 20))
        if outcome.status != "ok":
            yield f"{case.name}: {outcome.status}: {outcome.detail.strip().splitlines()[-1]}"
    for line, text in enumerate(DIRECTED):
        for causal in (False, True):
            program = RandomProgram(
                rasp.parse(f"tokens = tokens_asis; x = {text};").main, (0, 1, 2, 3), 5, causal
            )
            inputs = random_inputs(Random(line), program.vocab, program.max_length, 25)
            outcome = check(program, inputs, optimize=not causal or line % 2 == 0)
            if outcome.status != "ok":
                yield f"{text}: {outcome.status}: {outcome.detail.strip().splitlines()[-1]}"
    for number in range(80):
        program, given = numbered_program(number)
        if nodes(program.sop) > 25:
            continue
        outcome = check(program, given, optimize=number % 2 == 0)
        if outcome.status not in ("ok", "refused"):
            yield f"program {number}: {outcome.status}: {outcome.detail.strip().splitlines()[-1]}"


def main(arguments: Sequence[str]) -> int:
    if not arguments:
        print(*places(), sep="\n")
        return 0
    sys.meta_path.insert(0, Loader(arguments[0]))
    try:
        complaint = next(complaints(), None)
    except Exception as error:  # also a fault that keeps the compiler from being imported is found
        complaint = f"{type(error).__name__}: {error}"
    print(complaint or "survived")
    return 1 if complaint else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
