"""The s-op graph: what a RASP program means once functions, loops, lists and dicts have been run.

Nodes are immutable and told apart by identity (two selectors written twice are two selectors, which is
how the paper counts heads); a node's `name` is set once, by the first assignment that binds it.
The reference meaning of every node is in `rasp.graph.interpreter`.

In the Python form the operators build nodes too: `tokens == "a"` is an s-op. So compare nodes with `is`,
keep them in sets and dicts, and do not ask a list whether it holds one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any, ClassVar, NoReturn, cast

from rasp.errors import CallSite, InputError, OperandError, Span, users_place
from rasp.graph.atoms import checked, shown
from rasp.graph.values import Named, Value, describe, to_value
from rasp.runs import DEFAULT_STEPS, Run
from rasp.words import Atom, Comparison, Conversion, Operator


@dataclass(frozen=True)
class FunctionCall:
    """The call that returned a node: the function's name and what it was called with."""

    function: str
    arguments: tuple[Value, ...]


@dataclass(frozen=True, eq=False, kw_only=True, repr=False)
class Node(Named):
    """An s-op or a selector, with the `span` of the text that made it and the `name` it was first bound to
    (None for what Python made, and what has no name).

    `site` is the function call within which it was made, `call` the one that returned it, for messages.
    """

    span: Span | None = None
    name: str | None = None
    site: CallSite | None = None
    """The function call within which the node was made, if any."""
    call: FunctionCall | None = None
    """The function call that returned the node, if any; for display."""

    @property
    def title(self) -> str | None:
        return self.name

    @property
    def user_span(self) -> Span | None:
        """Where to point a user to: the node's span or, for a node of the library, the call that made it."""
        return users_place(self.span, self.site)

    def bind(self, name: str) -> None:
        """Give the node its `name`, once: the first binding is the one that displays and dumps use."""
        if self.name is None:
            object.__setattr__(self, "name", name)

    def locate(self, span: Span, site: CallSite | None) -> None:
        """Give the node its `span`, and the function call `site` within which it was made, once."""
        if self.span is None:
            object.__setattr__(self, "span", span)
            object.__setattr__(self, "site", site)

    def returned_by(self, call: FunctionCall) -> None:
        """Note the `call` that made the node; the name it had within the function is forgotten."""
        object.__setattr__(self, "call", call)
        object.__setattr__(self, "name", None)

    def __repr__(self) -> str:
        written = _provided.get("expression")
        return f"<{type(self).__name__} {self.name or (written(self, SHOWN) if written else hex(id(self)))}>"

    def __call__(self, inputs: object, causal: bool = False) -> list[Any]:
        """The reference interpreter's answer on an input of n tokens: a list of n values (strings, bools,
        ints and, for means and quotients, `Fraction`s), or for a selector of n rows of n bools.

        `inputs`: a string, for its characters, or a list of tokens; with `causal` no position sees later
        ones. Raises `InputError` for an unsuitable input, `EvaluationError` where there is no answer.
        """
        if not isinstance(causal, bool):
            hint = "one input is answered at a time; a list of tokens is one input"
            raise InputError(f"causal is True or False, not {shown(causal)}", hint=hint)
        return cast("list[Any]", _provided["answer"](self, inputs, causal))

    def _repr_svg_(self) -> str:
        """What a notebook shows: the flow on "hello", or without values where there is no answer to that."""
        return str(_provided["picture"](self))

    def __bool__(self) -> NoReturn:
        raise OperandError(
            "an s-op or selector has no truth value of its own",
            hint="use `&`, `|` and `~` for and, or and not, `rasp.where(c, a, b)` for a choice, and `is` "
            "to ask whether two of them are the same",
        )


