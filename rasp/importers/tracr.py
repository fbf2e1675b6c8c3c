"""Programs written for Tracr (Lindner et al. 2023, arXiv 2301.05062) as s-ops of this language.

Tracr's functions are opaque Python; where they are arithmetic, comparisons and conditions they become
those operators here, and only the others stay Python functions. Tracr's None becomes a value that the caller
declares, which every s-op passes on as Tracr does. Its encodings are ignored.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from rasp.elaboration.library import full_s, length
from rasp.embedded import selector_width
from rasp.errors import EvaluationError, OperandError, RaspError
from rasp.graph.atoms import to_atom
from rasp.graph.sops import (
    INDICES,
    TOKENS,
    Aggregate,
    Constant,
    Map,
    Node,
    Operation,
    Select,
    Selector,
    SelectorAnd,
    SelectorNot,
    SelectorOr,
    SOp,
)
from rasp.graph.values import show
from rasp.importers.predicates import selector_of_table
from rasp.importers.symbolic import FAILURES, is_truth, trace
from rasp.importers.tracr_values import ValueSets
from rasp.words import MIRRORED, Atom, Comparison, Operator

SIMPLEST = 10_000
"""Denominators up to this are tried for the fraction that a float stands for."""

TUPLE = "tuple"
"""What the text of a tuple begins with: values here are numbers and strings, Tracr's may be tuples too."""

COMPARISONS = {"EQ": "==", "NEQ": "!=", "LT": "<", "LEQ": "<=", "GT": ">", "GEQ": ">="}
"""Tracr's comparisons by name, and ours."""


def from_tracr(
    program: Any, none: Atom = -1, vocab: Iterable[Atom | float] | None = None, max_length: int | None = None
) -> SOp:
    """The s-op that computes what a Tracr program computes.

    `program`: an s-op of `tracr.rasp.rasp`. `none` stands for Tracr's None. It must be of the type of the
    values that it occurs among (a string for s-ops of strings) and none of them. A predicate of `Select` that
    does not compare an expression of the key with one of the query becomes a table over all values, which
    takes `vocab`, the tokens, and `max_length`, how many an input has at most.

    Raises:
        RaspError: Tracr is not installed (extra `[tracr]`), or the program is none that can be taken over.
    """
    try:
        from tracr.rasp import rasp as peer
    except ImportError as error:
        raise RaspError(
            f"Tracr cannot be imported: {error}", hint="install the extra: pip install 'rasp-compiler[tracr]'"
        ) from error
    if not isinstance(program, peer.SOp):
        raise OperandError(f"a program of Tracr's is one of its s-ops, not {type(program).__name__}")
    values = None
    if vocab is not None and max_length is not None:
        values = ValueSets(peer, frozenset(vocab), max_length)
    translation = Translation(peer, to_atom(none), values)
    for expression in in_order(program):
        translation.add(expression)
    result = translation.nodes[id(program)]
    assert isinstance(result, SOp)
    return result


def in_order(program: Any) -> Iterator[Any]:
    """Every expression of a Tracr program once, after those that it is computed from."""
    seen: set[int] = set()
    stack = [(program, False)]
    while stack:
        expression, expanded = stack.pop()
        if expanded:
            yield expression
        elif id(expression) not in seen:
            seen.add(id(expression))
            stack.append((expression, True))
            stack += [(child, False) for child in reversed(expression.children)]


