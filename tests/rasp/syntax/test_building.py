"""Building the tree: every part knows the stretch of text that it was read from."""

from __future__ import annotations

from rasp.syntax.building import span_of
from rasp.syntax.parser import parse_expression
from rasp.syntax.tree import Binary, children


def test_spans_of_parts() -> None:
    """The whole, its two sides, and the brackets that the user wrote."""
    text = "a + (b - 1)"
    whole = parse_expression(text)
    assert isinstance(whole, Binary)
    assert [text[slice(*part.span.offsets)] for part in (whole, *children(whole))] == [text, "a", "(b - 1)"]
    assert span_of(list(children(whole))).offsets == whole.span.offsets