class SOp(Node):
    """A function from an input sequence to a sequence of equal length."""

    kind: ClassVar[str] = "s-op"

    def iterate(
        self,
        inputs: object,
        *,
        vocab: Iterable[Atom] | None = None,
        max_steps: int = DEFAULT_STEPS,
        halt: SOp | None = None,
        causal: bool = False,
        each: Callable[[int, tuple[Atom, ...]], None] | None = None,
    ) -> Run:
        """The s-op as a step: its answers on `inputs` are its next input, and so on, until nothing changes
        any more, the truth s-op `halt` is true at some position, or `max_steps` steps have been taken.

        With `vocab`, a step that gives what is no token of it ends the run, as it does that of a model; and
        each answer becomes the token that is equal to it. With `causal`, a position sees only those up to its
        own. `each` is called with every state and the steps that led there, first with 0 and the input. At
        Ctrl-C, the state so far is given. Raises InputError for an unsuitable input, limit or `halt`, and
        EvaluationError where a state has no answer.
        """
        return cast(
            Run,
            _provided["iterate"](
                self, inputs, vocab=vocab, max_steps=max_steps, halt=halt, causal=causal, each=each
            ),
        )

    # Comparing builds an s-op, so hashing must be told to go on by identity.
    __hash__ = object.__hash__

    def __eq__(self, other: object) -> SOp:  # type: ignore[override]
        return _binary(Operator.EQ, self, other)

    def __ne__(self, other: object) -> SOp:  # type: ignore[override]
        return _binary(Operator.NE, self, other)

    def __lt__(self, other: object) -> SOp:
        return _binary(Operator.LT, self, other)

    def __le__(self, other: object) -> SOp:
        return _binary(Operator.LE, self, other)

    def __gt__(self, other: object) -> SOp:
        return _binary(Operator.GT, self, other)

    def __ge__(self, other: object) -> SOp:
        return _binary(Operator.GE, self, other)

    def __add__(self, other: object) -> SOp:
        return _binary(Operator.ADD, self, other)

    def __radd__(self, other: object) -> SOp:
        return _binary(Operator.ADD, other, self)

    def __sub__(self, other: object) -> SOp:
        return _binary(Operator.SUB, self, other)

    def __rsub__(self, other: object) -> SOp:
        return _binary(Operator.SUB, other, self)

    def __mul__(self, other: object) -> SOp:
        return _binary(Operator.MUL, self, other)

    def __rmul__(self, other: object) -> SOp:
        return _binary(Operator.MUL, other, self)

    def __truediv__(self, other: object) -> SOp:
        return _binary(Operator.DIV, self, other)

    def __rtruediv__(self, other: object) -> SOp:
        return _binary(Operator.DIV, other, self)

    def __mod__(self, other: object) -> SOp:
        return _binary(Operator.MOD, self, other)

    def __rmod__(self, other: object) -> SOp:
        return _binary(Operator.MOD, other, self)

    def __pow__(self, other: object) -> SOp:
        return _binary(Operator.POW, self, other)

    def __rpow__(self, other: object) -> SOp:
        return _binary(Operator.POW, other, self)

    def __and__(self, other: object) -> SOp:
        return _binary(Operator.AND, self, other)

    def __rand__(self, other: object) -> SOp:
        return _binary(Operator.AND, other, self)

    def __or__(self, other: object) -> SOp:
        return _binary(Operator.OR, self, other)

    def __ror__(self, other: object) -> SOp:
        return _binary(Operator.OR, other, self)

    def __invert__(self) -> SOp:
        return Operation((self,), Operator.NOT)

    def __neg__(self) -> SOp:
        return Operation((self,), Operator.NEG)

    def __pos__(self) -> SOp:
        return Operation((self,), Operator.POS)

    def __round__(self, digits: object = None) -> SOp:
        if digits is not None:
            _refuse("`round` makes whole numbers of an s-op's values", "write `round(s * 10) / 10`")
        return Operation((self,), Operator.ROUND)

    def __floordiv__(self, other: object) -> NoReturn:
        _refuse("`//` does not work on s-ops", "the floor is `round((a - a % b) / b)`")

    def __divmod__(self, other: object) -> NoReturn:
        _refuse("`divmod` does not work on s-ops", "the remainder is `a % b`")

    def __abs__(self) -> NoReturn:
        _refuse("`abs` does not work on s-ops", "the absolute value is `rasp.max(s, -s)`")

    def __xor__(self, other: object) -> NoReturn:
        _refuse("`^` does not work on s-ops in Python", "a power is `a ** b` there")

    __rfloordiv__ = __floordiv__
    __rdivmod__ = __divmod__
    __rxor__ = __xor__

    def __getitem__(self, position: int) -> SOp:
        """The value at one position, everywhere; negative positions count from the end."""
        return value_at(self, position)

    def __iter__(self) -> NoReturn:
        raise OperandError("an s-op cannot be iterated over", hint="apply it to an input first")

    def __contains__(self, item: object) -> NoReturn:
        raise OperandError(
            "`in` cannot be asked of an s-op in Python",
            hint="use `rasp.contains(sop, atom)` or `rasp.member(sop, atoms)`",
        )


