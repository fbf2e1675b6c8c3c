"""Functions of the language: what `def` makes, and what their arguments may be."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import ClassVar

from rasp.elaboration.scope import Scope
from rasp.errors import ArityError, OperandError, RaspError
from rasp.graph.atoms import is_atom
from rasp.graph.sops import SELECT, Selector, SOp
from rasp.graph.values import Named, Value, describe
from rasp.syntax.tree import FunctionDefinition


@dataclass(frozen=True, eq=False)
class Function(Named):
    """What `def` makes: called with values, it gives a value."""

    kind: ClassVar[str] = "function"
    definition: FunctionDefinition = field(repr=False)
    scope: Scope = field(repr=False)  # where it was defined, so where its free names are looked up
    origin: str  # "console", or the name of the loaded file as given to `load`
    run: Callable[[Function, Sequence[object]], Value] = field(repr=False)
    """Carries out its body when it is called from Python."""
    library: bool = False

    @property
    def title(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        return self.definition.name.text

    @property
    def parameters(self) -> tuple[str, ...]:
        return tuple(parameter.text for parameter in self.definition.parameters)

    @property
    def signature(self) -> str:
        """`name(a, b)`."""
        return f"{self.name}({', '.join(self.parameters)})"

    def __call__(self, *arguments: object) -> Value:
        """Call it from Python; atoms may be given as Python numbers and strings."""
        return self.run(self, arguments)


@dataclass(frozen=True, eq=False)
class Primitive(Named):
    """A function that is not written in RASP: it makes a node of its own, or an argument may be left out."""

    kind: ClassVar[str] = "function"
    name: str
    parameters: tuple[str, ...]
    origin: str  # as for what `def` makes
    make: Callable[..., Value] = field(repr=False)
    optional: int = 0
    """How many of the last arguments may be left out."""

    @property
    def title(self) -> str:
        return self.name

    @property
    def signature(self) -> str:
        """`name(a, b)`."""
        return f"{self.name}({', '.join(self.parameters)})"

    def call(self, arguments: Sequence[Value]) -> Value:
        """Its value; an error names the argument to blame as a call counts it, after the function."""
        most = len(self.parameters)
        takes = range(most - self.optional, most + 1)
        if len(arguments) not in takes:
            counts = " or ".join(map(str, takes))
            raise ArityError(f"`{self.signature}` takes {counts} arguments, got {len(arguments)}")
        try:
            return self.make(*arguments)
        except RaspError as error:
            error.operand = None if error.operand is None else error.operand + 1
            raise


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
                hint=SELECT if parameter == "sel" else None,
            )
