"""Which values the output takes: they are the labels of the model, and what a generated token can be.

Domains are supersets, since they forget which values occur together: `tokens + indicator(tokens < 9)` is
never 10, but 9 + 1 seems possible. For the output all combinations are tried, where they are few.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Mapping, Sequence

from compiler.graph.terms import Kind, Term
from rasp.graph.sops import Elementwise
from rasp.words import Atom

MAX_STEPS = 30_000
"""How many elementwise operations are worked out at most."""

Call = Callable[[Elementwise, Sequence[Atom]], Atom | None]


def tried_values(
    root: Term,
    vocab: Sequence[Mapping[int, Atom]],
    listing: Callable[[Term], Sequence[Atom] | None],
    call: Call,
) -> set[Atom]:
    """The values of the output over all combinations of the tokens, positions and reads that it is computed
    from; empty if they are too many to try. `vocab`: for each token the values of all conversions of it that
    it has.
    """
    inner = _elementwise(root)
    leaves = {a.index: a for t in inner.values() for a in t.args if a.index not in inner}
    others = [leaf for leaf in leaves.values() if leaf.kind is not Kind.TOKENS]
    axes = [listing(leaf) or () for leaf in others]
    if not inner or math.prod(map(len, axes)) * len(vocab) * len(inner) > MAX_STEPS:
        return set()
    found: set[Atom] = set()
    for token, point in itertools.product(vocab, itertools.product(*axes)):
        values = dict(token)
        values.update(zip((leaf.index for leaf in others), point, strict=True))
        for term in inner.values():
            arguments = [values[a.index] for a in term.args if a.index in values]
            assert term.function is not None
            value = call(term.function, arguments) if len(arguments) == len(term.args) else None
            if value is not None:
                values[term.index] = value
        if len(values) == len(token) + len(others) + len(inner):  # defined throughout
            found.add(values[root.index])
    return found


def _elementwise(root: Term) -> dict[int, Term]:
    """The elementwise operations between what is read (or kept) and the output, operands first."""
    found: dict[int, Term] = {}
    stack = [root] if root.kind is Kind.MAP else []
    while stack:
        term = stack.pop()
        if term.index not in found:
            found[term.index] = term
            stack.extend(a for a in term.args if a.kind is Kind.MAP and not a.is_kept)
    return {index: found[index] for index in sorted(found)}
