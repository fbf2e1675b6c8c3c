"""Why a compiled model is right for every input, as data.

Almost everything that a model carries is an integer, exact in float32; what is left to prove for each
step is that rounding stays below half a unit where a count is snapped, that scores keep selected and
unselected keys far enough apart, and that no sum of integers leaves the range in which float32 is exact.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from compiler.attention import UNIT
from compiler.domains import RealDomain
from compiler.ops import Head, Lowered, Table
from compiler.precision import FLOAT32
from compiler.schedule import Schedule
from runtime import Certificate

UNDERFLOW = 104
"""exp of less than minus this is exactly 0 in float32."""


def certify(lowered: Lowered, schedule: Schedule, max_length: int) -> Certificate:
    """Every bound with the tolerance that it must stay under."""
    items = [
        *(item for layer, head in schedule.heads for item in _head_items(layer, head)),
        *(item for layer, table in schedule.tables for item in _table_items(layer, table)),
        _output_item(lowered),
    ]
    certified = all(item["bound"] < item["tolerance"] for item in items)
    failed = [item for item in items if item["bound"] >= item["tolerance"]]
    summary = (
        f"certified: exact for every input of up to {max_length} tokens ({len(items)} bounds)"
        if certified
        else f"not certified: {failed[0]['step']}: {failed[0]['what']} "
        f"(bound {failed[0]['bound']:.3g}, tolerance {failed[0]['tolerance']:.3g})"
    )
    return Certificate(certified, summary, tuple(items))


def _item(step: str, what: str, bound: Fraction | float, tolerance: float) -> dict[str, Any]:
    return {"step": step, "what": what, "bound": float(bound), "tolerance": float(tolerance)}


def _head_items(layer: int, head: Head) -> list[dict[str, Any]]:
    sides = max((max(q.bound / UNIT, k.bound) for q, k in head.dims), default=Fraction(0))
    step = f"layer {layer} head: {head.title}"
    items = [
        _item(step, "queries and keys are exact integers", sides, FLOAT32.exact),
        _item(step, f"scores are exact integers (in units of {UNIT})", head.score_bound, FLOAT32.exact),
    ]
    for value in head.values:
        if value.form.noise == 0:
            items.append(
                _item(step, f"values of {value.column.name} are exact", value.form.bound, FLOAT32.exact)
            )
    return items


def _table_items(layer: int, table: Table) -> list[dict[str, Any]]:
    step = f"layer {layer} MLP: {table.title}"
    items = [_item(step, "the point on the line is exact", table.form.bound, FLOAT32.exact)]
    for column in table.columns:
        if column.noise:
            items.append(_item(step, f"noise of {column.name} before rounding", column.noise, 0.5))
    return items


def _output_item(lowered: Lowered) -> dict[str, Any]:
    form, domain = lowered.output, lowered.output_domain
    if isinstance(domain, RealDomain):
        tolerance = 1 / (2 * domain.max_denominator**2)
        return _item("output", "nearest fraction is the right one", form.noise, tolerance)
    return _item("output", "the code is exact", form.noise, 0.5)
