"""Documents: headings, paragraphs and tables, as Markdown and HTML."""

from __future__ import annotations

from runtime.walkthrough.document import Code, Document, Heading, Listing, Paragraph, Table, as_data
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


def test_lines_of_a_program() -> None:
    document = Document((Listing(("a = 1;", 'b = "```";')),))
    assert document.markdown() == '````\na = 1;\nb = "```";\n````\n'
    assert "<pre><code>a = 1;\nb = &quot;```&quot;;</code></pre>" in document.html()
    assert as_data(document) == [{"kind": "listing", "lines": ["a = 1;", 'b = "```";']}]
