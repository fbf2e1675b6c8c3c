"""The flow as an SVG picture: layers from top to bottom, selectors as matrices, values as rows of cells.

Nothing is measured: characters of the monospaced font are taken as 0.6 of its size wide.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from html import escape

from rasp.drawing.flow import Flow, Head, Row, Stage
from rasp.graph.atoms import decimal
from rasp.graph.sops import SOp
from rasp.words import Atom

FONT, SMALL = 13, 10.5
CHARACTER = 0.62
CELL_HEIGHT, ROW_HEIGHT, GAP, MARGIN = 24, 33, 10, 18
TITLE_LINE, FORMULA_LINE = 16, 12
NAME_WIDTH = 250
ARC_WIDTH = 120
LONGEST_FRACTION = 7
"""Characters: 355/113."""

UNKNOWN_TO_XML = re.compile("[^\t\n -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

INK, QUIET, LINE, BAND = "#16191d", "#5b6470", "#d4d6d1", "#f6f6f3"
CHOSEN, CELL, NUMBER, RESULT = "#0a4a82", "#eef0ee", "#d8ecfa", "#ffe4b8"
SHARES = (CHOSEN, "#d97706", "#4d7c0f", "#9333ea")
"""The cells of each of several heads that share a selector, over and over."""
DARK = {
    INK: "#eceff2",
    QUIET: "#9ba7b4",
    LINE: "#343c45",
    BAND: "#191e24",
    **dict(zip(SHARES, ("#8fd0ff", "#fbbf24", "#a3e635", "#d8b4fe"), strict=True)),
    CELL: "#2a323b",
    NUMBER: "#12374f",
    RESULT: "#5a4213",
}
"""What each colour is where the reader prefers dark."""

CLASS = "rasp-flow"
OF = ("fill", "stroke")
"""What has a colour."""

FONTS = 'font-family="ui-monospace, DejaVu Sans Mono, Consolas, monospace"'


@dataclass
class Canvas:
    """The picture while it is drawn: its elements, where each s-op's row stands, and the arcs between."""

    cell: float
    count: int
    root: SOp
    parts: list[str] = field(default_factory=list)
    places: dict[SOp, tuple[float, float]] = field(default_factory=dict)
    arcs: list[tuple[SOp, float, float]] = field(default_factory=list)
    """(source, x and y of what is made from it)"""

    def rect(self, x: float, y: float, width: float, height: float, fill: str, extra: str = "") -> None:
        self.parts.append(
            f'<rect x="{x:g}" y="{y:g}" width="{width:g}" height="{height:g}" fill="{fill}"{extra}/>'
        )

    def text(
        self,
        x: float,
        y: float,
        text: str,
        size: float = FONT,
        fill: str = INK,
        anchor: str = "start",
        bold: bool = False,
    ) -> None:
        weight = ' font-weight="600"' if bold else ""
        self.parts.append(
            f'<text x="{x:g}" y="{y:g}" font-size="{size:g}" fill="{fill}" text-anchor="{anchor}"{weight}>'
            f"{clean(text)}</text>"
        )


class Picture(str):
    """The text of an SVG file, which notebooks show as a picture."""

    def _repr_svg_(self) -> str:
        return str(self)


def svg(flow: Flow, title: str = "", note: str = "") -> Picture:
    """The picture of a flow; the note stands below it."""
    canvas = Canvas(cell_width(flow), len(flow.tokens or ()), flow.root)
    left = MARGIN
    y: float = MARGIN
    if title:
        canvas.text(left, y + 14, title, 17, bold=True)
        canvas.text(left + width_of(title, 17) + 16, y + 14, counted(flow), SMALL + 1, QUIET)
        y += 34
    inner = content_width(canvas)
    for stage in flow.stages:
        y = draw_stage(canvas, stage, flow, left, y, inner) + GAP
    for line in wrapped(note, inner + 2 * MARGIN, SMALL):
        canvas.text(left, y + 10, line, SMALL, QUIET)
        y += TITLE_LINE
    width = left + inner + 2 * MARGIN + ARC_WIDTH + MARGIN
    body = "\n".join([*canvas.parts, *arcs(canvas, left + inner + 2 * MARGIN)])
    return Picture(
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:g}" height="{y + GAP:g}" '
        f'viewBox="0 0 {width:g} {y + GAP:g}" class="{CLASS}" {FONTS}>\n'
        f"<title>{clean(title or 'computation flow')}</title>\n{style()}\n{MARKER}\n{body}\n</svg>\n"
    )


