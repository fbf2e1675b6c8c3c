"""Markdown in the terminal, the same with every version of rich."""

from __future__ import annotations

from typing import ClassVar

from rich.console import Console, ConsoleOptions, RenderResult
from rich.markdown import Heading, Markdown, MarkdownElement

WIDEST = 100
"""Characters of a line at most."""


class Title(Heading):
    """A heading in the middle of its line; some versions of rich draw a frame around it."""

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        title = self.text.copy()
        title.justify = "center" if self.tag == "h1" else "left"
        yield title


class Page(Markdown):
    """Markdown with such headings."""

    elements: ClassVar[dict[str, type[MarkdownElement]]] = {**Markdown.elements, "heading_open": Title}


def print_markdown(text: str) -> None:
    """Markdown on standard output."""
    console = Console()
    console.width = min(console.width, WIDEST)
    console.print(Page(text))
