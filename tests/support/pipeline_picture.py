"""The README's figure of the way from a program to weights, drawn from what `hist` is really compiled to.

`python -m tests.support.pipeline_picture` writes it; a test compares it with what is there.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

import compiler
import rasp
import runtime
from rasp.drawing.svg import (
    BAND,
    CELL,
    CHARACTER,
    CHOSEN,
    FONTS,
    INK,
    LINE,
    MARKER,
    NUMBER,
    QUIET,
    RESULT,
    clean,
)
from runtime.weights import Array
from tests.support.paths import ROOT

PICTURE = ROOT / "programs" / "docs" / "pictures" / "pipeline.svg"
VOCAB, LENGTH, INPUT = "abc", 4, "abca"
SIZE = 11
CARD, GAP, TOP = (290, 205), 44, 52
NEGATIVE, ROUNDING = "#b84a00", 2.0**22

NBSP = "\u00a0"

Parts = list[str]


def text(x: float, y: float, words: str, size: float = SIZE, fill: str = INK, extra: str = "") -> str:
    shown = clean(words).replace("    ", NBSP * 4)
    return f'<text x="{x:g}" y="{y:g}" font-size="{size:g}" fill="{fill}" {extra}>{shown}</text>'


def cell(x: float, y: float, width: float, fill: str, words: str = "", ink: str = INK) -> Parts:
    box = f'<rect x="{x:g}" y="{y:g}" width="{width - 2:g}" height="18" rx="2" fill="{fill}"/>'
    middle = 'text-anchor="middle"'
    return [box, *([text(x + width / 2 - 1, y + 13, words, SIZE, ink, middle)] if words else [])]


def lines(x: float, y: float, words: Sequence[str], fill: str = INK) -> Parts:
    return [text(x, y + 17 * place, line, SIZE, fill) for place, line in enumerate(words)]


def number(value: float) -> str:
    """A weight in a cell; R is the constant that rounds to whole numbers."""
    return "R" if abs(value) > ROUNDING else f"{value:.4g}".replace("-", "\u2212")


def matrix(
    x: float, y: float, title: str, rows: Sequence[str], columns: Sequence[str], values: Array
) -> Parts:
    """A labelled matrix of numbers, blue above zero and orange below."""
    left = x + CHARACTER * SIZE * max(map(len, rows)) + 8
    wide = max(34.0, CHARACTER * SIZE * max(map(len, columns)) + 8)
    parts = [text(x, y, title, SIZE, QUIET)]
    parts += [text(left + c * wide + 2, y + 16, name, 9, QUIET) for c, name in enumerate(columns)]
    for r, row in enumerate(values):
        parts.append(text(x, y + 34 + 20 * r, rows[r]))
        for c, value in enumerate(row):
            fill = CELL if value == 0 or abs(value) > ROUNDING else NUMBER if value > 0 else "#ffe0c8"
            parts += cell(left + c * wide, y + 21 + 20 * r, wide, fill, number(float(value)) if value else "")
    return parts


def program_card(x: float, y: float, model: runtime.Model) -> Parts:
    source = [line for line in rasp.load("hist").source.splitlines() if line and line[0] != "#"]
    wrapped = [piece for line in source for piece in line.replace("(select", "(\n    select").split("\n")]
    examples = [
        f"tokens: {' '.join(VOCAB)}",
        f"at most {LENGTH} of them",
        "",
        f'hist("{INPUT}") is {model(INPUT)}',
    ]
    return lines(x, y, wrapped) + lines(x, y + 80, examples, QUIET)


def graph_card(x: float, y: float, model: runtime.Model) -> Parts:
    shown = compiler.emit(rasp.load("hist").main, "graph", VOCAB, LENGTH).splitlines()
    return lines(x, y, shown) + lines(
        x, y + 80, ["functions, loops and lists are", "gone: what is left are s-ops", "and selectors"], QUIET
    )


def columns_card(x: float, y: float, model: runtime.Model) -> Parts:
    where = ["embedding", *(f"layer {1 + k // 2} {('heads', 'MLP')[k % 2]}" for k in range(9))]
    parts: Parts = []
    for place, column in enumerate(model.config.columns):
        parts += cell(x, y - 13 + 22 * place, 150, NUMBER if column.written == 0 else RESULT)
        parts.append(text(x + 8, y + 22 * place, column.name))
        parts.append(text(x + 158, y + 22 * place, where[column.written], SIZE, QUIET))
    return parts + lines(
        x, y + 102, ["every column of the residual stream", "holds a whole number here, exactly"], QUIET
    )


def weights_card(x: float, y: float, model: runtime.Model) -> Parts:
    names = [f"c{place}" for place in range(len(model.config.columns))]
    tokens = matrix(x, y, "token embedding", ["BOS", *VOCAB], names, model.weights.token_embedding)
    head = model.weights.layers[0]
    return [
        *tokens,
        text(x, y + 124, f"and a head: {np.count_nonzero(head.w_q[0])} weights for queries,"),
        text(x, y + 141, f"{np.count_nonzero(head.w_k[0])} for keys; R rounds to integers"),
    ]


def run_card(x: float, y: float, model: runtime.Model) -> Parts:
    trace = model.trace(INPUT)
    chosen = np.asarray(trace.attention[0][0])[1:, 1:] > 0
    parts = [text(x + 22 + 30 * c, y, token, SIZE, QUIET) for c, token in enumerate(INPUT)]
    for r, row in enumerate(chosen):
        parts.append(text(x, y + 21 + 20 * r, INPUT[r], SIZE, QUIET))
        for c, picked in enumerate(row):
            parts += cell(
                x + 14 + 30 * c,
                y + 8 + 20 * r,
                30,
                CHOSEN if picked else CELL,
                "\u2713" if picked else "",
                "#ffffff",
            )
        parts.append(text(x + 148, y + 21 + 20 * r, "count", SIZE, QUIET))
        parts += cell(x + 190, y + 8 + 20 * r, 30, RESULT, str(trace.answers[r]))
    return parts + lines(x, y + 112, ["who attends to whom, and what", "the unembedding answers"], QUIET)


def certificate_card(x: float, y: float, model: runtime.Model) -> Parts:
    report = compiler.verify(rasp.load("hist").main, model, exhaustive=True)
    assert model.certificate.certified
    assert compiler.recheck(model).ok
    assert report.ok
    return lines(
        x,
        y,
        [
            "certified: float32 is exact here",
            f"on any input of up to {LENGTH} tokens",
            "",
            "proved again from the weights alone",
            "",
            "compared with the interpreter:",
            f"equal on all {report.inputs} inputs",
        ],
    )


CARDS = [
    ("1  program", program_card),
    ("2  graph of s-ops", graph_card),
    ("3  columns, heads, neurons", columns_card),
    ("4  weights", weights_card),
    ("5  transformer at work", run_card),
    ("6  certificate", certificate_card),
]


def picture() -> str:
    """The figure as the text of an SVG file."""
    model = compiler.compile(rasp.load("hist").main, vocab=VOCAB, max_length=LENGTH)
    width, height = CARD
    parts: Parts = []
    for place, (title, draw) in enumerate(CARDS):
        x, y = 16 + (place % 3) * (width + GAP), 16 + (place // 3) * (height + GAP)
        parts.append(
            f'<rect x="{x}" y="{y}" width="{width}" height="{height}" rx="8" fill="{BAND}" stroke="{LINE}"/>'
        )
        parts.append(text(x + 14, y + 24, title, 13, INK, 'font-weight="600"'))
        parts += draw(x + 14, y + TOP, model)
        if place % 3 < 2:
            parts.append(arrow(x + width + 6, y + height / 2, x + width + GAP - 6, y + height / 2))
    middle = 16 + height + GAP / 2
    left, right = 16 + width / 2, 16 + 2 * (width + GAP) + width / 2
    parts.append(arrow(right, 16 + height + 4, left, 16 + height + GAP - 4, middle))
    total = (32 + 3 * width + 2 * GAP, 32 + 2 * height + GAP)
    body = "\n".join(parts)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{total[0]}" height="{total[1]}" '
        f'viewBox="0 0 {total[0]} {total[1]}" {FONTS}>\n<title>From a program to weights</title>\n'
        f'{MARKER}\n<rect width="100%" height="100%" fill="#ffffff"/>\n{body}\n</svg>\n'
    )


def arrow(x: float, y: float, end_x: float, end_y: float, middle: float | None = None) -> str:
    """A straight arrow, or one that goes down, along `middle`, and down again."""
    way = f"L{end_x:g} {end_y:g}" if middle is None else f"V{middle:g} H{end_x:g} V{end_y:g}"
    style = f'fill="none" stroke="{QUIET}" stroke-width="1.5" marker-end="url(#tip)"'
    return f'<path d="M{x:g} {y:g} {way}" {style}/>'


if __name__ == "__main__":
    PICTURE.write_text(picture(), encoding="utf-8")
