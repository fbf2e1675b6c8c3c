"""What a drawing says about the model: whether it has the heads that are drawn, and if not, why.

A drawing shows the program as it is written, with the heads that a model of short inputs has for it. A count
that can become large is shared by several heads, and what the compiler can simplify takes fewer.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from rasp.drawing.flow import Flow

LONGEST_NAME = 40
UNKNOWN = (
    "Heads as a model of short inputs has them. Longer inputs can need several for one count, and what the "
    "compiler simplifies takes fewer."
)


@dataclass(frozen=True)
class Compiled:
    """What a model of the program has: the heads of each layer, the s-ops that several heads share, a part
    for each, how many tokens it knows, and its longest input.
    """

    heads: tuple[int, ...]
    shared: tuple[str, ...]
    tokens: int
    length: int


def note(flow: Flow, compiled: Compiled | None) -> str:
    """What is said below a drawing; empty if there is no head of which anything is to be said."""
    drawn = flow.heads_by_layer
    if compiled is None:
        return UNKNOWN if any(drawn) else ""
    tokens = "1 token" if compiled.tokens == 1 else f"{compiled.tokens} tokens"
    model = f"The model for a vocabulary of {tokens} and inputs of up to {compiled.length}"
    if not any(drawn) and not any(compiled.heads):
        return ""
    if drawn == compiled.heads:
        return f"{model} has the same heads."
    own = listed([str(each) for each in compiled.heads])
    layers = f" in its {len(compiled.heads)} layers" if len(compiled.heads) > 1 else ""
    many = "head" if compiled.heads == (1,) else "heads"
    return f"{model} has {own} {many}{layers}{why(flow, compiled)}."


def why(flow: Flow, compiled: Compiled) -> str:
    """Why a model has other heads than are drawn."""
    shared = [name if len(name) <= LONGEST_NAME else "one without a name" for name in compiled.shared]
    are = "is" if len(shared) == 1 else "are"
    reasons = [f"{listed(shared)} {are} shared by several heads"] if shared else []
    if len(compiled.heads) != flow.layers or any(
        has < drawn for has, drawn in zip(compiled.heads, flow.heads_by_layer, strict=True)
    ):
        reasons.append("the compiler has simplified what is written")
    elif not shared:
        reasons.append("the compiler has divided the work otherwise")
    return ": " + ", and ".join(reasons)


def listed(words: Iterable[str]) -> str:
    """Words as a sentence names them."""
    *first, last = words
    return f"{', '.join(first)} and {last}" if first else last