class Selector(Node):
    """A function from an input of length n to an n x n boolean matrix: row = query, column = key."""

    kind: ClassVar[str] = "selector"

    def __and__(self, other: object) -> Selector:
        return _combine(Operator.AND, self, other)

    def __rand__(self, other: object) -> Selector:
        return _combine(Operator.AND, other, self)

    def __or__(self, other: object) -> Selector:
        return _combine(Operator.OR, self, other)

    def __ror__(self, other: object) -> Selector:
        return _combine(Operator.OR, other, self)

    def __invert__(self) -> Selector:
        return SelectorNot(self)


def _binary(operator: Operator, left: object, right: object) -> SOp:
    return cast(SOp, combined(operator, to_value(left), to_value(right)))


def _combine(operator: Operator, left: object, right: object) -> Selector:
    return _combine_selectors(operator, cast(Value, left), cast(Value, right))


def _refuse(message: str, hint: str) -> NoReturn:
    raise OperandError(message, hint=hint)


@dataclass(frozen=True, eq=False, repr=False)
class Tokens(SOp):
    """The input's elements, each converted."""

    conversion: Conversion = "asis"


@dataclass(frozen=True, eq=False, repr=False)
class Indices(SOp):
    """0, 1, ... n-1."""


@dataclass(frozen=True, eq=False, repr=False)
class Constant(SOp):
    """The same atom at every position."""

    value: Atom


@dataclass(frozen=True, eq=False, repr=False)
class Elementwise(SOp):
    """Base of all s-ops computed position by position from `args` (see `interpreter.apply`)."""

    args: tuple[SOp, ...]


@dataclass(frozen=True, eq=False, repr=False)
class Operation(Elementwise):
    """An operator of the language applied at each position."""

    operator: Operator


@dataclass(frozen=True, eq=False, repr=False)
class LookUp(Elementwise):
    """`container[index]` with a list, string or dict of atoms; the only arg is the index s-op."""

    container: tuple[Atom, ...] | str | Mapping[Atom, Atom]


@dataclass(frozen=True, eq=False, repr=False)
class Member(Elementwise):
    """`s in [atoms]`; the only arg is s."""

    items: tuple[Atom, ...]

    @cached_property
    def searched(self) -> frozenset[Atom]:
        """The items, to be found at once: equal atoms have equal hashes."""
        return frozenset(self.items)


@dataclass(frozen=True, eq=False, repr=False)
class Map(Elementwise):
    """A Python function of atoms applied at each position (embedded form only)."""

    function: Callable[..., Atom]


@dataclass(frozen=True, eq=False, repr=False)
class Read(SOp):
    """Base of all s-ops that one attention head computes from what a selector selects."""

    selector: Selector


@dataclass(frozen=True, eq=False, repr=False)
class Aggregate(Read):
    """Per query: the mean of the selected values (the value itself if one, the default if none). `only`: the
    value that all selected positions hold; there is none where they differ. A default that is an s-op is read
    at the query.
    """

    values: SOp
    default: Atom | SOp | None = None
    only: bool = False


@dataclass(frozen=True, eq=False, repr=False)
class Width(Read):
    """Per query: how many positions are selected (the library's `selector_width`)."""


@dataclass(frozen=True, eq=False, repr=False)
class Exists(Read):
    """Per query: whether any position is selected (the library's `has_focus`)."""


@dataclass(frozen=True, eq=False, repr=False)
class Select(Selector):
    """Entry (query i, key j) is `keys[j] comparison queries[i]`."""

    keys: SOp
    queries: SOp
    comparison: Comparison


@dataclass(frozen=True, eq=False, repr=False)
class SelectorAnd(Selector):
    """Entrywise and."""

    left: Selector
    right: Selector


@dataclass(frozen=True, eq=False, repr=False)
class SelectorOr(Selector):
    """Entrywise or."""

    left: Selector
    right: Selector


@dataclass(frozen=True, eq=False, repr=False)
class SelectorNot(Selector):
    """Entrywise not."""

    operand: Selector


