"""Python functions of values read as expressions: called with symbols, a function shows what it computes.

Operators of a symbol build the s-op that they would compute; where the function asks whether a symbol is
true, it is run once for each answer and the results become a choice. Whatever else it does with a symbol
(look it up, ask for its type, call a method) gives it away as one that only Python can run.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NoReturn

from rasp.errors import RaspError
from rasp.graph.sops import Constant, Operation, SOp
from rasp.words import TRUTHS, Atom, Operator

MAX_PATHS = 16
"""How many ways through a function are followed."""

FAILURES = (ArithmeticError, LookupError, TypeError, ValueError, AttributeError, RaspError)
"""What a user's function may raise when it is called with something it does not take."""


class Untraceable(TypeError):
    """The function does with its argument what a symbol cannot follow."""


class _Undecided(TypeError):
    """The function asks whether a symbol is true, and this run has no answer to that."""


@dataclass(eq=False)
class _Run:
    """One way through the function: the answers to its first questions, and what it asks next."""

    to_atom: Callable[[object], Atom]
    answers: tuple[bool, ...]
    asked: int = 0
    question: SOp | None = None
    failed: bool = False

    def decide(self, condition: SOp) -> bool:
        if self.asked == len(self.answers):
            self.question = self.question or condition
            raise _Undecided
        self.asked += 1
        return self.answers[self.asked - 1]

    def fail(self) -> NoReturn:
        self.failed = True
        raise Untraceable


def _binary(operator: Operator, swapped: bool = False) -> Callable[[Symbol, object], Symbol]:
    def method(self: Symbol, other: object) -> Symbol:
        mine, yours = self._node, self._operand(other)
        return Symbol(Operation((yours, mine) if swapped else (mine, yours), operator), self._run)

    return method


def _unary(operator: Operator) -> Callable[[Symbol], Symbol]:
    return lambda self: Symbol(Operation((self._node,), operator), self._run)


class Symbol:
    """Stands for the value of an s-op at some position."""

    __slots__ = ("_node", "_run")

    def __init__(self, node: SOp, run: _Run) -> None:
        self._node = node
        self._run = run

    def _operand(self, other: object) -> SOp:
        if type(other) is Symbol:
            return other._node
        try:
            return Constant(self._run.to_atom(other))
        except RaspError:
            self._run.fail()

    def __bool__(self) -> bool:
        return self._run.decide(self._node)

    def __hash__(self) -> int:
        self._run.fail()

    def _fail(self, *_arguments: object) -> NoReturn:
        self._run.fail()

    # Not left to the exceptions that Python would raise, as the function may catch those.
    __getattr__ = __getitem__ = __iter__ = __len__ = __contains__ = __call__ = _fail
    __int__ = __float__ = __complex__ = __index__ = __abs__ = __invert__ = __round__ = _fail
    __floor__ = __ceil__ = __trunc__ = __divmod__ = __rdivmod__ = __floordiv__ = __rfloordiv__ = _fail
    __pow__ = __rpow__ = __and__ = __rand__ = __or__ = __ror__ = __xor__ = __rxor__ = _fail
    __repr__ = __str__ = __format__ = _fail

    @property  # type: ignore[misc]
    def __class__(self) -> Any:  # what `isinstance` asks for; its answer would depend on the value
        self._run.fail()

    __add__, __radd__ = _binary(Operator.ADD), _binary(Operator.ADD, swapped=True)
    __sub__, __rsub__ = _binary(Operator.SUB), _binary(Operator.SUB, swapped=True)
    __mul__, __rmul__ = _binary(Operator.MUL), _binary(Operator.MUL, swapped=True)
    __truediv__, __rtruediv__ = _binary(Operator.DIV), _binary(Operator.DIV, swapped=True)
    __mod__, __rmod__ = _binary(Operator.MOD), _binary(Operator.MOD, swapped=True)
    __eq__ = _binary(Operator.EQ)  # type: ignore[assignment]
    __ne__ = _binary(Operator.NE)  # type: ignore[assignment]
    __lt__, __le__ = _binary(Operator.LT), _binary(Operator.LE)
    __gt__, __ge__ = _binary(Operator.GT), _binary(Operator.GE)
    __neg__, __pos__ = _unary(Operator.NEG), _unary(Operator.POS)


def trace(function: Callable[..., Any], to_atom: Callable[[object], Atom], *arguments: SOp) -> SOp | None:
    """The s-op that a function computes from s-ops, or None if only Python can run it.

    `to_atom` turns the constants that the function works with into atoms.
    """
    paths = [0]

    def explore(answers: tuple[bool, ...]) -> SOp:
        paths[0] += 1
        if paths[0] > 2 * MAX_PATHS:
            raise Untraceable
        run = _Run(to_atom, answers)
        try:
            result = function(*(Symbol(argument, run) for argument in arguments))
        except _Undecided:
            result = None
        if run.failed:
            raise Untraceable
        if run.question is not None:
            return choice(run.question, explore((*answers, True)), explore((*answers, False)))
        return result._node if type(result) is Symbol else Constant(to_atom(result))

    try:
        return explore(())
    except FAILURES:
        return None


def choice(condition: SOp, then: SOp, otherwise: SOp) -> SOp:
    """`then if condition else otherwise`, as and, or and not where all are truth values."""
    if not is_truth(condition):
        return Operation((condition, then, otherwise), Operator.CHOOSE)
    if then is condition and is_truth(otherwise):
        return Operation((condition, otherwise), Operator.OR)
    if otherwise is condition and is_truth(then):
        return Operation((condition, then), Operator.AND)
    if _constant(then) is False and _constant(otherwise) is True:
        return Operation((condition,), Operator.NOT)
    if _constant(then) is True and _constant(otherwise) is False:
        return condition
    return Operation((condition, then, otherwise), Operator.CHOOSE)


def is_truth(sop: SOp) -> bool:
    """Whether an s-op's values are surely bools."""
    return isinstance(sop, Operation) and sop.operator in TRUTHS


def _constant(sop: SOp) -> Atom | None:
    return sop.value if isinstance(sop, Constant) else None
