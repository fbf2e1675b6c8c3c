"""RASP: the language, its standard library, its reference interpreter and its Python form.

`length` and `full_s` are written in RASP; they and the library functions elaborate the library when they are
first used.
"""

from typing import TYPE_CHECKING, Any

from rasp.advice.checking import Finding, check
from rasp.embedded import (
    aggregate,
    average,
    contains,
    count,
    has_focus,
    indicator,
    indices,
    load_from_location,
    look_up,
    map,
    mark_first_instance,
    mark_last_instance,
    max,
    member,
    min,
    only,
    select,
    select_from_first,
    select_from_last,
    select_next_identical,
    selector_width,
    shift,
    sort,
    tokens,
    tokens_asis,
    tokens_bool,
    tokens_float,
    tokens_int,
    tokens_str,
    where,
)
from rasp.errors import (
    ArityError,
    CompileError,
    EvaluationError,
    InputError,
    LimitError,
    LoadError,
    ModelError,
    RaspError,
    RaspSyntaxError,
    Span,
)
from rasp.graph.interpreter import evaluate
from rasp.graph.sops import Node, Selector, SOp
from rasp.importers.ngrams import ngram_program
from rasp.session import Program, Session, load, parse
from rasp.syntax.formatter import format_source
from rasp.words import Atom, Comparison

if TYPE_CHECKING:
    from rasp.importers.tracr import from_tracr

    full_s: Selector
    length: SOp


def __getattr__(name: str) -> Any:
    if name in ("full_s", "length"):
        from rasp.elaboration.library import library_names

        return library_names()[name]
    if name == "from_tracr":
        from rasp.importers.tracr import from_tracr

        return from_tracr
    raise AttributeError(f"module 'rasp' has no attribute {name!r}")


__all__ = [
    "ArityError",
    "Atom",
    "Comparison",
    "CompileError",
    "EvaluationError",
    "Finding",
    "InputError",
    "LimitError",
    "LoadError",
    "ModelError",
    "Node",
    "Program",
    "RaspError",
    "RaspSyntaxError",
    "SOp",
    "Selector",
    "Session",
    "Span",
    "aggregate",
    "average",
    "check",
    "contains",
    "count",
    "evaluate",
    "format_source",
    "from_tracr",
    "has_focus",
    "indicator",
    "indices",
    "load",
    "load_from_location",
    "look_up",
    "map",
    "mark_first_instance",
    "mark_last_instance",
    "max",
    "member",
    "min",
    "ngram_program",
    "only",
    "parse",
    "select",
    "select_from_first",
    "select_from_last",
    "select_next_identical",
    "selector_width",
    "shift",
    "sort",
    "tokens",
    "tokens_asis",
    "tokens_bool",
    "tokens_float",
    "tokens_int",
    "tokens_str",
    "where",
]