def operands(node: Node) -> tuple[Node, ...]:
    """The nodes that a node is computed from, in order; the same one may occur twice."""
    match node:
        case Elementwise(args=args):
            return args
        case Aggregate(selector=selector, values=values, default=default):
            return (selector, values, default) if isinstance(default, SOp) else (selector, values)
        case Read(selector=selector):
            return (selector,)
        case Select(keys=keys, queries=queries):
            return (keys, queries)
        case SelectorAnd(left=left, right=right) | SelectorOr(left=left, right=right):
            return (left, right)
        case SelectorNot(operand=operand):
            return (operand,)
    return ()


def in_order(*roots: Node) -> Iterator[Node]:
    """All nodes that the roots depend on, themselves included: each once, and after its operands."""
    seen: set[Node] = set()
    for root in roots:
        stack: list[tuple[Node, bool]] = [(root, False)]
        while stack:
            node, expanded = stack.pop()
            if expanded:
                yield node
            elif node not in seen:
                seen.add(node)
                stack.append((node, True))
                stack += [(operand, False) for operand in reversed(operands(node)) if operand not in seen]


class Applied(list["Value"]):
    """What an s-op or selector gave on an input within a program: a list that remembers how it came about."""

    def __init__(self, values: Iterable[Value], node: Node, given: Value) -> None:
        super().__init__(values)
        self.node = node
        self.given = given


INDICES = Indices(name="indices")

TOKENS = {
    "asis": Tokens("asis", name="tokens_asis"),
    "str": Tokens("str", name="tokens_str"),
    "int": Tokens("int", name="tokens_int"),
    "float": Tokens("float", name="tokens_float"),
    "bool": Tokens("bool", name="tokens_bool"),
}
"""The base s-ops: one node each, in all programs."""


def as_sop(value: Value, operand: int, what: str) -> SOp:
    """The s-op itself, or an atom as an s-op that has it everywhere."""
    if isinstance(value, SOp):
        return value
    if isinstance(value, (int, Fraction, str)):
        return Constant(value)
    raise OperandError(f"{what} must be an s-op or an atom, got {describe(value)}", operand=operand)


SELECT = "a selector is what `select` makes of keys, queries and a comparison"
"""What helps where something else stands in the place of a selector."""


def as_selector(value: Value, operand: int, what: str, hint: str = SELECT) -> Selector:
    """The selector itself."""
    if isinstance(value, Selector):
        return value
    raise OperandError(f"{what} must be a selector, got {describe(value)}", operand=operand, hint=hint)


def combined(operator: Operator, left: Value, right: Value) -> Node:
    """An operator between two values of which at least one is an s-op or a selector."""
    if isinstance(left, Selector) or isinstance(right, Selector):
        return _combine_selectors(operator, left, right)
    what = f"an operand of `{operator.value}` with an s-op"
    return Operation((as_sop(left, 0, what), as_sop(right, 1, what)), operator)


def _combine_selectors(operator: Operator, left: Value, right: Value) -> Selector:
    if operator not in (Operator.AND, Operator.OR):
        blame = 0 if isinstance(left, Selector) else 1
        hint = "only `and`, `or` and `not` work on selectors"
        raise OperandError(f"`{operator.value}` does not work on selectors", operand=blame, hint=hint)
    what = f"both sides of `{operator.value}` with a selector"
    made = SelectorAnd if operator is Operator.AND else SelectorOr
    return made(as_selector(left, 0, what), as_selector(right, 1, what))


def value_at(sop: SOp, position: Value) -> SOp:
    """The value at one position, everywhere; 0 outside the sequence, as nothing is selected then."""
    if not isinstance(position, int):
        raise OperandError(
            f"an s-op is indexed by an int, got {describe(position)}",
            operand=1,
            hint="`load_from_location(s, location)` reads at positions that an s-op gives",
        )
    where: SOp = Constant(checked(int(position)))
    if position < 0:
        where = Operation((cast(SOp, library_node("length")), where), Operator.ADD)
    return Aggregate(Select(INDICES, where, Comparison.EQ), sop)


# What nodes need from those that are made of them ------------------------------------------------------

SHOWN = 40
"""Characters of an expression in the short form of a node without a name."""

_provided: dict[str, Callable[..., Any]] = {}


def provide(name: str, function: Callable[..., Any]) -> None:
    """Hand in, once, what nodes need and cannot import, as it works on nodes: "answer" is the interpreter,
    "iterate" runs an s-op on its own answers, "library" finds a value of the library, which is written in
    RASP, "picture" draws.
    """
    _provided[name] = function


def library_node(name: str) -> Node:
    """An s-op or selector of the library."""
    return cast(Node, _provided["library"](name))
