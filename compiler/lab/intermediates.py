"""Intermediate s-ops without a name get one, so that they can be kept: for interventions and as tasks."""

from __future__ import annotations

from collections import Counter
from itertools import count

from rasp.graph.sops import Read, SOp, in_order

NAME = "read"


def named_reads(sop: SOp) -> list[str]:
    """The names of all reads within an s-op (what heads do: aggregates, counts, `has_focus`), in the order in
    which they are computed, but not of itself; those without a name are given one: read1, read2, and so on.
    Compile with `keep=named_reads(sop)`, and each can be seen and replaced.
    """
    names = Counter(node.name for node in in_order(sop) if isinstance(node, SOp))
    free = (name for name in (f"{NAME}{n}" for n in count(1)) if name not in names)
    reads = [node for node in in_order(sop) if isinstance(node, SOp) and isinstance(node, Read)]
    for read in reads:
        if read.name is None and read is not sop:
            read.bind(next(free))
    return [read.name for read in reads if read is not sop and read.name and names[read.name] < 2]
