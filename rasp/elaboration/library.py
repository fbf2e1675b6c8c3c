"""The standard library: library.rasp, elaborated once in a process, when something of it is first used."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from typing import cast

from rasp.elaboration.scope import BASE_NAMES, Scope
from rasp.errors import OperandError
from rasp.graph.atoms import is_atom
from rasp.graph.constructs import TOKENS
from rasp.graph.sops import Selector, SOp
from rasp.graph.values import Function, Value, describe

LIBRARY_ORIGIN = "RASP_support/rasplib"
"""The file that the original implementation says its library functions come from."""

LIBRARY_FILE = "library.rasp"


@cache
def library_names() -> dict[str, Value]:
    """The public names of the library and their values."""
    from rasp.elaboration.expressions import Elaborator  # the elaborator looks names up in the library

    base = Scope()
    base.names.update(BASE_NAMES)
    scope = Scope(base)
    text = files("rasp.elaboration").joinpath(LIBRARY_FILE).read_text(encoding="utf-8")
    Elaborator(origin=LIBRARY_ORIGIN, library=True).run(text, LIBRARY_FILE, scope)
    return {name: value for name, value in scope.names.items() if not name.startswith("_")}


def file_scope(exports: Scope | None = None) -> Scope:
    """A fresh scope for a file or dialogue: around it only the library, with `tokens` as strings."""
    library = Scope()
    library.names.update(BASE_NAMES)
    library.names.update(library_names())
    library.names["tokens"] = TOKENS["str"]
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


def check_arguments(function: Function, arguments: Sequence[Value]) -> None:
    """Say what is wrong with the arguments of a library function in the words of its caller.

    The library calls what must be a selector `sel`, and what must be an s-op or atom `seq`.
    """
    for position, (parameter, argument) in enumerate(zip(function.parameters, arguments, strict=True)):
        wanted = None
        if parameter == "sel" and not isinstance(argument, Selector):
            wanted = "a selector"
        elif parameter == "seq" and not (isinstance(argument, SOp) or is_atom(argument)):
            wanted = "an s-op or an atom"
        if wanted is not None:
            raise OperandError(
                f"`{parameter}` in `{function.signature}` must be {wanted}, got {describe(argument)}",
                operand=position + 1,
            )
