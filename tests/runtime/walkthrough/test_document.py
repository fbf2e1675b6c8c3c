"""Documents: headings, paragraphs and tables, as Markdown and HTML."""

from __future__ import annotations

from runtime.walkthrough.document import Code, Document, Heading, Paragraph, Table
from tests.support.worked import assert_text


def test_a_document_as_markdown() -> None:
    """Signs of Markdown are escaped in words, and code stands between backticks."""
    rows = (((Code("tokens"),), ("1",)), ((Code("a|b"),), ("2",)))
    document = Document(
        (
            Heading(1, ("What it does",)),
            Paragraph(("2 < 3, it says, in ", Code("x`y"), ".")),
            Table((("column",), ("value",)), rows),
        )
    )
    assert_text(
        document.markdown(),
        r"""
        # What it does

        2 \< 3, it says, in `` x`y ``.

        | column | value |
        | --- | ---: |
        | `tokens` | 1 |
        | `a\|b` | 2 |
        """,
    )
    assert "<code>x`y</code>" in document.html()
