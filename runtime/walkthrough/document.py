"""Headings, paragraphs and tables, and how they are written as Markdown and HTML."""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from runtime.inspection.spoken import Code, Text, plain

__all__ = [
    "Block",
    "Code",
    "Document",
    "Heading",
    "Listing",
    "Paragraph",
    "Table",
    "Text",
    "as_data",
    "plain",
]

MARKDOWN_SIGNS = re.compile(r"([\\`*_{}\[\]<>#|~])")


@dataclass(frozen=True)
class Heading:
    """A title; level 1 is that of the document."""

    level: int
    text: Text


@dataclass(frozen=True)
class Paragraph:
    text: Text


@dataclass(frozen=True)
class Table:
    """Rows of cells; all columns but the first hold numbers, so they stand at the right."""

    header: tuple[Text, ...]
    rows: tuple[tuple[Text, ...], ...]


@dataclass(frozen=True)
class Listing:
    """Lines of a program."""

    lines: tuple[str, ...]


Block = Heading | Paragraph | Table | Listing


@dataclass(frozen=True)
class Document:
    """A text of blocks, from top to bottom."""

    blocks: tuple[Block, ...]

    def markdown(self) -> str:
        """As Markdown, with tables as GitHub writes them."""
        return "\n\n".join(map(markdown_block, self.blocks)) + "\n"

    def html(self) -> str:
        """As a page of its own."""
        title = next((plain(block.text) for block in self.blocks if isinstance(block, Heading)), "")
        body = "\n".join(map(html_block, self.blocks))
        return (
            f'<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
            f"<title>{html.escape(title)}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n{body}\n"
            "</body>\n</html>\n"
        )


STYLE = (
    ":root{color-scheme:light dark}body{font:16px/1.55 system-ui,sans-serif;max-width:52rem;margin:2rem auto;"
    "padding:0 1rem}code{font-family:ui-monospace,'DejaVu Sans Mono',monospace;font-size:.92em}"
    "pre{white-space:pre-wrap;overflow-wrap:anywhere;background:#8881;border-radius:6px;padding:.5rem .8rem}"
    "table{border-collapse:collapse;margin:.8rem 0;display:block;overflow-x:auto}"
    "th,td{padding:.2rem .7rem;border-bottom:1px solid #8886;text-align:right}"
    "th:first-child,td:first-child{text-align:left}h2{margin-top:2.2rem;border-bottom:2px solid #8886}"
)


def markdown_block(block: Block) -> str:
    """One block as Markdown."""
    match block:
        case Heading(level=level, text=text):
            return f"{'#' * level} {markdown_text(text)}"
        case Paragraph(text=text):
            return markdown_text(text)
        case Table(header=header, rows=rows):
            rule = "| --- |" + " ---: |" * (len(header) - 1)
            return "\n".join([markdown_row(header), rule, *map(markdown_row, rows)])
        case Listing(lines=lines):
            longest = max((len(run) for line in lines for run in re.findall("`+", line)), default=0)
            fence = "`" * max(3, 1 + longest)
            return "\n".join([fence, *lines, fence])


def markdown_row(cells: Sequence[Text]) -> str:
    """A table's row; in it even code must escape the bar."""
    return "| " + " | ".join(markdown_text(cell, in_table=True) for cell in cells) + " |"


def markdown_text(text: Text, in_table: bool = False) -> str:
    """Words with Markdown's signs escaped, and code between enough backticks."""
    parts = []
    for part in text:
        if isinstance(part, Code):
            fence = "`" * (1 + max((len(run) for run in re.findall("`+", part.text)), default=0))
            inner = f" {part.text} " if "`" in part.text or not part.text.strip() else part.text
            code = fence + inner + fence
            parts.append(code.replace("|", "\\|") if in_table else code)
        else:
            parts.append(MARKDOWN_SIGNS.sub(r"\\\1", part))
    return "".join(parts)


def html_block(block: Block) -> str:
    """One block as HTML."""
    match block:
        case Heading(level=level, text=text):
            return f"<h{level}>{html_text(text)}</h{level}>"
        case Paragraph(text=text):
            return f"<p>{html_text(text)}</p>"
        case Table(header=header, rows=rows):
            head = "".join(f"<th>{html_text(cell)}</th>" for cell in header)
            body = "\n".join(
                "<tr>" + "".join(f"<td>{html_text(cell)}</td>" for cell in row) + "</tr>" for row in rows
            )
            return f"<table>\n<thead><tr>{head}</tr></thead>\n<tbody>\n{body}\n</tbody>\n</table>"
        case Listing(lines=lines):
            return "<pre><code>{}</code></pre>".format(html.escape("\n".join(lines)))


def html_text(text: Text) -> str:
    return "".join(
        f"<code>{html.escape(part.text)}</code>" if isinstance(part, Code) else html.escape(part)
        for part in text
    )


def as_data(document: Document) -> list[dict[str, Any]]:
    """The blocks as plain data: {kind, level, text} or {kind, header, rows}; a text is a list of strings, and
    of {"code": text} for the program's own words.
    """
    return [block_data(block) for block in document.blocks]


def block_data(block: Block) -> dict[str, Any]:
    match block:
        case Heading(level=level, text=text):
            return {"kind": "heading", "level": level, "text": text_data(text)}
        case Paragraph(text=text):
            return {"kind": "paragraph", "text": text_data(text)}
        case Table(header=header, rows=rows):
            cells = [list(map(text_data, row)) for row in (header, *rows)]
            return {"kind": "table", "header": cells[0], "rows": cells[1:]}
        case Listing(lines=lines):
            return {"kind": "listing", "lines": list(lines)}


def text_data(text: Text) -> list[Any]:
    return [{"code": part.text} if isinstance(part, Code) else part for part in text if part]
