"""The program that goes with a model: what is compiled and certified is what is saved."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from compiler.graph.building import build
from compiler.program.writing import Written, base_name, says_the_same, write_program
from compiler.request import Request
from compiler.values.inference import Domains
from rasp import parse
from rasp.errors import TooLargeError
from rasp.graph.sops import Indices, Map, Node, SOp, Tokens, in_order
from rasp.words import Atom

MAX_COMBINATIONS = 50_000
"""Of how many combinations of values a function given in Python may be saved; reading these takes seconds."""

SAVED = "<saved program>"
"""What messages call a text that nobody wrote: that of a program made in Python."""


def saved_program(sop: SOp, asked: Request) -> Written:
    """The s-op as a program, functions given in Python as look-ups over what their arguments can be.

    Raises:
        CompileError: such an argument takes too many values, or a string has no spelling in RASP.
    """
    return write_program(sop, _argument_values(sop, asked))


@dataclass(frozen=True, eq=False)
class Saved:
    """A program as it is compiled and saved: its s-op, its text, and the node that each node of what the user
    wrote is in it.
    """

    sop: SOp
    program: Written
    nodes: Mapping[Node, Node]


def as_saved(sop: SOp, asked: Request) -> Saved:
    """The s-op as its saved program gives it: itself, unless its text has other s-ops."""
    program = saved_program(sop, asked)
    if says_the_same(sop):
        return Saved(sop, program, {node: node for node in in_order(sop)})
    again = parse(program.text, file=SAVED)
    nodes = {line.node: again[line.name] for line in program.lines}
    bases = {_base(node): node for node in in_order(again.main) if _base(node)}
    nodes |= {node: bases[_base(node)] for node in in_order(sop) if _base(node) in bases}
    known = {node: each for node, each in nodes.items() if isinstance(each, Node)}
    return Saved(again.main, saved_program(again.main, asked), known)


def _base(node: Node) -> str | None:
    """What a program calls a base s-op; None for any other node."""
    return base_name(node) if isinstance(node, Tokens | Indices) else None


def _argument_values(sop: SOp, asked: Request) -> dict[Node, Sequence[Atom]]:
    """What the arguments of functions given in Python can be."""
    functions = [node for node in in_order(sop) if isinstance(node, Map)]
    plain = replace(asked, optimize=False, keep=())
    result: dict[Node, Sequence[Atom]] = {}
    for argument in (argument for function in functions for argument in function.args):
        root = build(argument, plain).root
        domain = Domains(root, plain).get(root)
        values = domain.values
        if values is None:
            raise TooLargeError(
                f"a Python function is applied to too many values: {domain.text}",
                reason="a Python function of too many values",
                span=argument.span,
            )
        result[argument] = values
    for function in functions:
        combinations = math.prod(len(result[argument]) for argument in function.args)
        if combinations > MAX_COMBINATIONS:
            raise TooLargeError(
                f"a Python function is applied to too many combinations of values ({combinations:,})",
                reason="a Python function of too many values",
                span=function.span,
                hint="arguments with fewer values help",
            )
        Domains(build(function, plain).root, plain)  # refuses what tells True from 1 where it may get either
    return result
