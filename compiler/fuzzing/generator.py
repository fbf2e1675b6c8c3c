"""Random well-typed RASP programs: every construct, the standard library, any nesting of selectors.

Programs are grown s-op by s-op, and each new one is evaluated by the reference interpreter on a few probe
inputs at once: what has no value there, or grows too large, is thrown away. So no type rules are repeated
here, and nearly every program is defined on nearly every input.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from random import Random
from typing import Any, cast

from compiler.request import Request
from rasp import embedded
from rasp.elaboration import library
from rasp.errors import EvaluationError
from rasp.graph.constructs import selects_everything
from rasp.graph.interpreter import node_values
from rasp.graph.sops import (
    Aggregate,
    Constant,
    LookUp,
    Member,
    Node,
    Operation,
    Select,
    Selector,
    SelectorAnd,
    SelectorNot,
    SelectorOr,
    SOp,
    Tokens,
    in_order,
)
from rasp.inputs import random_inputs
from rasp.words import COMPARISONS, Atom, Comparison, Conversion, Operator

LARGEST = 2000
"""Numerators and denominators that a program may make of its probe inputs."""

LONGEST_TEXT = 6
"""Characters of a string that a program may make of its probe inputs."""

MOST_SOPS = 60

LONG = (12, 17, 24, 33)
"""Maximum lengths that a few small programs get; the others have at most 8."""

VOCABULARIES: tuple[tuple[Atom, ...], ...] = (
    ("a", "b"),
    ("a", "b", "c", "d"),
    ("(", ")", "x"),
    ("0", "1", "2", "7"),
    ("ab", "b", "", "A", "é"),
    (0, 1),
    (0, 1, 2, 3, 4),
    (3, 1, 7),
    (-2, -1, 0, 1, 2),
    (-5, 10),
    (Fraction(1, 2), Fraction(-3, 2), 1),
    (Fraction(1, 3), Fraction(1, 4), Fraction(1, 10)),
    (False, True),
    ("z",),
    tuple("abcdefghijkl"),
    tuple(range(-3, 12)),
)

SMALL: tuple[Atom, ...] = (1, 1, 2, 3, -1, -2, 0, 5, Fraction(1, 2), Fraction(-3, 4), Fraction(1), True)
NEUTRAL: tuple[tuple[Operator, Atom | None], ...] = (
    *((Operator.ADD, 0), (Operator.SUB, 0), (Operator.MUL, 1), (Operator.MUL, 0), (Operator.DIV, 1)),
    *((Operator.POW, 1), (Operator.AND, True), (Operator.OR, False), (Operator.EQ, True)),
    *((Operator.ADD, ""), (Operator.POS, None), (Operator.NOT, None), (Operator.ROUND, None)),
)
DIVISORS: tuple[Atom, ...] = (2, 2, 3, 4, -3, 1, Fraction(1, 2))
STRAY_DEFAULTS: tuple[Atom, ...] = (0, "a", Fraction(1, 2), Fraction(0), Fraction(1), False)

ARITHMETIC = (Operator.ADD, Operator.SUB, Operator.MUL)


@dataclass(frozen=True)
class RandomProgram:
    """An s-op and what to compile it for."""

    sop: SOp
    asked: Request

    def inputs(self, rng: Random, count: int) -> list[list[Atom]]:
        """Random inputs: mixed lengths, the shortest and the longest among them, often few tokens."""
        return random_inputs(rng, self.asked.vocab, self.asked.max_length, count)


def random_program(rng: Random, sops: int | None = None) -> RandomProgram:
    """A program with about so many s-ops and selectors (1 to 60 by default, small ones more often)."""
    vocab = rng.choice(VOCABULARIES)
    max_length, causal = rng.randint(1, 8), rng.random() < 0.3
    if sops is None and rng.random() < 0.1:
        max_length, sops = rng.choice(LONG), rng.randint(1, 8)
    elif sops is None:
        sops = rng.choice([rng.randint(1, 8), rng.randint(1, 25), rng.randint(1, MOST_SOPS)])
    grower = Grower(rng, vocab, max_length, causal)
    return RandomProgram(grower.grow(sops), Request(vocab, max_length, causal))


def kind_of(rows: Sequence[Sequence[Atom]]) -> str:
    """What the values are: "str", "bool", "int" or "number"."""
    types = {type(value) for row in rows for value in row}
    if types == {str}:
        return "str"
    if types == {bool}:
        return "bool"
    return "int" if types <= {int, bool} else "number"


def moderate(value: Atom | bool) -> bool:
    """Whether a value is small enough for a program to go on with."""
    if isinstance(value, str):
        return len(value) <= LONGEST_TEXT
    return max(abs(value.numerator), value.denominator) <= LARGEST


class Grower:
    """A program in the making: its s-ops and selectors with their values on the probe inputs."""

    def __init__(self, rng: Random, vocab: Sequence[Atom], max_length: int, causal: bool) -> None:
        self.rng = rng
        self.causal = causal
        self.vocab = tuple(vocab)
        self.max_length = max_length
        self.probes: list[tuple[list[Atom], dict[Node, list[Any]]]] = [
            (probe, {}) for probe in random_inputs(rng, vocab, max_length, 8)
        ]
        self.sops: list[SOp] = []
        self.selectors: list[Selector] = []
        self.unused: list[Node] = []
        self.kinds: dict[Node, str] = {}

    def grow(self, size: int) -> SOp:
        """Add s-ops and selectors until there are about so many, and return the last s-op."""
        self._start()
        made = len(self.kinds) + len(self.selectors)
        for _ in range(20 * size):
            if len(self.kinds) + len(self.selectors) - made >= size - 1:
                break
            self._add(self._propose())
        return self.sops[-1] if size > 1 else self.rng.choice(self.sops)

    def _start(self) -> None:
        conversions = ["asis", "asis", "str", "int", "float", "bool"]
        for conversion in [self.rng.choice(conversions), "asis"]:
            self._add(Tokens(conversion=cast(Conversion, conversion)))
        self._add(embedded.indices)
        if self.rng.random() < 0.2:
            self._add(Constant(self.rng.choice(self.vocab)))
        self.rng.shuffle(self.sops)

    def _add(self, node: Node | None) -> bool:
        """Keep the node if it has moderate values on the probes; probes where it has none are given up."""
        if node is None or node in self.kinds or any(node is s for s in self.selectors):
            return False
        if isinstance(node, Aggregate) and is_no_text(node):
            return False
        kept = [probe for probe in self.probes if self._evaluate(node, *probe)]
        if len(kept) < 4 or (len(kept) < len(self.probes) and self.rng.random() < 0.8):
            return False
        self.probes = kept
        rows = [values[node] for _, values in kept]
        if isinstance(node, Selector):
            self.selectors.append(node)
        elif isinstance(node, SOp):
            self.kinds[node] = kind_of(rows)
            self.sops.append(node)
        below = set(in_order(node)) - {node}
        self.unused = [other for other in self.unused if other not in below] + [node]
        return True

    def _evaluate(self, node: Node, probe: list[Atom], values: dict[Node, list[Any]]) -> bool:
        for each in in_order(node):
            if each in values:
                continue
            try:
                row = node_values(each, probe, values, self.causal)
            except EvaluationError:
                return False
            if isinstance(each, SOp) and not all(map(moderate, row)):
                return False
            values[each] = row
        return True

    # Picking operands

    def _pick(self, *kinds: str) -> SOp | None:
        """An s-op of one of these kinds (of any if none is given): an unused or a late one rather often."""
        fitting = [s for s in self.sops if not kinds or self.kinds[s] in kinds]
        fresh = [s for s in self.unused if isinstance(s, SOp) and (not kinds or self.kinds[s] in kinds)]
        if fresh and self.rng.random() < 0.6:
            return self.rng.choice(fresh)
        if not fitting:
            return None
        return self.rng.choice(fitting[-6:] if self.rng.random() < 0.5 else fitting)

    def _number(self) -> SOp | None:
        return self._pick("int", "number", "bool") if self.rng.random() < 0.2 else self._pick("int", "number")

    def _like(self, sop: SOp) -> SOp | None:
        """An s-op or constant that may meet this one in a comparison."""
        if self.rng.random() < 0.35:
            return Constant(self._atom(sop))
        return self._pick("str") if self.kinds[sop] == "str" else self._pick("int", "number", "bool")

    def _seen(self, sop: SOp) -> list[Atom]:
        """The values that an s-op has on the probes."""
        return list(dict.fromkeys(v for _, values in self.probes for v in values.get(sop, [])))

    def _atom(self, sop: SOp) -> Atom:
        """A constant of an s-op's own kind, mostly one of its values or close to one."""
        value = self.rng.choice(self._seen(sop))
        if isinstance(value, str):
            return self.rng.choice([value, value, "a", "b", ""])
        near: list[Atom] = [value, value, value + 1, value - 1, 0, 1, -1, Fraction(1, 2), 2, Fraction(value)]
        return self.rng.choice([*near, True, Fraction(0)] if self.kinds[sop] == "bool" else near)

    def _selector(self) -> Selector | None:
        fresh = [s for s in self.unused if isinstance(s, Selector)]
        if fresh and self.rng.random() < 0.7:
            return self.rng.choice(fresh)
        if self.selectors and self.rng.random() < 0.6:
            return self.rng.choice(self.selectors)
        return self._select()

    # Proposing nodes

    def _propose(self) -> Node | None:
        makers: tuple[tuple[int, Callable[[], Node | None]], ...] = (
            (8, self._arithmetic),
            (3, self._division),
            (2, self._neutral),
            (6, self._comparison),
            (3, self._logic),
            (3, self._unary),
            (3, self._choose),
            (3, self._look_up),
            (2, self._member),
            (1, self._function),
            (8, self._select),
            (5, self._combined_selector),
            (10, self._aggregate),
            (3, self._unique_aggregate),
            (4, self._only),
            (2, self._indexed),
            (12, self._library),
        )
        return self.rng.choices([make for _, make in makers], [weight for weight, _ in makers])[0]()

    def _operation(self, operator: Operator, *args: SOp | None) -> SOp | None:
        present = tuple(arg for arg in args if arg is not None)
        return Operation(present, operator) if len(present) == len(args) else None

    def _arithmetic(self) -> Node | None:
        if self.rng.random() < 0.1:
            left, right = self._pick("str"), self._pick("str", "int")
            operator = Operator.MUL if right is not None and self.kinds[right] == "int" else Operator.ADD
            return self._operation(operator, left, right)
        left = self._number()
        right = self._number() if self.rng.random() < 0.5 else Constant(self._small())
        pair = (left, right) if self.rng.random() < 0.7 else (right, left)
        return self._operation(self.rng.choice(ARITHMETIC), *pair)

    def _neutral(self) -> Node | None:
        """What leaves a value as it is, nearly: a bool becomes a number, an int a fraction."""
        sop = self._pick("bool") if self.rng.random() < 0.4 else self._pick()
        if sop is None:
            return None
        operator, other = self.rng.choice(NEUTRAL)
        if other is None:
            return Operation((sop,), operator)
        pair = (sop, Constant(other)) if self.rng.random() < 0.7 else (Constant(other), sop)
        return Operation(pair, operator)

    def _small(self) -> Atom:
        return self.rng.choice(SMALL)

    def _division(self) -> Node | None:
        operator = self.rng.choice([Operator.DIV, Operator.MOD, Operator.MOD, Operator.POW])
        if operator is Operator.POW:
            if self.rng.random() < 0.2:
                return self._operation(operator, Constant(2), self._pick("int"))
            return self._operation(operator, self._number(), Constant(self.rng.choice([0, 1, 2, 2, 3, -1])))
        right: SOp | None = Constant(self.rng.choice(DIVISORS))
        if self.rng.random() < 0.3:
            right = self._number()
        left = self._number() if self.rng.random() < 0.8 else Constant(self._small())
        return self._operation(operator, left, right)

    def _comparison(self) -> Node | None:
        left = self._pick()
        if left is None:
            return None
        right = self._like(left) if self.rng.random() < 0.95 else self._pick()
        pair = (left, right) if self.rng.random() < 0.7 else (right, left)
        return self._operation(self.rng.choice(COMPARISONS), *pair)

    def _condition(self) -> SOp | None:
        """Mostly a bool; any value has a truth value."""
        condition = self._pick("bool") if self.rng.random() < 0.8 else None
        return self._pick() if condition is None else condition

    def _logic(self) -> Node | None:
        operator = self.rng.choice([Operator.AND, Operator.OR])
        return self._operation(operator, self._condition(), self._condition())

    def _unary(self) -> Node | None:
        operator = self.rng.choice(
            [Operator.NOT, Operator.NEG, Operator.POS, Operator.ROUND, Operator.ROUND, Operator.INDICATOR]
        )
        free = operator in (Operator.NOT, Operator.INDICATOR)
        return self._operation(operator, self._pick() if free else self._number())

    def _choose(self) -> Node | None:
        then = self._pick()
        otherwise = None if then is None else self._like(then)
        condition = self._condition()
        branches = (then, otherwise) if self.rng.random() < 0.7 else (otherwise, then)
        return self._operation(Operator.CHOOSE, condition, *branches)

    def _atoms(self, count: int) -> list[Atom]:
        """So many atoms of one type."""
        kinds: list[list[Atom]] = [
            ["a", "b", "cd", "", "x"],
            [0, 1, 2, 3, -1, 5],
            [Fraction(1, 2), 1, 0, Fraction(-2, 3)],
            [True, False],
            [True, False, Fraction(0), Fraction(1), 1],
        ]
        return self.rng.choices(self.rng.choice(kinds), k=count)

    def _look_up(self) -> Node | None:
        index = self._pick()
        if index is None:
            return None
        seen = self._seen(index)
        if self.kinds[index] == "int" and self.rng.random() < 0.6:
            numbers = [int(v) for v in seen if isinstance(v, int)]
            size = max(max(numbers) + 1, -min(numbers), 1)
            if size > 12:
                return None
            size += self.rng.randint(0, self.max_length)
            if self.rng.random() < 0.3:
                return LookUp((index,), "".join(self.rng.choices("abc01", k=size)))
            return LookUp((index,), tuple(self._atoms(size)))
        keys: list[Atom] = [*seen, *(self.vocab if isinstance(index, Tokens) else ())]
        keys = list(dict.fromkeys(keys))
        return LookUp((index,), dict(zip(keys, self._atoms(len(keys)), strict=True)))

    def _member(self) -> Node | None:
        sop = self._pick()
        if sop is None:
            return None
        items = [self._atom(sop) for _ in range(self.rng.randint(0, 3))]
        return Member((sop,), (*items, *(["a"] if self.rng.random() < 0.2 else [])))

    def _function(self) -> Node | None:
        """A function given in Python; some tell bools from ints."""
        if self.rng.random() < 0.25:
            sop = self._pick()
            return None if sop is None else embedded.map(str, sop)
        first, second = self._number(), self._number()
        if first is None or second is None:
            return None
        modulus, factor = self.rng.randint(2, 4), self.rng.randint(1, 3)
        if self.rng.random() < 0.5:
            return embedded.map(lambda a: (factor * a) // 1 % modulus, first)
        return embedded.map(lambda a, b: "low" if factor * a < b else "high", first, second)

    def _select(self) -> Selector | None:
        comparison = self.rng.choice([Comparison.EQ, Comparison.EQ, *Comparison])
        if self.rng.random() < 0.2:
            sop = self._pick()
            return None if sop is None else Select(sop, sop, comparison)
        keys = self._pick()
        queries = None if keys is None else self._like(keys)
        if keys is None or queries is None:
            return None
        pair = (keys, queries) if self.rng.random() < 0.7 else (queries, keys)
        return Select(*pair, comparison)

    def _combined_selector(self) -> Selector | None:
        left, right = self._selector(), self._selector()
        if left is None or right is None:
            return None
        combine = self.rng.choice([SelectorAnd, SelectorAnd, SelectorOr, SelectorOr, SelectorNot])
        return SelectorNot(left) if combine is SelectorNot else combine(left, right)

    def _default(self, values: SOp) -> Atom | SOp | None:
        if self.rng.random() < 0.4:
            return None
        if self.rng.random() < 0.2:
            other = self._like(values)
            return None if isinstance(other, Constant) else other
        return self._atom(values) if self.rng.random() < 0.9 else self.rng.choice(STRAY_DEFAULTS)

    def _aggregate(self) -> Node | None:
        selector = self._selector()
        values = self._pick() if self.rng.random() < 0.9 else Constant(self._small())
        if selector is None or values is None:
            return None
        default = None if isinstance(values, Constant) else self._default(values)
        return Aggregate(selector, values, default)

    def _unique_aggregate(self) -> Node | None:
        """Reading one position, which works for values of any type."""
        values, place = self._pick(), self._pick("int") if self.rng.random() < 0.9 else self._number()
        if values is None or place is None:
            return None
        indices = embedded.indices
        distance = Constant(self.rng.randint(-2, 2))
        keys = indices if self.rng.random() < 0.6 else Operation((indices, distance), Operator.ADD)
        unique = Select(keys, place, Comparison.EQ)
        if self.rng.random() < 0.4:
            marked = self._selector()
            unique_and: Selector = unique if marked is None else SelectorAnd(unique, marked)
            return Aggregate(unique_and, values, self._default(values))
        return Aggregate(unique, values, self._default(values))

    def _only(self) -> Node | None:
        """What several positions hold alike: most often those that are like mine, or like an atom, in it."""
        values = self._pick()
        key = values if self.rng.random() < 0.7 else self._pick()
        if values is None or key is None:
            return None
        query = key if self.rng.random() < 0.5 else Constant(self._atom(key))
        alike: Selector = Select(key, query, Comparison.EQ)
        left, right = self._selector(), self._selector()
        if left is not None and right is not None and self.rng.random() < 0.5:
            parts = [SelectorAnd(alike, left), SelectorAnd(alike, right)]
            alike = SelectorOr(parts[0], parts[1]) if self.rng.random() < 0.6 else parts[0]
        elif left is not None and self.rng.random() < 0.2:
            alike = left
        return Aggregate(alike, values, self._default(values), only=True)

    def _indexed(self) -> Node | None:
        sop = self._pick()
        return None if sop is None else sop[self.rng.choice([0, 0, -1, 1, -2, 3])]

    def _library(self) -> Node | None:
        sop, selector = self._pick(), self._selector()
        if sop is None or selector is None:
            return None
        atom, other = self._atom(sop), self._like(sop)
        place, key = self._pick("int"), self._pick("int", "number")
        if other is None or place is None or key is None:
            return None
        distance = place if self.rng.random() < 0.25 else Constant(self.rng.choice([1, -1, 2]))
        makers: list[Callable[[], Any]] = [
            lambda: embedded.selector_width(selector),
            lambda: counted_by_means(selector),
            lambda: embedded.has_focus(selector),
            lambda: embedded.count(sop, atom),
            lambda: embedded.contains(sop, atom),
            lambda: embedded.max(sop, other),
            lambda: embedded.min(sop, other),
            lambda: embedded.average(key),
            lambda: embedded.load_from_location(sop, place),
            lambda: embedded.shift(sop, distance, atom),
            lambda: embedded.mark_last_instance(sop, atom),
            lambda: embedded.mark_first_instance(sop, atom),
            lambda: embedded.select_from_last(sop, atom),
            lambda: embedded.select_from_first(sop, atom),
            lambda: embedded.sort(sop, key),
            lambda: embedded.select_next_identical(sop),
            library.length,
            library.full_s,
        ]
        made = self.rng.choice(makers)()
        return made if isinstance(made, Node) else None


def is_no_text(read: Aggregate) -> bool:
    """Whether the language refuses a read as a mistake: its default, an s-op, could never be read."""
    return isinstance(read.default, SOp) and selects_everything(read.selector)


def counted_by_means(selector: Selector) -> SOp:
    """How many positions each row selects, as a program writes it that has only `aggregate` to count with."""
    at_first = Select(embedded.indices, Constant(0), Comparison.EQ)
    share = Aggregate(SelectorOr(selector, at_first), embedded.indicator(embedded.indices == 0))
    first_selected = Aggregate(SelectorAnd(selector, at_first), Constant(1), 0)
    return Operation((1 / share - 1 + first_selected,), Operator.ROUND)


def nodes(sop: SOp) -> int:
    """How many s-ops and selectors a program has."""
    return sum(1 for _ in in_order(sop))