def style() -> str:
    """Other colours where the reader prefers dark, for this picture alone: it may stand within a page. The
    ground is the page's own.
    """
    rules = [f'.{CLASS} [{of}="{light}"]{{{of}:{dark}}}' for light, dark in DARK.items() for of in OF]
    return f"<style>@media (prefers-color-scheme:dark){{{''.join(rules)}}}</style>"


MARKER = (
    '<defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" '
    f'orient="auto"><path d="M0 0 L8 4 L0 8 Z" fill="{QUIET}"/></marker></defs>'
)


def draw_stage(canvas: Canvas, stage: Stage, flow: Flow, left: float, top: float, inner: float) -> float:
    """One layer's band; returns where it ends."""
    title = f"Layer {stage.number}" if stage.number else "Input"
    place = len(canvas.parts)
    y = top + MARGIN + 6
    canvas.text(left + MARGIN, y, title, FONT, bold=True)
    y += GAP + 4
    if stage.heads:
        y = draw_heads(canvas, stage.heads, flow, left + MARGIN, y)
    for row in stage.rows:
        y = draw_row(canvas, row, left + MARGIN, y)
    bottom = y + GAP / 2
    band: list[str] = []
    canvas.parts, rest = canvas.parts[:place], canvas.parts[place:]
    band.append(
        f'<rect x="{left:g}" y="{top:g}" width="{inner + 2 * MARGIN:g}" height="{bottom - top:g}" '
        f'fill="{BAND}" stroke="{LINE}" rx="8"/>'
    )
    canvas.parts += band + rest
    return bottom


def draw_heads(canvas: Canvas, heads: Sequence[Head], flow: Flow, x: float, y: float) -> float:
    """The heads one below the other, each with the rows that are read with it."""
    end = NAME_WIDTH + canvas.cell * canvas.count
    number = 1
    for head in heads:
        y += GAP / 2
        for source in head.sources:
            canvas.arcs.append((source, x + end, y + 8))
        name = f"{numbered(number, head.count)}: {head.name}"
        y = draw_lines(canvas, x, y, (name, head.formula), end - 10) + GAP / 2
        for place, share in enumerate(head.shares):
            canvas.rect(x, y + 2, 12, 12, SHARES[place % len(SHARES)])
            y = draw_lines(canvas, x + 18, y, (f"head {number + place}: {share.text}", ""), end - 28) + 2
        if head.matrix is not None and flow.tokens is not None:
            y = draw_matrix(canvas, head, flow.tokens, x, y) + GAP / 2
        number += head.count
        for row in head.reads:
            y = draw_row(canvas, row, x, y)
    return y + GAP / 2


def draw_matrix(canvas: Canvas, head: Head, tokens: Sequence[Atom], x: float, top: float) -> float:
    """A selector: a row for each query, a column for each key above the cells of the values."""
    left = x + NAME_WIDTH
    height = min(canvas.cell, 18)
    for column, token in enumerate(tokens):
        middle = left + (column + 0.5) * canvas.cell
        canvas.text(middle, top + 8, fitted(token, canvas.cell, SMALL), SMALL, QUIET, "middle")
    y = top + 13
    for number, token in enumerate(tokens):
        canvas.text(left - 8, y + height - 4, fitted(token, 60, SMALL), SMALL, QUIET, "end")
        for column in range(len(tokens)):
            canvas.rect(
                left + column * canvas.cell + 1,
                y + 1,
                canvas.cell - 2,
                height - 2,
                colour(head, number, column),
            )
        y += height
    return y


def colour(head: Head, query: int, key: int) -> str:
    """That of a cell: of the head that selects it, if there are several."""
    if head.matrix is None or not head.matrix[query][key]:
        return CELL
    for number, share in enumerate(head.shares):
        if share.matrix is not None and share.matrix[query][key]:
            return SHARES[number % len(SHARES)]
    return CHOSEN


def draw_lines(
    canvas: Canvas, x: float, y: float, texts: tuple[str, str], width: float, bold: bool = False
) -> float:
    """A title and its formula below it, each on as many lines as it takes, so that no arrow has to cross
    them; returns where they end.
    """
    title, formula = texts
    for line in wrapped(title, width, FONT):
        canvas.text(x, y + 12, line, FONT, bold=bold)
        y += TITLE_LINE
    for line in wrapped(formula, width, SMALL - 1):
        canvas.text(x, y + 7, line, SMALL - 1, QUIET)
        y += FORMULA_LINE
    return y


