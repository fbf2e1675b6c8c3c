"""The page's file: the model's facts and weights as JSON, and the markup, style and scripts around them."""

from __future__ import annotations

import html
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from fractions import Fraction
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np

from rasp.errors import RaspError
from rasp.paths import as_path
from rasp.records import to_data
from runtime.inspection.brackets import fewer_brackets
from runtime.inspection.duties import NUMBER, PART, Duties
from runtime.inspection.formulas import OTHER_FORM, formula
from runtime.inspection.own import CUT, in_words
from runtime.inspection.quoting import Quoting, is_one, unbracketed
from runtime.inspection.reading import is_truth, sop_name
from runtime.inspection.spoken import in_quotes, sets_in_quotes
from runtime.places import apart
from runtime.sources import Source, users_lines
from runtime.view.states import Shown, run_data
from runtime.view.steps import steps
from runtime.weights import Array, Atom, Column, Config, Weights, named_arrays, size

FRAME_HEIGHT = 860
"""Of the frame in a notebook, in pixels."""


SCRIPTS = (
    "forward.js",
    "links.js",
    "canvas.js",
    "meanings.js",
    "reads.js",
    "time.js",
    "arrows.js",
    "stepping.js",
    "words.js",
    "selecting.js",
    "source.js",
    "tables.js",
    "stages.js",
    "weights.js",
    "telling.js",
    "page.js",
)
"""In the order in which the page has them: the last one begins."""


@dataclass(frozen=True)
class View:
    """A page that shows a model at work: `save` it, or let a notebook show it."""

    html: str

    def __repr__(self) -> str:
        return f"<View of {len(self.html):,} characters: save(FILE) writes it, a notebook shows it>"

    def save(self, file: str | Path) -> None:
        """Write the page; RaspError if that is not possible."""
        try:
            as_path(file).write_text(self.html, encoding="utf-8")
        except OSError as error:
            raise RaspError(f"cannot write {file}: {error.strerror}") from None

    def _repr_html_(self) -> str:
        """The page in a frame of its own, so that its style and names do not meet those of the notebook."""
        return (
            f'<iframe srcdoc="{html.escape(self.html)}" sandbox="allow-scripts" title="the model at work" '
            f'style="width:100%;height:{FRAME_HEIGHT}px;border:1px solid #8888;border-radius:8px"></iframe>'
        )


def view(data: dict[str, Any]) -> View:
    """The page of a model on an input, which can be changed there; `data` is what `page_data` gives."""
    return View(assemble(data["title"], data))


def empty_page() -> str:
    """The page without a model: it shows those that the page around it sends."""
    return assemble("A compiled transformer", None)


def page_data(
    config: Config,
    weights: Weights,
    tokens: Sequence[Atom],
    sources: Sequence[Source],
    title: str = "",
    certified: bool = False,
    run: Shown | None = None,
    program: str = "",
) -> dict[str, Any]:
    """Everything that the page shows of a model on an input, as JSON.

    `sources` are texts to show with the columns that their parts are computed in; `run` is one from the input
    on, whose states can be looked at; `program` is the model's own, by which its steps are told.
    """
    shown, shown_weights = apart(config, weights)
    duties = Duties(shown, shown_weights, Quoting(program, shown.statements, users_lines(sources)))
    return {
        **model_data(duties),
        "steps": steps(duties),
        "certified": certified,
        "size": asdict(size(weights)),
        "title": title or "A compiled transformer",
        "input": input_text(tokens),
        "sources": [asdict(replace(source, lines=())) for source in sources],
        "run": None if run is None else run_data(run),
    }


def base_name(duties: Duties, column: Column) -> str:
    """The s-op of a column in words; one that is cut as the program has it, in brackets if it takes them."""
    base = sop_name(column)
    named = duties.quoting.name(column.of) if duties.is_told(column) and not column.part_of else ""
    if named:
        return named
    if CUT not in base:
        said = in_words(base)
        return f"({fewer_brackets(said)})" if unbracketed(said) != said else fewer_brackets(said)
    name = duties.name(column)
    return name if is_one(name) or name.startswith(PART) else f"({name})"


def shown_name(duties: Duties, column: Column) -> str:
    """A column's name in words."""
    base = sop_name(column)
    if not base or not column.name.startswith(base):
        return in_words(unbracketed(column.name))
    name, rest = base_name(duties, column), in_words(column.name.removeprefix(base))
    if name != base and name.isidentifier():  # the program's own, which no other s-op has
        rest = rest if OTHER_FORM.search(rest) else NUMBER.sub("", rest)
    return unbracketed(name + in_quotes(rest, duties.has_strings(column)))


def model_data(duties: Duties) -> dict[str, Any]:
    """Everything the page must know of a model, as JSON."""
    config, weights = duties.config, duties.weights
    return {
        "vocab": to_data(config.vocab),
        "max_length": config.max_length,
        "causal": config.causal,
        "dtype": config.dtype,
        "output": to_data(config.output),
        "grid": None if config.grid is None else asdict(config.grid),
        "layers": len(weights.layers),
        "columns": [
            {
                "name": shown_name(duties, column),
                "formula": sets_in_quotes(duties.renamed(column, formula(config, weights, number))),
                "base": base_name(duties, column),
                "shown": unbracketed(base_name(duties, column)),
                "of": column.of,
                "part_of": in_words(column.part_of),
                "meaning": column.meaning,
                "truth": is_truth(column),
                "written": column.written,
                "scale": str(column.scale),
                "rest": str(column.rest),
                "labels": to_data(column.labels),
            }
            for number, column in enumerate(config.columns)
        ],
        "weights": {name: packed(array) for name, array in named_arrays(weights).items()},
    }


def packed(array: Array) -> dict[str, Any]:
    """An array as its shape, the gaps between its non-zero places, and the values there."""
    flat = array.ravel()
    places = np.flatnonzero(flat)
    gaps = np.diff(places, prepend=-1)
    return {"shape": list(array.shape), "at": gaps.tolist(), "v": [number(value) for value in flat[places]]}


def number(value: np.floating) -> int | float:
    """A weight with as few digits as tell it from its neighbours."""
    shortest = float(str(value))
    return int(shortest) if shortest.is_integer() else shortest


def input_text(tokens: Sequence[Atom]) -> str:
    """The tokens as they are typed: characters if that is what they are, else a JSON list."""
    text = "".join(token for token in tokens if isinstance(token, str))
    if len(text) == len(tokens) and list(text) == list(tokens) and not text.lstrip().startswith("["):
        return text
    return "[" + ", ".join(written(token) for token in tokens) + "]"


def written(token: Atom) -> str:
    """A token within a list; what is no decimal stands as a fraction, which the page reads."""
    if isinstance(token, str | bool | int):
        return json.dumps(token, ensure_ascii=False)
    decimal = repr(float(token))
    return decimal if Fraction(decimal) == token else str(token)


def assemble(title: str, data: dict[str, Any] | None) -> str:
    """The page's file. Within the script element no `<` may stand, and none of the text is ever markup."""
    safe = json.dumps(data, separators=(",", ":")).replace("<", "\\u003c")
    page = part("page.html")
    pieces = {
        "TITLE": html.escape(title),
        "STYLE": part("page.css"),
        "DATA": safe,
        "SCRIPT": "\n".join(map(part, SCRIPTS)),
    }
    chunks = page.split("@@")
    return "".join(pieces[chunk] if index % 2 else chunk for index, chunk in enumerate(chunks))


def part(name: str) -> str:
    """One of the files beside this one."""
    return (files("runtime.view") / name).read_text(encoding="utf-8")
