"""Where names live: the library, a file or dialogue, the body of a function, a comprehension."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches

from rasp.errors import ReservedNameError, Span, UndefinedNameError
from rasp.graph.sops import INDICES, TOKENS
from rasp.graph.values import Value
from rasp.syntax.parser import read_statements
from rasp.syntax.tree import Assignment, FunctionDefinition

BASE_NAMES: dict[str, Value] = {
    **{f"tokens_{conversion}": sop for conversion, sop in TOKENS.items()},
    "indices": INDICES,
    "True": True,
    "False": False,
}
"""What is there before the library."""

FIXED_NAMES = frozenset({*BASE_NAMES, "out", "get", "range", "zip", "len"})
"""Names that cannot be assigned anywhere. (Words of the grammar, such as `for`, are no names at all.)"""


BUILTIN_WORDS = frozenset(
    {"select", "aggregate", "range", "zip", "len", "round", "indicator", "load", "draw"}
)
"""What else a misspelt name may have meant."""

_TABLE = "a function of few values is a dict: `{0: 0, 1: 1, 4: 2}[x]`"
_ITEMS = "RASP works on all positions at once; for lists there is `[f(a) for a in l]`"

FROM_ELSEWHERE = {
    "floor": "the floor of x is `round(x - x % 1)`",
    "ceil": "the ceiling of x is `round(x + -x % 1)`",
    "abs": "the absolute value of x is `x if x >= 0 else -x`",
    "sum": "the sum of x over all positions is `aggregate(full_s, x) * length`",
    **dict.fromkeys(("mean", "avg"), "the mean of x over all positions is `aggregate(full_s, x)`"),
    "sorted": "`sort(x, x)` puts x in rising order",
    "cumsum": "the sum of x so far is `aggregate(select(indices, indices, <=), x) * (indices + 1)`",
    "any": "whether x is true anywhere: `selector_width(select(x, True, ==)) > 0`",
    "all": "whether x is true everywhere: `selector_width(select(x, False, ==)) == 0`",
    **dict.fromkeys(("mod", "fmod"), "the remainder is `a % b`"),
    "help": "in `rasp repl`, `help` and `help NAME` stand without `;`",
    "pow": "power is written `a ^ b`",
    **dict.fromkeys(("where", "cond", "iff"), "the choice is `a if condition else b`"),
    **dict.fromkeys(
        ("reverse", "reversed"), "`aggregate(select(indices, length - 1 - indices, ==), x)` mirrors x"
    ),
    **dict.fromkeys(("print", "echo", "puts"), "what is evaluated is shown: write the expression and `;`"),
    **dict.fromkeys(
        ("position", "positions", "pos", "enumerate", "idx"), "the positions are the s-op `indices`"
    ),
    **dict.fromkeys(("input", "inputs", "word"), "the input is the s-op `tokens`"),
    **dict.fromkeys(("n", "size"), "the number of tokens is the s-op `length`"),
    **dict.fromkeys(
        ("width", "selectorwidth"), "how many positions are selected: `selector_width(selector)`"
    ),
    **{name: f"the tokens as such are `tokens_{name}`" for name in ("int", "float", "str", "bool")},
    **dict.fromkeys(("None", "null", "nil"), "every position has a value; there is no empty one"),
    **dict.fromkeys(("sqrt", "exp", "log", "sin", "cos", "ord", "chr", "upper", "lower"), _TABLE),
    **dict.fromkeys(("map", "filter", "reduce", "list"), _ITEMS),
}
"""Names of other languages, and how RASP says what they mean there."""


def _meant(name: str, known: set[str]) -> str | None:
    """A hint for a name that nothing has."""
    if name in FROM_ELSEWHERE:
        return FROM_ELSEWHERE[name]
    words = sorted(known | BUILTIN_WORDS)
    near = [word for word in words if word.lower() == name.lower()] or get_close_matches(name, words, n=1)
    if near:
        return f"did you mean `{near[0]}`?"
    if len(name) > 1:
        return None
    return f'a string stands in quotes: "{name}"; a name gets its value by `{name} = ...;`'


def given_below(name: str, place: Span) -> str | None:
    """A hint for a name that the text gives a value only below the place where it is read."""
    for statement in read_statements(place.source, place.file, place.first_line):
        match statement:
            case Assignment(targets=given):
                names = {each.text for each in given}
            case FunctionDefinition(name=function):
                names = {function.text}
            case _:
                continue
        if name in names and (statement.span.line, statement.span.column) > (place.line, place.column):
            return f"`{name}` is defined only on line {statement.span.line}: move that up, before it is read"
    return None


class Scope:
    """Names and their values, on top of the scope around it."""

    def __init__(
        self,
        parent: Scope | None = None,
        *,
        reserved: frozenset[str] = frozenset(),
        exports: Scope | None = None,
    ) -> None:
        """`reserved` names cannot be assigned; `exports` is where a loaded file's public names go too."""
        self.parent = parent
        self.names: dict[str, Value] = {}
        self.out: Value | None = None
        self._reserved = reserved
        self._exports = exports

    def around(self) -> Iterator[Scope]:
        """This scope and those around it, innermost first."""
        scope: Scope | None = self
        while scope is not None:
            yield scope
            scope = scope.parent

    def look_up(self, name: str) -> Value:
        """The value of a name here or around; raises `UndefinedNameError`."""
        for scope in self.around():
            if name in scope.names:
                return scope.names[name]
            if name == "out" and scope.out is not None:
                return scope.out
        if name == "out":
            raise UndefinedNameError("there is no `out` yet, as nothing has been evaluated")
        known = {known for scope in self.around() for known in scope.names if not known.startswith("_")}
        raise UndefinedNameError(f"nothing is called `{name}`", hint=_meant(name, known))

    def check_assignable(self, name: str) -> None:
        """Raises `ReservedNameError` if the name cannot be assigned in this scope."""
        if name in FIXED_NAMES:
            raise ReservedNameError(f"`{name}` belongs to the language and cannot be assigned")
        if name in self._reserved:
            raise ReservedNameError(
                f"`{name}` belongs to the standard library and cannot be assigned", hint="choose another name"
            )

    def assign(self, name: str, value: Value) -> None:
        """Bind a name here; a loaded file's public names are bound where it is loaded as well."""
        self.check_assignable(name)
        self.names.pop(name, None)  # so that the names stay in the order of their last assignment
        self.names[name] = value
        if self._exports is not None and not name.startswith("_"):
            self._exports.assign(name, value)