def draw_row(canvas: Canvas, row: Row, x: float, y: float) -> float:
    """An s-op's name, how it is written, and its values; returns where the next row begins."""
    own = row.node is canvas.root
    start = y if row.formula else y + 4
    bottom = draw_lines(canvas, x, start, (row.name, row.formula), NAME_WIDTH - 10, own)
    left = x + NAME_WIDTH
    for place, value in enumerate(row.values or ()):
        fill = RESULT if row.node is canvas.root else NUMBER
        canvas.rect(left + place * canvas.cell + 1, y, canvas.cell - 2, CELL_HEIGHT, fill, ' rx="3"')
        middle = left + (place + 0.5) * canvas.cell
        canvas.text(middle, y + 16, fitted(value, canvas.cell, FONT), FONT, INK, "middle")
    end = left + canvas.cell * canvas.count
    for source in row.sources:
        canvas.arcs.append((source, end, y + CELL_HEIGHT / 2))
    canvas.places[row.node] = (end, y + CELL_HEIGHT / 2)
    return max(y + ROW_HEIGHT, bottom + GAP / 2)


def arcs(canvas: Canvas, edge: float) -> list[str]:
    """An arrow at the right from each row to what is made of it, farther out the longer it is."""
    drawn = []
    longest = max((abs(y - canvas.places[source][1]) for source, _, y in canvas.arcs), default=1) or 1
    for source, x, y in canvas.arcs:
        start_x, start_y = canvas.places[source]
        out = max(x, start_x) + 24 + (edge + ARC_WIDTH - max(x, start_x) - 24) * abs(y - start_y) / longest
        drawn.append(
            f'<path d="M{start_x + 4:g} {start_y:g} C{out:g} {start_y:g} {out:g} {y:g} {x + 5:g} {y:g}" '
            f'fill="none" stroke="{QUIET}" stroke-opacity="0.55" marker-end="url(#tip)"/>'
        )
    return drawn


# Measures ---------------------------------------------------------------------------------------------


def cell_width(flow: Flow) -> float:
    """Wide enough for every value that is shown, within bounds."""
    rows = [row for stage in flow.stages for row in (*stage.rows, *(r for h in stage.heads for r in h.reads))]
    longest = max((len(shown(value)) for row in rows for value in row.values or ()), default=1)
    return min(max(26, width_of("0" * longest) + 8), 90)


def content_width(canvas: Canvas) -> float:
    """How wide a layer's content is."""
    return max(NAME_WIDTH + canvas.cell * canvas.count, 320)


def width_of(text: str, size: float = FONT) -> float:
    return len(text) * size * CHARACTER


def wrapped(text: str, width: float, size: float) -> list[str]:
    """The text in lines of this width, broken at blanks where there are some."""
    return textwrap.wrap(text, max(1, int(width / (size * CHARACTER))), break_on_hyphens=False)


def shortened(text: str, width: float, size: float) -> str:
    """As much of the text as fits."""
    most = max(1, int(width / (size * CHARACTER)))
    return text if len(text) <= most else text[: most - 1] + "…"


def fitted(value: Atom, width: float, size: float) -> str:
    return shortened(shown(value), width, size)


def shown(value: Atom) -> str:
    """A value in a cell: T and F, fractions as they are while they are short, else to three places."""
    if isinstance(value, bool):
        return "T" if value else "F"
    if isinstance(value, int | str):
        return str(value)
    exact = str(Fraction(value))
    return exact if len(exact) <= LONGEST_FRACTION else short_decimal(decimal(value))


def short_decimal(text: str) -> str:
    """A decimal to three places, if it is a plain one."""
    _, point, places = text.partition(".")
    return f"{float(text):.3f}".rstrip("0") if point and len(places) > 3 and "e" not in text else text


def clean(text: str) -> str:
    """Text for the file: escaped, and without characters that XML does not know."""
    return escape(UNKNOWN_TO_XML.sub("\ufffd", text))


def numbered(first: int, count: int) -> str:
    """Heads from a number on."""
    if count == 1:
        return f"head {first}"
    return f"heads {first} {'and' if count == 2 else 'to'} {first + count - 1}"


def counted(flow: Flow) -> str:
    """The layers and heads of a flow, in words."""
    if not flow.layers:
        return "each position by itself"
    return f"{plural(flow.layers, 'layer')}, {plural(max(flow.heads_by_layer), 'head')} at most in one"


def plural(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"
