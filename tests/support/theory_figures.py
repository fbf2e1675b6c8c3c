"""The figures of the documentation's page on why answers are exact, drawn from what float32 really does."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from compiler.lowering.sums import bos_share
from rasp.drawing.svg import FONTS, INK, QUIET

WIDTH, HEIGHT = 520, 290
LEFT, RIGHT, TOP, BOTTOM = 70, 20, 66, 44
LINE, OTHER = "#1f6feb", "#b84a00"

Points = Sequence[tuple[float, float]]
ROUNDER = 1.5 * 2**23
"""Near this number float32 knows whole numbers only."""


def chart(title: str, across: str, curves: Sequence[tuple[Points, str, str]]) -> str:
    """Curves, each with its colour and what it is called, in a frame with the ends of both axes written."""
    xs = [x for points, _, _ in curves for x, _ in points]
    ys = [y for points, _, _ in curves for _, y in points]
    x0, x1, y0, y1 = min(xs), max(xs), min(ys), max(ys)

    def at(x: float, y: float) -> tuple[float, float]:
        return (
            LEFT + (x - x0) / (x1 - x0) * (WIDTH - LEFT - RIGHT),
            HEIGHT - BOTTOM - (y - y0) / (y1 - y0) * (HEIGHT - TOP - BOTTOM),
        )

    def text(x: float, y: float, words: str, anchor: str, fill: str = INK) -> str:
        return f'<text x="{x:g}" y="{y:g}" text-anchor="{anchor}" font-size="12" fill="{fill}">{words}</text>'

    base, right = HEIGHT - BOTTOM, WIDTH - RIGHT
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" '
        f'height="{HEIGHT}" {FONTS}>',
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#ffffff"/>',
        text(LEFT, 18, title, "start"),
        f'<path d="M{LEFT} {TOP}V{base}H{right}" fill="none" stroke="{QUIET}"/>',
        *(text(at(x, y0)[0], base + 16, f"{x:g}", "middle", QUIET) for x in (x0, x1)),
        *(text(LEFT - 6, at(x0, y)[1] + 4, f"{y + 0:.2g}", "end", QUIET) for y in (y0, y1)),
        text((LEFT + right) / 2, base + 34, across, "middle"),
    ]
    for number, (points, colour, name) in enumerate(curves):
        way = " ".join("{:.1f},{:.1f}".format(*at(x, y)) for x, y in points)
        parts.append(f'<polyline points="{way}" fill="none" stroke="{colour}" stroke-width="2"/>')
        parts.append(text(LEFT, 36 + 16 * number, name, "start", colour))
    return "\n".join([*parts, "</svg>\n"])


def leak() -> str:
    """How much weight an unselected key has, by how far its score lies below."""
    gaps = np.arange(0, 121, 1)
    weights = np.exp(-gaps.astype(np.float64)).astype(np.float32)
    smallest = float(np.finfo(np.float32).smallest_subnormal)
    float32 = [
        (float(g), np.log10(max(float(w), smallest)) if w else -50.0)
        for g, w in zip(gaps, weights, strict=True)
    ]
    exact = [(float(g), -float(g) / np.log(10)) for g in gaps if g <= 115]
    curves = [(exact, OTHER, "in exact numbers"), (float32, LINE, "in float32 (-50 means exactly 0)")]
    return chart(
        "The weight of a key that is not selected, as a power of ten", "how far its score lies below", curves
    )


def rounding() -> str:
    """What is left of x after x + C - C in float32."""
    xs = np.linspace(0, 4, 401)
    constant = np.float32(ROUNDER)
    rounded = (xs.astype(np.float32) + constant) - constant
    curves = [
        ([(float(x), float(x)) for x in xs], OTHER, "x"),
        ([(float(x), float(y)) for x, y in zip(xs, rounded, strict=True)], LINE, "x + C - C in float32"),
    ]
    return chart("Rounding by the constant C = 1.5 \u00b7 2\u00b2\u00b3", "x", curves)


def shares(most: int = 64) -> str:
    """How far off a head with a heavy BOS reads a count, before it is rounded."""
    _, heavy = bos_share(most, 1)
    counts = np.arange(most + 1)
    read = (heavy + most / 2) * counts / (counts + heavy)
    error = [(float(w), float(w - r)) for w, r in zip(counts, read, strict=True)]
    limits = [
        ([(0.0, side), (float(most), side)], OTHER, "1/128 above and below") for side in (1 / 128, -1 / 128)
    ]
    curves = [(error, LINE, "count less reading"), limits[0], (limits[1][0], OTHER, "")]
    return chart(
        f"A count of up to {most} read by the share of BOS, B = {heavy:,.0f}",
        "how many keys are selected",
        curves,
    )


FIGURES: dict[str, Callable[[], str]] = {
    "theory-leak": leak,
    "theory-rounding": rounding,
    "theory-shares": shares,
}