@dataclass
class Translation:
    """The nodes made so far, by the identity of Tracr's expressions, and which of these can be None."""

    peer: Any
    none: Atom
    values: ValueSets | None
    nodes: dict[int, Node] = field(default_factory=dict)
    optional: set[int] = field(default_factory=set)

    def add(self, expression: Any) -> None:
        """Translate one expression whose operands have been."""
        is_sop = isinstance(expression, self.peer.SOp)
        node = self._sop(expression) if is_sop else self._selector(expression)
        self.nodes[id(expression)] = node
        names = self.peer.DEFAULT_ANNOTATORS["name"]
        if expression.name != names(expression):
            node.bind(expression.name)

    def _sop(self, expression: Any) -> SOp:
        peer = self.peer
        if isinstance(expression, peer.TokensType):
            return TOKENS["asis"]
        if isinstance(expression, peer.IndicesType):
            return INDICES
        if isinstance(expression, peer.LengthType):
            return length()
        if isinstance(expression, peer.Full):
            return self._full(expression)
        if isinstance(expression, peer.Map):
            return self._map(expression, expression.inner)
        if isinstance(expression, peer.LinearSequenceMap):
            return self._linear(expression)
        if isinstance(expression, peer.SequenceMap):
            return self._map(expression, expression.fst, expression.snd)
        if isinstance(expression, peer.SelectorWidth):
            return selector_width(self._given_selector(expression.selector))
        if isinstance(expression, peer.Aggregate):
            return self._aggregate(expression)
        raise OperandError(f"a {type(expression).__name__} of Tracr's has no counterpart here")

    def _selector(self, expression: Any) -> Selector:
        peer = self.peer
        if isinstance(expression, peer.Select):
            return self._select(expression)
        if isinstance(expression, peer.SelectorAnd):
            return SelectorAnd(*map(self._given_selector, (expression.fst, expression.snd)))
        if isinstance(expression, peer.SelectorOr):
            return SelectorOr(*map(self._given_selector, (expression.fst, expression.snd)))
        if isinstance(expression, peer.SelectorNot):
            return SelectorNot(self._given_selector(expression.inner))
        raise OperandError(f"a {type(expression).__name__} of Tracr's has no counterpart here")

    def _given(self, expression: Any) -> SOp:
        node = self.nodes[id(expression)]
        assert isinstance(node, SOp)
        return node

    def _given_selector(self, expression: Any) -> Selector:
        node = self.nodes[id(expression)]
        assert isinstance(node, Selector)
        return node

    def _full(self, expression: Any) -> SOp:
        if expression.fill is None:
            self.optional.add(id(expression))
            return Constant(self.none)
        return Constant(to_ours(expression.fill))

    def _linear(self, expression: Any) -> SOp:
        """Computed exactly, where Tracr rounds."""
        if {id(expression.fst), id(expression.snd)} & self.optional:
            return self._map(expression, expression.fst, expression.snd)
        first, second = (
            Operation((Constant(to_ours(factor)), numeric(self._given(sop))), Operator.MUL)
            for sop, factor in ((expression.fst, expression.fst_fac), (expression.snd, expression.snd_fac))
        )
        return Operation((first, second), Operator.ADD)

    def _map(self, expression: Any, *read: Any) -> SOp:
        arguments = tuple(self._given(sop) for sop in read)
        if any(id(sop) in self.optional for sop in read):
            self.optional.add(id(expression))
        else:
            traced = trace(expression.f, to_ours, *arguments)
            if traced is not None:
                return traced
        return Map(arguments, self._function(expression.f, tuple(id(sop) in self.optional for sop in read)))

    def _function(self, function: Callable[..., Any], optional: tuple[bool, ...]) -> Callable[..., Atom]:
        """The function as one of our values."""

        def applied(*values: Atom) -> Atom:
            if any(can_be and value == self.none for can_be, value in zip(optional, values, strict=True)):
                return self.none
            result = function(*map(to_theirs, values))
            if result is None:
                raise EvaluationError("the function gave None, which it may not do itself")
            mine = to_ours(result)
            if any(optional) and mine == self.none:
                raise EvaluationError(
                    f"the function gave {show(mine)}, which stands for None: declare another"
                )
            return int(mine) if isinstance(mine, bool) else mine

        return applied

    def _aggregate(self, expression: Any) -> SOp:
        if expression.default is None or id(expression.sop) in self.optional:
            self.optional.add(id(expression))
        default = self.none if expression.default is None else to_ours(expression.default)
        default = int(default) if isinstance(default, bool) else default
        return Aggregate(
            self._given_selector(expression.selector), numeric(self._given(expression.sop)), default
        )

    def _select(self, expression: Any) -> Selector:
        keys, queries = self._given(expression.keys), self._given(expression.queries)
        predicate = expression.predicate
        if isinstance(predicate, self.peer.Comparison):
            if predicate.name in COMPARISONS:
                return Select(keys, queries, Comparison(COMPARISONS[predicate.name]))
            every = full_s()
            return every if predicate.name == "TRUE" else SelectorNot(every)
        if not {id(expression.keys), id(expression.queries)} & self.optional:
            traced = comparison_of(predicate, keys, queries)
            if traced is not None:
                return traced
        return self._tabulated(expression, keys, queries)

    def _tabulated(self, expression: Any, keys: SOp, queries: SOp) -> Selector:
        """A predicate that only Python can run, tried on every key and query."""
        if self.values is None:
            raise OperandError(
                f"the predicate of {expression.name!r} is no comparison between key and query",
                hint="give `from_tracr` the vocabulary and the maximum length, so that it can be tabulated",
            )
        every = {self._ours(key): key for key in self.values.of(expression.keys)}
        table = {
            self._ours(query): frozenset(mine for mine, key in every.items() if holds(expression, key, query))
            for query in self.values.of(expression.queries)
        }
        return selector_of_table(keys, queries, tuple(every), table)

    def _ours(self, value: object) -> Atom:
        return self.none if value is None else to_ours(value)


