"""How a residual column reads: the s-op that it belongs to, and whether it holds truths."""

from __future__ import annotations

import re

from runtime.weights import Column

STATEMENT = re.compile(r"^([A-Za-z_]\w*) = (.*);$")


def base_name(column: Column) -> str:
    """The s-op that a column belongs to, or its own name if it belongs to none."""
    return column.sop or column.name


def is_truth(column: Column) -> bool:
    """Whether the column holds 1 for true and 0 for false."""
    match column.labels:
        case (False, True):
            return True
    return False
