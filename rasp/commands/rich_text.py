"""A document for the terminal, as rich prints it."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator

from rich.table import Table as RichTable
from rich.text import Text as RichText

from runtime.walkthrough.document import Code, Document, Heading, Listing, Paragraph, Table, Text

INDENT = 4
"""How far lines of a program stand to the right, and as far again where they go on."""


def renderables(document: Document, width: int) -> Iterator[RichText | RichTable]:
    """Each block, with a blank line after it; lines of a program go on at `width`."""
    for block in document.blocks:
        match block:
            case Heading(level=level, text=text):
                yield rich_text(text, "bold underline" if level == 1 else "bold")
            case Paragraph(text=text):
                yield rich_text(text)
            case Listing(lines=lines):
                yield RichText(
                    "\n".join(each for line in lines for each in folded(line, width)), style="cyan"
                )
            case Table():
                yield rich_table(block)
        yield RichText()


def folded(line: str, width: int) -> list[str]:
    """A line of a program in lines of a terminal."""
    first = INDENT + len(line) - len(line.lstrip())
    return textwrap.wrap(
        line.lstrip(),
        width,
        initial_indent=" " * first,
        subsequent_indent=" " * (first + INDENT),
        break_on_hyphens=False,
    )


def rich_text(text: Text, style: str = "") -> RichText:
    """Words plain, code in colour."""
    result = RichText(style=style)
    for part in text:
        if isinstance(part, Code):
            result.append(part.text, style="cyan")
        else:
            result.append(part)
    return result


def rich_table(table: Table) -> RichTable:
    """The table with a rule below its header."""
    result = RichTable(box=None, pad_edge=True, header_style="dim", padding=(0, 2))
    for place, cell in enumerate(table.header):
        result.add_column(rich_text(cell), justify="right" if place else "left", overflow="fold")
    for row in table.rows:
        result.add_row(*(rich_text(cell) for cell in row))
    return result
