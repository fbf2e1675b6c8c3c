"""What the compiler knows of the needs of a model: it names what its heads and rounded columns rest on.

The checker finds out the same from the weights. What is named here may be more than that, never less.
"""

from __future__ import annotations

import numpy as np

from compiler.certificate.bounds import COUNTED
from compiler.certificate.needs import Needs, exp_allowed
from compiler.layout.schedule import Schedule
from compiler.lowering.operations import Head, HeadValue, columns_written
from compiler.rounding import EXP_ROUNDINGS
from compiler.values.inference import Domains


def needs_of(schedule: Schedule, domains: Domains) -> Needs:
    """What a model needs from a machine."""
    made = [*(head for _, head in schedule.heads), *(hidden for _, hidden in schedule.hidden)]
    values = [(head, value) for _, head in schedule.heads for value in head.values]
    allowed = [_exp(head, value, domains) for head, value in values if _counts(head)]
    return Needs(
        domains.asked.dtype,
        bias_apart=any(column.snapped for operation in made for column in columns_written(operation)),
        divides_last=any(few < EXP_ROUNDINGS + 2 for few in allowed)
        or any(_divides_last(head, value, domains) for head, value in values if not _counts(head)),
        exp_roundings=min(allowed, default=None),
    )


def _counts(head: Head) -> bool:
    return any(read.term.kind in COUNTED for read in head.reads)


def _largest(value: HeadValue) -> float:
    return float(max(abs(value.reading.low), abs(value.reading.high)))


def _exp(head: Head, value: HeadValue, domains: Domains) -> int:
    """By how much `exp` may be off for a count: what is not rounded bears no more than it has."""
    if not value.column.snapped:
        return EXP_ROUNDINGS
    most = max(read.most for read in head.reads)
    weight = float(np.dtype(domains.asked.dtype).type(float(value.factor)))  # as it stands in the model
    rounding = domains.asked.precision.cautious
    return exp_allowed(_largest(value), weight, float(head.bos_score), most, rounding)


def _divides_last(head: Head, value: HeadValue, domains: Domains) -> bool:
    """Whether a mean of several values would be too far off if each were divided on its own: each errs by a
    rounding more, and so do the sums.
    """
    relations = domains.relations
    if all(relations.at_most_one(domains.reads[read.term.index].conjunctions) for read in head.reads):
        return False
    rounding, most = domains.asked.precision.cautious, domains.asked.max_length
    size = abs(float(value.factor)) * _largest(value) + float(value.column.bound)
    error = abs(float(value.factor)) * float(value.reading.noise) + size * rounding * (2 * most + 16)
    return not (value.column.snapped and error < 0.5)
