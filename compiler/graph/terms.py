"""The compiler's own graph: hash-consed terms, so that equal structure is one object.

`rasp.graph.sops` keeps what the user wrote; here every s-op and selector is a `Term` in a `Graph` that never
holds two equal ones. On top of the language's own constructs there are four reads that only the
compiler knows: WIDTH (how many are selected), SUM (of the selected values) and EXISTS (is anything selected),
found by `compiler.graph.rules`, and LEAST (of the selected values), found by `compiler.values.extremes`.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass, field
from enum import Enum, auto
from fractions import Fraction
from typing import TypeVar

from rasp.errors import Span
from rasp.graph.sops import (
    Elementwise,
    LookUp,
    Map,
    Member,
    Node,
    Operation,
)
from rasp.words import Atom, Comparison, Operator

T = TypeVar("T")


class Kind(Enum):
    """What a term is. The order of the arguments is given behind each kind."""

    TOKENS = auto()  # ()            data: conversion
    INDICES = auto()  # ()
    CONST = auto()  # ()            data: (type name, value)
    MAP = auto()  # (s-op, ...)   data: Elementwise node without arguments
    AGGREGATE = auto()  # (selector, values)  data: ReadAs
    WIDTH = auto()  # (selector,)
    SUM = auto()  # (selector, values)
    EXISTS = auto()  # (selector,)
    LEAST = auto()  # (selector, values)  data: ReadAs
    SELECT = auto()  # (keys, queries)      data: Comparison
    AND = auto()  # (selector, selector)
    OR = auto()  # (selector, selector)
    NOT = auto()  # (selector,)


READS = frozenset({Kind.AGGREGATE, Kind.WIDTH, Kind.SUM, Kind.EXISTS, Kind.LEAST})
"""The kinds that attention computes."""

SELECTORS = frozenset({Kind.SELECT, Kind.AND, Kind.OR, Kind.NOT})


@dataclass(frozen=True)
class ReadAs:
    """How an AGGREGATE or a LEAST reads. `default`: what it yields where nothing is selected, with its type
    (which tells 1 and True apart); None where the program gives none. `only`: several that are selected hold
    one value (inputs on which they do not have no answer), so nothing is averaged. `unread`: nobody looks at
    what it yields where nothing is selected, which may be any value of the source.
    """

    default: tuple[str, Atom] | None = None
    only: bool = False
    unread: bool = False


@dataclass(frozen=True, eq=False)
class Term:
    """One node of the graph. `index` grows along every edge, so sorting by it is a topological order."""

    index: int
    kind: Kind
    args: tuple[Term, ...]
    data: Hashable = None
    function: Elementwise | None = field(default=None, repr=False)
    span: Span | None = field(default=None, repr=False)
    name: str | None = None

    @property
    def value(self) -> Atom:
        """The atom of a CONST."""
        assert self.kind is Kind.CONST
        assert isinstance(self.data, tuple)
        value: Atom = self.data[1]
        return value

    @property
    def default(self) -> Atom | None:
        """The default of an AGGREGATE or a LEAST, or None where the program gives none."""
        return None if self.read_as.default is None else self.read_as.default[1]

    @property
    def of_nothing(self) -> Atom:
        """What an AGGREGATE or a LEAST is where it selects nothing."""
        return 0 if self.default is None else self.default

    @property
    def read_as(self) -> ReadAs:
        """How an AGGREGATE or a LEAST reads."""
        assert isinstance(self.data, ReadAs)
        return self.data

    @property
    def operator(self) -> Operator | None:
        """The operator of a MAP that applies one of the language's operators."""
        return self.function.operator if isinstance(self.function, Operation) else None

    @property
    def is_kept(self) -> bool:
        """Whether this is an s-op that must have columns of its own (see `Graph.keep`)."""
        return self.kind is Kind.MAP and isinstance(self.data, tuple) and self.data[0] == "kept"

    @property
    def is_fraction(self) -> bool:
        """Whether this is a quotient that is carried as a fraction, not told apart by a table (see
        `Graph.fraction`).
        """
        return self.kind is Kind.MAP and isinstance(self.data, tuple) and self.data[0] == "fraction"

    @property
    def comparison(self) -> Comparison:
        """The comparison of a SELECT."""
        assert isinstance(self.data, Comparison)
        return self.data

    @property
    def user_span(self) -> Span | None:
        """Where the program says it, as for the nodes of `rasp.graph.sops`."""
        return self.span

    @property
    def is_selector(self) -> bool:
        return self.kind in SELECTORS

    @property
    def title(self) -> str:
        """What people see: the program's name for it, else its text, shortened."""
        if self.name:
            return self.name
        text = render(self, depth=3)
        return text if len(text) <= 60 else text[:57] + "..."


