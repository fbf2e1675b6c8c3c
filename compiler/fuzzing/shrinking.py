"""Failing programs and inputs made as small as they can be while they still fail.

Both work greedily: of all slightly smaller variants, smallest first, the first one that still fails is gone
on with, until none does. (Hypothesis, shrinking the choices that a program was generated from, still had 29
of 46 s-ops and selectors after a minute where this comes to 6 in less than a second: a program grown anew
from other choices is another program.)
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from compiler.request import Request
from rasp.graph.sops import (
    Aggregate,
    Constant,
    Elementwise,
    Exists,
    Indices,
    LookUp,
    Member,
    Node,
    Select,
    Selector,
    SelectorAnd,
    SelectorNot,
    SelectorOr,
    SOp,
    Tokens,
    Width,
    in_order,
    operands,
)
from rasp.inputs import smaller_inputs
from rasp.words import Atom


@dataclass(frozen=True)
class Case:
    """An s-op, what to compile it for, and the input on which something goes wrong, if any."""

    sop: SOp
    asked: Request
    inputs: tuple[Atom, ...] | None = None


def shrink_case(case: Case, failing: Callable[[Case], bool], most: int = 2000) -> Case:
    """A smaller program, vocabulary, length and input that still fail, after at most `most` attempts."""
    attempts = 0
    found = True
    while found:
        found = False
        for smaller in smaller_cases(case):
            attempts += 1
            if attempts > most:
                return case
            if failing(smaller):
                case, found = smaller, True
                break
    return case


def smaller_cases(case: Case) -> Iterator[Case]:
    """Every way to make a case a little smaller, the bravest first."""
    if case.inputs is not None:
        for inputs in smaller_inputs(case.inputs, case.asked.vocab):
            yield replace(case, inputs=inputs)
    for sop in smaller_programs(case.sop):
        yield replace(case, sop=sop)
    for asked in smaller_requests(case.asked, case.inputs or ()):
        yield replace(case, asked=asked)


def smaller_requests(asked: Request, inputs: Sequence[Atom]) -> Iterator[Request]:
    """What asks for a little less, and still allows the input."""
    shortest = max(1, len(inputs))
    for max_length in sorted({shortest, (shortest + asked.max_length) // 2, asked.max_length - 1}):
        if shortest <= max_length < asked.max_length:
            yield replace(asked, max_length=max_length)
    for token in asked.vocab:
        if len(asked.vocab) > 1 and token not in inputs:
            yield replace(asked, vocab=tuple(other for other in asked.vocab if other is not token))
    if asked.causal:
        yield replace(asked, causal=False)


def smaller_programs(root: SOp) -> Iterator[SOp]:
    """Some s-op of the program on its own; then the program with one node replaced by something simpler."""
    below = [node for node in in_order(root) if node is not root]
    yield from (node for node in below if isinstance(node, SOp))
    for node in reversed([*below, root]):
        for simpler in simpler_nodes(node):
            replaced = substitute(root, node, simpler)
            if isinstance(replaced, SOp):
                yield replaced


def simpler_nodes(node: Node) -> Iterator[Node]:
    """What may stand for a node: its operands, a constant or base s-op, itself with less in it."""
    same = Selector if isinstance(node, Selector) else SOp
    yield from (each for each in operands(node) if isinstance(each, same))
    if isinstance(node, SOp) and not isinstance(node, Constant | Tokens | Indices):
        yield from (Constant(0), Constant(1), Constant(True), Constant("a"), Tokens(), Indices())
    match node:
        case Aggregate(default=default) if default is not None:
            yield replace(node, default=None)
        case Aggregate(only=True):
            yield replace(node, only=False)
        case Member(items=items):
            yield from (replace(node, items=items[:i] + items[i + 1 :]) for i in range(len(items)))
        case LookUp(container=tuple() as items):
            yield from (replace(node, container=(items[0],) * len(items)),) if len(set(items)) > 1 else ()


def substitute(root: Node, old: Node, new: Node) -> Node:
    """The same graph with one node replaced wherever it is read; what is shared stays shared."""
    made: dict[Node, Node] = {old: new}
    for node in in_order(root):
        if node not in made:
            parts = operands(node)
            changed = any(made[part] is not part for part in parts)
            made[node] = rebuilt(node, [made[part] for part in parts]) if changed else node
    return made[root]


def default_of(part: Node) -> Atom | SOp:
    """A default as the language has it: a constant one is an atom."""
    assert isinstance(part, SOp)
    return part.value if isinstance(part, Constant) else part


def rebuilt(node: Node, parts: Sequence[Node]) -> Node:
    """The node with other operands."""
    names: dict[type[Node], tuple[str, ...]] = {
        Aggregate: ("selector", "values"),
        Width: ("selector",),
        Exists: ("selector",),
        Select: ("keys", "queries"),
        SelectorAnd: ("left", "right"),
        SelectorOr: ("left", "right"),
        SelectorNot: ("operand",),
    }
    if isinstance(node, Aggregate) and len(parts) > 2:
        node, parts = replace(node, default=default_of(parts[2])), parts[:2]
    if isinstance(node, Elementwise):
        return replace(node, args=tuple(part for part in parts if isinstance(part, SOp)))
    return replace(node, **dict(zip(names[type(node)], parts, strict=True)))  # type: ignore[arg-type]