def holds(select: Any, key: object, query: object) -> bool:
    """The predicate at one key and query; where it fails there is no right answer."""
    try:
        return bool(select.predicate(key, query))
    except FAILURES:
        return False


def comparison_of(predicate: Callable[[Any, Any], Any], keys: SOp, queries: SOp) -> Selector | None:
    """The predicate as the selector of one comparison: an expression of the key against one of the query."""
    # Two names, so that the two stay apart where keys and queries are one s-op.
    key, query = Operation((keys,), Operator.POS), Operation((queries,), Operator.POS)
    traced = trace(predicate, to_ours, key, query)
    if traced is None:
        return None
    if isinstance(traced, Constant):
        return full_s() if traced.value else SelectorNot(full_s())
    negated = isinstance(traced, Operation) and traced.operator is Operator.NOT
    compared = traced.args[0] if negated and isinstance(traced, Operation) else traced
    if not isinstance(compared, Operation) or compared.operator.value not in COMPARISONS.values():
        return None
    left, right = compared.args
    comparison = Comparison(compared.operator.value)
    if reads(left, query) or reads(right, key):
        left, right, comparison = right, left, MIRRORED[comparison]
    if reads(left, query) or reads(right, key):
        return None
    selector = Select(replaced(left, key, keys), replaced(right, query, queries), comparison)
    return SelectorNot(selector) if negated else selector


def reads(expression: SOp, operand: SOp) -> bool:
    """Whether an expression just traced reads one of its arguments."""
    if expression is operand:
        return True
    return isinstance(expression, Operation) and any(reads(each, operand) for each in expression.args)


def replaced(expression: SOp, old: SOp, new: SOp) -> SOp:
    """The expression with one argument in place of the other."""
    if expression is old:
        return new
    if not isinstance(expression, Operation) or not reads(expression, old):
        return expression
    return Operation(tuple(replaced(each, old, new) for each in expression.args), expression.operator)


def numeric(sop: SOp) -> SOp:
    """The s-op with its bools as 1 and 0: Tracr averages them, and here only numbers have a mean."""
    if is_truth(sop):
        return Operation((sop,), Operator.INDICATOR)
    if isinstance(sop, Operation) and sop.operator is Operator.CHOOSE:
        condition, then, otherwise = sop.args
        return Operation((condition, numeric(then), numeric(otherwise)), Operator.CHOOSE)
    if isinstance(sop, Constant) and isinstance(sop.value, bool):
        return Constant(int(sop.value))
    return sop


def to_ours(value: object) -> Atom:
    """A value of Tracr's as an atom: a float is a simple fraction if it is the float nearest to one."""
    if isinstance(value, tuple):
        return TUPLE + repr(value)
    if isinstance(value, float) and abs(value) < SIMPLEST:
        simplest = Fraction(value).limit_denominator(SIMPLEST)
        if float(simplest) == value:
            return simplest
    return to_atom(value)


def to_theirs(atom: Atom) -> Any:
    """The value that a function written for Tracr expects."""
    if isinstance(atom, Fraction):
        return float(atom)
    if isinstance(atom, str) and atom.startswith(TUPLE + "("):
        return ast.literal_eval(atom.removeprefix(TUPLE))
    return atom
