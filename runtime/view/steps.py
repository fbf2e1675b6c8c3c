"""The steps of a model's way to its answers, a sentence each, as the page goes through them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from runtime.inspection.duties import Duties
from runtime.inspection.spoken import Code, Text


def steps(duties: Duties) -> list[dict[str, Any]]:
    """What every sublayer makes, s-op by s-op: which columns, by which heads, how, told in a sentence."""
    return list(_steps(duties))


def _steps(duties: Duties) -> Iterator[dict[str, Any]]:
    for sublayer in range(1, 1 + 2 * len(duties.weights.layers)):
        for made in duties.of_sublayer(sublayer):
            lines = duties.quoting.lines(made.of)
            yield {
                "sublayer": sublayer,
                "name": made.name,
                "columns": list(made.columns),
                "heads": list(made.heads),
                "how": made.how,
                "values": duties.values(made),
                "told": _data(duties.step(made)),
                "line": str(lines[-1]) if lines and made.how != "rewrites" else "",
            }


def _data(text: Text) -> list[Any]:
    """A text as the page takes it: strings, and {"code": text} for the program's own words."""
    return [{"code": part.text} if isinstance(part, Code) else part for part in text]
