"""Which values of a program calls of library functions gave, and how those calls are written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from compiler.program.opening import site_called
from compiler.program.writing import atom, base_name
from rasp.graph.sops import Constant, Indices, Node, Tokens
from rasp.graph.values import Value
from runtime.statements import Call, Mention


@dataclass(frozen=True)
class Naming:
    """How nodes are mentioned: by the number of the statement that makes each, in `places`, or else by the
    numbers of the s-ops of the model that they became.
    """

    places: Mapping[Node, int]
    sops: Mapping[Node, tuple[int, ...]]

    def mention(self, start: int, end: int, node: Node) -> Mention:
        """That the characters [start, end) name a node."""
        if node in self.places:
            return Mention(start, end, self.places[node])
        return Mention(start, end, None, self.sops.get(node, ()))


def called(node: Node, named: Naming) -> Call | None:
    """The call of a library function that gave a node to what is none of the library's own lines. None if
    there is none, or if an argument is none that can be written in it.
    """
    if node.call is None or site_called(node) is None:
        return None
    text, mentions = f"{node.call.function}(", list[Mention]()
    for number, argument in enumerate(node.call.arguments):
        text += ", " if number else ""
        written = _written(argument, named)
        if written is None:
            return None
        if isinstance(argument, Node) and not isinstance(argument, Constant):
            mentions.append(named.mention(len(text), len(text) + len(written), argument))
        text += written
    return Call(f"{text})", tuple(mentions))


def _written(argument: Value, named: Naming) -> str | None:
    """An argument: a base s-op or a value as it is written, a statement by any name; None for others."""
    match argument:
        case Tokens() | Indices():
            return base_name(argument)
        case Constant(value=value):
            return atom(value)
        case Node():
            return "x" if argument in named.places else None
        case str() | bool() | int() | Fraction():
            return atom(argument)
    return None
