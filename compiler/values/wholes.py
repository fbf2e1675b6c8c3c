"""Arithmetic of whole numbers, for all combinations of operands at once.

Programs calculate with whole numbers more often than with anything else, and one by one they take seconds.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from compiler.graph.terms import Term
from compiler.ranges.domains import Codes, Domain, Means
from rasp.words import Operator

ARITHMETIC: dict[Operator | None, Callable[[Codes, Codes], Codes]] = {
    Operator.ADD: np.add,
    Operator.SUB: np.subtract,
    Operator.MUL: np.multiply,
    Operator.MOD: np.mod,
}
"""What is as the interpreter has it, in 64 bits: a remainder has the sign of its divisor there, too."""


def calculated(term: Term, left: Codes, right: Codes) -> Codes | None:
    """What the term gives for numbers that `Listed.wholes` lists; None if it is no such arithmetic, or
    has no value for some.
    """
    function = ARITHMETIC.get(term.operator)
    if function is None or (term.operator is Operator.MOD and not right.all()):
        return None
    return function(left, right)


def images(term: Term, domains: Mapping[Term, Domain]) -> list[int] | None:
    """All that the term gives for what its operands can be; None if it is not arithmetic of whole numbers."""
    if term.operator not in ARITHMETIC:
        return None
    known = [None if isinstance(each, Means) else each.wholes for each in domains.values()]
    numbers = [each for each in known if each is not None]
    if len(numbers) < len(known):
        return None
    grid = dict(zip(domains, np.meshgrid(*numbers, indexing="ij", sparse=True), strict=True))
    left, right = (grid[operand] for operand in term.args)
    found = calculated(term, left, right)
    return None if found is None else [int(value) for value in np.unique(found)]
