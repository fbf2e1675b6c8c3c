"""RASP: the language, its standard library, its reference interpreter and its Python form.

Each name is loaded when it is first asked for, so that the command line starts at once; `length` and `full_s`
are written in RASP, and they and the library functions elaborate the library when they are first used.
"""

TYPE_CHECKING = False  # typing is slow to load, and Ctrl-C would find Python at it
if TYPE_CHECKING:
    from typing import Any

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
        OperandError,
        RaspError,
        RaspSyntaxError,
        Span,
    )
    from rasp.graph.interpreter import evaluate
    from rasp.graph.sops import Node, Selector, SOp
    from rasp.importers.ngrams import ngram_program
    from rasp.importers.tracr import from_tracr
    from rasp.notation import show
    from rasp.runs import Run
    from rasp.session import Program, Session, load, parse
    from rasp.syntax.formatter import format_source
    from rasp.words import Atom, Comparison

    __version__: str
    full_s: Selector
    length: SOp

_HOMES = {
    "rasp.advice.checking": (
        "Finding",
        "check",
    ),
    "rasp.embedded": (
        "aggregate",
        "average",
        "contains",
        "count",
        "has_focus",
        "indicator",
        "indices",
        "load_from_location",
        "look_up",
        "map",
        "mark_first_instance",
        "mark_last_instance",
        "max",
        "member",
        "min",
        "only",
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
    ),
    "rasp.errors": (
        "ArityError",
        "CompileError",
        "EvaluationError",
        "InputError",
        "LimitError",
        "LoadError",
        "ModelError",
        "OperandError",
        "RaspError",
        "RaspSyntaxError",
        "Span",
    ),
    "rasp.graph.interpreter": ("evaluate",),
    "rasp.graph.sops": (
        "Node",
        "SOp",
        "Selector",
    ),
    "rasp.notation": ("show",),
    "rasp.runs": ("Run",),
    "rasp.importers.ngrams": ("ngram_program",),
    "rasp.importers.tracr": ("from_tracr",),
    "rasp.session": (
        "Program",
        "Session",
        "load",
        "parse",
    ),
    "rasp.syntax.formatter": ("format_source",),
    "rasp.words": (
        "Atom",
        "Comparison",
    ),
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}


def __getattr__(name: str) -> "Any":
    if name == "__version__":
        from importlib.metadata import version  # takes longer than all else here, and keeps Ctrl-C waiting

        return version("rasp-compiler")
    if name in ("full_s", "length"):
        from rasp.elaboration.library import library_names

        return library_names()[name]
    if name in _HOME_OF:
        from importlib import import_module

        value = globals()[name] = getattr(import_module(_HOME_OF[name]), name)
        return value
    raise AttributeError(f"module 'rasp' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})


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
    "OperandError",
    "Program",
    "RaspError",
    "RaspSyntaxError",
    "Run",
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
    "show",
    "sort",
    "tokens",
    "tokens_asis",
    "tokens_bool",
    "tokens_float",
    "tokens_int",
    "tokens_str",
    "where",
]
