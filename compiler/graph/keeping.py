"""The s-ops of a program that get columns of their own, by their names."""

from __future__ import annotations

from collections.abc import Collection

from rasp.errors import CompileError
from rasp.graph.sops import Node, SOp, in_order


def kept_nodes(sop: SOp, names: Collection[str]) -> set[Node]:
    """The s-ops of these names, each the only one of its name."""
    named = [node for node in in_order(sop) if isinstance(node, SOp) and node.name in names]
    for name in names:
        count = sum(node.name == name for node in named)
        if count != 1:
            found = "no s-op" if not count else f"{count} s-ops"
            raise CompileError(f"{found} of the program can be kept as {name!r}", hint=_names_hint(sop))
    return set(named)


def _names_hint(root: SOp) -> str:
    names = sorted({n.name for n in in_order(root) if isinstance(n, SOp) and n.name})
    return f"its s-ops with a name are {', '.join(names)}" if names else "none of its s-ops has a name"