TOKEN = Term(-1, Kind.TOKENS, (), data="id", name="tokens")
"""Stands for a token's rank in the vocabulary, of which every conversion of the tokens is a function."""

INDEX = Term(-2, Kind.INDICES, (), name="indices")
"""The number of a position: what orders them, also in programs that never speak of it."""


@dataclass
class Graph:
    """The intern table. Terms are only ever made here. `numeric_tokens`: the vocabulary holds numbers;
    `whole_tokens`: ints. `replaced`: which term was replaced by which, in each round of rewriting, so that
    each step can be shown.
    """

    causal: bool
    numeric_tokens: bool = False
    whole_tokens: bool = False
    replaced: list[dict[Term, Term]] = field(default_factory=lambda: [{}])
    _terms: dict[Hashable, Term] = field(default_factory=dict)

    def make(
        self,
        kind: Kind,
        args: tuple[Term, ...] = (),
        data: Hashable = None,
        function: Elementwise | None = None,
        origin: Node | Term | None = None,
    ) -> Term:
        """The term of this structure, made if it is new; `origin` lends its name and span."""
        key = (kind, tuple(a.index for a in args), data)
        term = self._terms.get(key)
        if term is None:
            span = None if origin is None else origin.user_span
            name = None if origin is None else origin.name
            term = Term(len(self._terms), kind, args, data, function, span, name)
            self._terms[key] = term
        elif term.name is None and origin is not None and origin.name:
            object.__setattr__(term, "name", origin.name)
        return term

    def named(self, term: Term, origin: Term) -> Term:
        """The term, which is what `origin` was, under its name if it has none of its own."""
        return self.make(term.kind, term.args, term.data, term.function, origin)

    def note(self, term: Term, replacement: Term) -> None:
        """Note that one term was replaced by another, in this round."""
        if replacement is not term:
            self.replaced[-1].setdefault(term, replacement)

    def const(self, value: Atom) -> Term:
        return self.make(Kind.CONST, data=(type(value).__name__, value))

    def indices(self) -> Term:
        return self.make(Kind.INDICES)

    def operation(self, operator: Operator, *args: Term, origin: Node | Term | None = None) -> Term:
        """An operator of the language applied at each position."""
        function = Operation(args=(), operator=operator)
        return self.make(Kind.MAP, args, function_key(function), function, origin)

    def with_args(self, term: Term, args: Sequence[Term]) -> Term:
        """The term with other operands."""
        if all(a is b for a, b in zip(args, term.args, strict=True)):
            return term
        return self.make(term.kind, tuple(args), term.data, term.function)

    def keep(self, term: Term, name: str, node: Node) -> Term:
        """The same value behind a wall: no rule and no proof looks through it, so that it can be replaced."""
        return self.make(Kind.MAP, (term,), ("kept", name), Map(args=(), function=unchanged), node)

    def fraction(self, term: Term) -> Term:
        """The same quotient, to be carried as a fraction."""
        return self.make(term.kind, term.args, ("fraction", term.data), term.function, term)

    def select(self, keys: Term, queries: Term, comparison: Comparison) -> Term:
        return self.make(Kind.SELECT, (keys, queries), comparison)


def unchanged(value: Atom) -> Atom:
    """What a kept s-op computes."""
    return value


def function_key(node: Elementwise) -> Hashable:
    """What makes two elementwise functions the same function."""
    match node:
        case Operation():
            return ("op", node.operator)
        case LookUp(container=str() as text):
            return ("text", text)
        case LookUp(container=tuple() as items):
            return ("list", typed(items))
        case LookUp(container=table):
            assert not isinstance(table, (str, tuple))
            return ("dict", tuple(zip(typed(table.keys()), typed(table.values()), strict=True)))
        case Member():
            return ("member", typed(node.items))
        case Map():
            return ("python", id(node.function))  # it may be unhashable, or equal to one that differs
    raise AssertionError(f"unknown elementwise node {node!r}")


def typed(atoms: Iterable[Atom]) -> tuple[tuple[str, Atom], ...]:
    """Atoms as keys that tell 1, 1.0 and True apart."""
    return tuple((type(a).__name__, a) for a in atoms)


def reachable(*roots: Term) -> list[Term]:
    """Every term below some `roots` and these themselves, operands first."""
    seen: dict[int, Term] = {}
    stack = [*roots]
    while stack:
        term = stack.pop()
        if term.index not in seen:
            seen[term.index] = term
            stack.extend(term.args)
    return [seen[i] for i in sorted(seen)]


