"""How a residual column reads: the s-op that it belongs to, and whether it holds truths."""

from __future__ import annotations

import re

from runtime.weights import Column

TELLING = re.compile(r"( (in \{.*\}|>= .*|= .*|squared|quadratic|feature))?( #\d+)?$", re.DOTALL)
"""What stands behind the s-op's name in the names of its columns."""

STATEMENT = re.compile(r"^([A-Za-z_]\w*) = (.*);$")


def base_name(column: Column) -> str:
    """The s-op that a column belongs to: its name without what tells its columns apart."""
    base = TELLING.sub("", column.name)
    return base if base and balanced(base) else column.name


def balanced(text: str) -> bool:
    """Whether every bracket that opens also closes: else an expression has been cut in two."""
    return all(text.count(opening) == text.count(closing) for opening, closing in ("()", "[]", "{}"))


def is_truth(column: Column) -> bool:
    """Whether the column holds 1 for true and 0 for false."""
    match column.labels:
        case (False, True):
            return True
    return False
