"""The standard library: library.rasp, elaborated once in a process, when something of it is first used."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import cast

from rasp.elaboration.answers import answer
from rasp.elaboration.functions import Function, Primitive
from rasp.elaboration.scope import BASE_NAMES, Scope
from rasp.elaboration.statements import Statements
from rasp.graph import constructs
from rasp.graph.iterating import iterate
from rasp.graph.labels import expression
from rasp.graph.sops import TOKENS, Selector, SOp, provide
from rasp.graph.values import Value

LIBRARY_ORIGIN = "RASP_support/rasplib"
"""The file that the original implementation says its library functions come from."""

LIBRARY_FILE = "library.rasp"

ONLY = Primitive("only", ("selector", "values", "default"), LIBRARY_ORIGIN, constructs.only, optional=1)
"""The original has no such function, so a program may use its name for something else."""


READS = (
    Primitive("_width", ("sel",), LIBRARY_ORIGIN, constructs.width),
    Primitive("_exists", ("sel",), LIBRARY_ORIGIN, constructs.exists),
)
"""One attention head each, where a program that reads by `aggregate` alone takes several. Only the library
calls them.
"""


@cache
def library_names() -> dict[str, Value]:
    """The public names of the library and their values."""
    base = Scope()
    base.names.update(BASE_NAMES)
    base.names.update({read.name: read for read in READS})
    scope = Scope(base)
    text = files("rasp.elaboration").joinpath(LIBRARY_FILE).read_text(encoding="utf-8")
    Statements(origin=LIBRARY_ORIGIN, library=True).run(text, LIBRARY_FILE, scope)
    return {name: value for name, value in scope.names.items() if not name.startswith("_")}


def file_scope(exports: Scope | None = None) -> Scope:
    """A fresh scope for a file or dialogue: around it only the library, with `tokens` as strings. `tokens`
    and `only` may be assigned anew.
    """
    library = Scope()
    library.names.update(BASE_NAMES)
    library.names.update(library_names())
    library.names.update({"tokens": TOKENS["str"], ONLY.name: ONLY})
    return Scope(library, reserved=frozenset(library_names()), exports=exports)


def full_s() -> Selector:
    """The library's `full_s`."""
    return cast(Selector, library_names()["full_s"])


def length() -> SOp:
    """The library's `length`."""
    return cast(SOp, library_names()["length"])


def library_function(name: str) -> Function:
    """A function of the library."""
    return cast(Function, library_names()[name])


provide("answer", answer)
provide("expression", expression)
provide("iterate", iterate)
provide("library", lambda name: library_names()[name])