def folded(
    root: Term,
    parts: Callable[[Term], Sequence[Term]],
    made: Callable[[Term, list[T]], T],
    known: dict[Term, T] | None = None,
) -> T:
    """What is made of a term from what is made of its parts, these first, however deep they lie.

    Args:
        root: The term.
        parts: What must be known before a term is.
        made: What a term becomes, given what its parts became.
        known: What is known already; what is found is added to it.
    """
    found = {} if known is None else known
    pending = [root]
    while pending:
        term = pending[-1]
        missing = [] if term in found else [part for part in parts(term) if part not in found]
        if missing:
            pending += missing
            continue
        pending.pop()
        if term not in found:
            found[term] = made(term, [found[part] for part in parts(term)])
    return found[root]


_INFIX = {op: op.value for op in Operator}


def render_atom(value: Atom) -> str:
    """An atom as RASP source."""
    if isinstance(value, str):
        return '"' + value + '"'
    if isinstance(value, Fraction):
        return (
            f"({value.numerator}/{value.denominator})" if value.denominator != 1 else f"{value.numerator}.0"
        )
    return str(value)


def render(term: Term, depth: int = 99) -> str:
    """A term as an expression in RASP's own notation; below `depth` levels only `...`."""
    if depth == 0:
        return term.name or "..."
    a = [term_name(arg, depth - 1) for arg in term.args]
    match term.kind:
        case Kind.TOKENS:
            return "tokens" if term.data == "asis" else f"tokens_{term.data}"
        case Kind.INDICES:
            return "indices"
        case Kind.CONST:
            return render_atom(term.value)
        case Kind.MAP:
            return _render_map(term, a)
        case Kind.AGGREGATE:
            default = "" if term.default is None else f", {render_atom(term.default)}"
            return f"{'only' if term.read_as.only else 'aggregate'}({a[0]}, {a[1]}{default})"
        case Kind.WIDTH:
            return f"selector_width({a[0]})"
        case Kind.SUM:
            return f"sum({a[0]}, {a[1]})"
        case Kind.EXISTS:
            return f"has_focus({a[0]})"
        case Kind.LEAST:
            default = "" if term.default is None else f", {render_atom(term.default)}"
            return f"least({a[0]}, {a[1]}{default})"
        case Kind.SELECT:
            return f"select({a[0]}, {a[1]}, {term.comparison.value})"
        case Kind.AND | Kind.OR:
            return f"({a[0]} {term.kind.name.lower()} {a[1]})"
        case Kind.NOT:
            return f"(not {a[0]})"


def term_name(term: Term, depth: int) -> str:
    """A named term by its name, others by their text."""
    return term.name if term.name else render(term, depth)


def _render_map(term: Term, a: list[str]) -> str:
    function = term.function
    match function:
        case Operation(operator=Operator.NEG):
            return f"(-{a[0]})"
        case Operation(operator=Operator.POS):
            return f"(+{a[0]})"
        case Operation(operator=Operator.NOT):
            return f"(not {a[0]})"
        case Operation(operator=Operator.ROUND | Operator.INDICATOR as operator):
            return f"{operator.value}({a[0]})"
        case Operation(operator=Operator.CHOOSE):
            return f"({a[1]} if {a[0]} else {a[2]})"
        case Operation(operator=operator):
            return f"({a[0]} {_INFIX[operator]} {a[1]})"
        case Member():
            return f"({a[0]} in [{', '.join(render_atom(v) for v in function.items)}])"
        case LookUp(container=str() as text):
            return f'"{text}"[{a[0]}]'
        case LookUp(container=tuple() as items):
            return f"[{', '.join(render_atom(v) for v in items)}][{a[0]}]"
        case LookUp():
            return f"table[{a[0]}]"
    return f"f({', '.join(a)})"


def dump(root: Term) -> str:
    """The text form of the graph: one line a term, operands by number."""
    numbers = {t.index: i for i, t in enumerate(reachable(root))}
    lines = []
    for term in reachable(root):
        name = f" {term.name}" if term.name else ""
        stub = Term(0, term.kind, tuple(_reference(a, numbers) for a in term.args), term.data, term.function)
        lines.append(f"%{numbers[term.index]}{name} = {render(stub)}")
    return "\n".join(lines) + "\n"


def _reference(term: Term, numbers: dict[int, int]) -> Term:
    """A stand-in whose name is the number under which the dump shows the term."""
    return Term(0, Kind.INDICES, (), name=f"%{numbers[term.index]}")
