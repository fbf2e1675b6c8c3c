"""The values that every s-op can take, over a vocabulary and up to a length.

A domain is a superset: combinations that cannot occur together may be counted in, never one left out that
can (positions where the interpreter raises an error have no value and count for nothing). Numbers are
held as small integers times a common scale wherever that is possible, since integers are what float32
carries exactly; a mean over many positions has too many denominators for that and stays real.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from compiler.graph.conjunctions import EQUAL, UNEQUAL, Conjunction, Literal, conjunctions
from compiler.graph.terms import Kind, Term, reachable
from compiler.precision import FLOAT32, Precision
from compiler.values.bools import any_bool, check_alike, passed_on, with_bools
from compiler.values.outputs import tried_values
from compiler.values.relations import Relations
from rasp.errors import CompileError, EvaluationError
from rasp.graph.interpreter import apply, evaluate
from rasp.graph.sops import Elementwise, Map, Tokens
from rasp.words import Atom, Operator

Codes = NDArray[np.int64]

MAX_CODE = 1 << 21
"""Integers up to this size survive every step in float32 (see `compiler.certificate.bounds`)."""

MAX_COMBINATIONS = 200_000
"""How many combinations of argument values a domain may be computed from, one by one."""

MAX_VALUES = 20_000
"""How many values a domain may list."""


def is_number(value: Atom) -> bool:
    """True for ints, bools and fractions."""
    return not isinstance(value, str)


@dataclass(frozen=True, eq=False)
class Domain:
    """Distinct values in ascending order (strings after numbers), each with an integer code.

    `scale` is set where all values are numbers: value = code * scale. Otherwise the code is the value's
    place in `values`.
    """

    values: tuple[Atom, ...]
    scale: Fraction | None
    codes: Codes

    @property
    def size(self) -> int:
        return len(self.values)

    @property
    def numeric(self) -> bool:
        return self.scale is not None

    @property
    def lowest(self) -> int:
        return int(self.codes[0])

    @property
    def highest(self) -> int:
        return int(self.codes[-1])

    @property
    def listing(self) -> tuple[Atom, ...]:
        return self.values

    @cached_property
    def places(self) -> dict[Atom, int]:
        """Value -> its place in `values` (1, 1.0 and True are one value)."""
        return {v: i for i, v in enumerate(self.values)}

    @property
    def text(self) -> str:
        if self.size > 8 and self.numeric:
            return f"{self.size} values from {self.values[0]} to {self.values[-1]}"
        shown = ", ".join(str(v) if is_number(v) else f'"{v}"' for v in self.values[:8])
        return "{" + shown + (", ..." if self.size > 8 else "") + "}"


@dataclass(frozen=True, eq=False)
class RealDomain:
    """Fractions `scale * p/q` with q <= max_denominator between two bounds: too many to be integers.

    A residual column carries p/q itself, rounded to float32.
    """

    low: Fraction
    high: Fraction
    max_denominator: int
    scale: Fraction

    numeric = True

    @cached_property
    def fractions(self) -> tuple[Fraction, ...] | None:
        """All of them (without the scale), or None if there are more than MAX_VALUES."""
        found: set[Fraction] = set()
        for q in range(1, self.max_denominator + 1):
            lowest, highest = math.ceil(self.low * q), math.floor(self.high * q)
            if highest - lowest > MAX_VALUES:
                return None
            found.update(Fraction(p, q) for p in range(lowest, highest + 1))
            if len(found) > MAX_VALUES:
                return None
        return tuple(sorted(found))

    @cached_property
    def listing(self) -> tuple[Atom, ...] | None:
        """All values, or None if there are more than MAX_VALUES."""
        return None if self.fractions is None else tuple(_exact(f * self.scale) for f in self.fractions)

    @cached_property
    def places(self) -> dict[Atom, int]:
        """Value -> its place in the listing."""
        return {v: i for i, v in enumerate(self.listing or ())}

    @property
    def text(self) -> str:
        times = "" if self.scale == 1 else f"{self.scale} times "
        return (
            f"{times}fractions with denominator up to {self.max_denominator}, "
            f"from {self.low * self.scale} to {self.high * self.scale}"
        )


AnyDomain = Domain | RealDomain


def make_domain(values: Iterable[Atom]) -> Domain:
    """The domain of these values, duplicates by `==` merged: where an int, a bool or a fraction are equal,
    the int stands for all of them, since any operation that is defined for one of them is so for an int.
    """
    chosen: dict[Atom, Atom] = {}
    for value in values:
        known = chosen.setdefault(value, value)
        if type(known) is not type(value) and not isinstance(known, str):
            chosen[value] = int(known)
    ordered = sorted(chosen.values(), key=lambda v: (isinstance(v, str), v))
    if all(is_number(v) for v in ordered):
        numbers = [Fraction(v) for v in ordered if not isinstance(v, str)]
        scale = _common_scale(numbers)
        codes = [v / scale for v in numbers]
        if not codes or max(abs(codes[0]), abs(codes[-1])) <= MAX_CODE:
            return Domain(tuple(ordered), scale, np.array([int(c) for c in codes], dtype=np.int64))
    return Domain(tuple(ordered), None, np.arange(len(ordered), dtype=np.int64))


def _common_scale(numbers: Sequence[Fraction]) -> Fraction:
    """The reciprocal of the least common denominator."""
    common = 1
    for number in numbers:
        common = math.lcm(common, number.denominator)
        if common > MAX_CODE:
            break
    return Fraction(1, common)


def int_domain(low: int, high: int) -> Domain:
    """All ints from low to high."""
    return Domain(tuple(range(low, high + 1)), Fraction(1), np.arange(low, high + 1, dtype=np.int64))


class Domains:
    """The domain of each term of one graph, for one vocabulary, length and number format."""

    def __init__(
        self,
        root: Term,
        vocab: Sequence[Atom],
        max_length: int,
        causal: bool,
        precision: Precision = FLOAT32,
    ) -> None:
        self.precision = precision
        self.vocab = tuple(vocab)
        self.max_length = max_length
        self.causal = causal
        self._table: dict[int, AnyDomain] = {}
        self._bools: set[int] = set()
        self.relations = Relations(self.get, max_length, causal)
        for term in reachable(root):
            if not term.is_selector:
                self.get(term)
        self._table[root.index] = self._tried(root)

    def get(self, term: Term) -> AnyDomain:
        """The term's domain (its operands' are computed first)."""
        known = self._table.get(term.index)
        if known is None:
            known = self._table[term.index] = _not_empty(term, self._infer(term))
            default = [term.default] if term.kind is Kind.AGGREGATE else []
            listed = known.values if isinstance(known, Domain) else ()
            if any_bool([*default, *listed]) or any(map(self.may_be_bool, passed_on(term))):
                self._bools.add(term.index)
        return known

    def may_be_bool(self, term: Term) -> bool:
        """Whether the program may have a bool where the domain lists the int that is equal to it."""
        self.get(term)
        return term.index in self._bools

    def _tried(self, root: Term) -> AnyDomain:
        """The output's domain without the values that no combination of what it is computed from gives."""
        domain = self.get(root)
        if not isinstance(domain, Domain):
            return domain
        conversions = [t for t in reachable(root) if t.kind is Kind.TOKENS]
        columns = [self.token_values(t) for t in conversions]
        rows = zip(*columns, strict=True) if columns else [()]
        vocab = [{t.index: v for t, v in zip(conversions, row, strict=True) if v is not None} for row in rows]
        found = tried_values(root, vocab, lambda term: self.get(term).listing, call)
        if not found or len(found) == domain.size:
            return domain
        kept = np.array([value in found for value in domain.values])
        values = tuple(value for value in domain.values if value in found)
        codes = np.arange(len(values), dtype=np.int64) if domain.scale is None else domain.codes[kept]
        return Domain(values, domain.scale, codes)

    def finite(self, term: Term) -> Domain:
        """The term's domain where it must be one of integers or labels."""
        domain = self.get(term)
        assert isinstance(domain, Domain), term.title
        return domain

    def token_values(self, term: Term) -> list[Atom | None]:
        """For a TOKENS term: its value for each entry of the vocabulary, None where it has none."""
        node = Tokens(conversion=term.data)  # type: ignore[arg-type]
        return [_defined(node, token) for token in self.vocab]

    def _infer(self, term: Term) -> AnyDomain:
        n = self.max_length
        match term.kind:
            case Kind.TOKENS:
                return make_domain(v for v in self.token_values(term) if v is not None)
            case Kind.INDICES:
                return int_domain(0, n - 1)
            case Kind.CONST:
                return make_domain([term.value])
            case Kind.MAP:
                return self._infer_map(term)
            case Kind.AGGREGATE:
                return self._infer_aggregate(term)
            case Kind.WIDTH:
                return self._infer_width(term)
            case Kind.SUM:
                return self._infer_sum(term)
            case Kind.EXISTS:
                return make_domain([False, True])
        raise AssertionError(f"{term.kind} has no values")

    def _infer_width(self, term: Term) -> Domain:
        parts = self.parts(term.args[0])
        low = 1 if self.relations.always(parts) else 0
        high = self.max_length - 1 if self.relations.never_all(parts) else self.max_length
        return int_domain(low, max(low, high))

    def _infer_sum(self, term: Term) -> Domain:
        values = self.get(term.args[1])
        if not isinstance(values, Domain) or values.scale is None:
            raise CompileError(
                f"cannot add up {term.args[1].title}, which takes {values.text}", span=term.span
            )
        n = self.max_length
        low, high = min(0, n * values.lowest), max(0, n * values.highest)
        step = math.gcd(*(int(c) for c in values.codes)) or 1
        if (high - low) // step > MAX_CODE:
            raise CompileError(
                f"the sum of {term.args[1].title} takes too many values: it can be anything from "
                f"{low * values.scale} to {high * values.scale} in steps of {step * values.scale}",
                span=term.span,
                hint="smaller values or a smaller maximum length would help",
            )
        codes = np.arange(low // step, high // step + 1, dtype=np.int64) * step
        if values.scale == 1:
            return Domain(tuple(codes.tolist()), values.scale, codes)
        return Domain(tuple(_exact(c * values.scale) for c in codes.tolist()), values.scale, codes)

    def _infer_aggregate(self, term: Term) -> AnyDomain:
        selector, source = term.args
        values = self.get(source)
        parts = self.parts(selector)
        if not parts:
            return make_domain([0 if term.default is None else term.default])
        extra: list[Atom] = []
        if not self.relations.always(parts):
            extra = [0 if term.default is None else term.default]
        if self.picks(term):
            return self._with(values, extra)
        assert isinstance(values, Domain)
        assert values.scale is not None
        return self._mean_domain(values, extra)

    def picks(self, term: Term) -> bool:
        """Whether an AGGREGATE hands on single values: never more than one is selected (or all selected
        ones are equal), or several would be an error anyway.
        """
        selector, source = term.args
        values = self.get(source)
        if isinstance(values, Domain):
            numbers = [v for v in values.values if is_number(v)]
            if len(numbers) <= 1 or all(isinstance(v, bool) for v in numbers):
                return True
        if self.relations.at_most_one_value(self.parts(selector), source):
            return True
        if isinstance(values, RealDomain) or values.scale is None:
            raise CompileError(
                f"{term.title} may be a mean of {source.title}, which takes {values.text}: too many "
                "different means, and nothing shows that at most one position is selected",
                span=term.span,
                hint="average counts rather than means, or use a smaller maximum length",
            )
        return False

    def parts(self, selector: Term) -> tuple[Conjunction, ...]:
        """The selector's disjoint conjunctions, without literals that the values make always true, and
        without those conjunctions that contain one that is never true.
        """
        kept = []
        for part in conjunctions(selector):
            truths = [self._truth(literal) for literal in part]
            if False not in truths:
                kept.append(tuple(x for x, truth in zip(part, truths, strict=True) if truth is None))
        return tuple(kept)

    def _truth(self, literal: Literal) -> bool | None:
        """Whether a literal holds for all values of key and query, or for none; None where it depends."""
        keys, queries = self.get(literal.keys), self.get(literal.queries)
        if not isinstance(keys, Domain) or not isinstance(queries, Domain):
            return None
        k, q = keys.values, queries.values
        if not (keys.numeric and queries.numeric) and any(map(is_number, (*k, *q))):
            unlike = {is_number(v) for v in k}.isdisjoint(is_number(v) for v in q)
            if unlike and literal.relation not in (EQUAL, UNEQUAL):
                reason = "compares strings with numbers, which has no value on any input"
                raise CompileError(f"{literal.text} {reason}", span=literal.keys.span or literal.queries.span)
            return None  # some are strings, some are not
        orders = {"<"} if k[0] < q[-1] else set()  # type: ignore[operator]
        orders |= {">"} if k[-1] > q[0] else set()  # type: ignore[operator]
        orders |= {"="} if not keys.places.keys().isdisjoint(queries.places) else set()
        if orders <= literal.relation:
            return True
        return None if orders & literal.relation else False

    def _with(self, values: AnyDomain, extra: list[Atom]) -> AnyDomain:
        if not extra:
            return values
        if isinstance(values, Domain):
            return make_domain([*values.values, *extra])
        if not all(is_number(v) for v in extra):
            raise CompileError(f"values of both kinds in one place: {values.text}, and {extra[0]!r}")
        numbers = [Fraction(v) / values.scale for v in extra if not isinstance(v, str)]
        return RealDomain(
            min(values.low, *numbers),
            max(values.high, *numbers),
            max(values.max_denominator, *(v.denominator for v in numbers)),
            values.scale,
        )

    def _mean_domain(self, values: Domain, extra: list[Atom]) -> AnyDomain:
        assert values.scale is not None
        scale, low, high = values.scale, Fraction(values.lowest), Fraction(values.highest)
        common = math.lcm(*range(1, self.max_length + 1))
        means = RealDomain(low, high, self.max_length, scale)
        largest = max(abs(values.lowest), abs(values.highest), 1)
        labels = not all(map(is_number, extra))  # then codes are places in the list, and never too large
        if (labels or common * largest <= MAX_CODE) and means.fractions is not None:
            listed = make_domain([*(f * scale for f in means.fractions), *values.values, *extra])
            # A default with a denominator of its own can make the codes too large.
            if listed.scale is not None or labels:
                return listed
        return self._with(means, extra)

    def _infer_map(self, term: Term) -> AnyDomain:
        arguments = [self.get(a) for a in term.args]
        special = _special_domain(term, arguments)
        if special is not None:
            return special
        lists = [_listed(a, term) for a in arguments]
        combinations = math.prod(len(v) for v in lists)
        if combinations > MAX_COMBINATIONS:
            raise too_many(term, arguments, combinations)
        found = self._images(term, lists)
        if any_bool(found):
            self._bools.add(term.index)
        return make_domain({(type(v), v): v for v in found if v is not None}.values())

    def _images(self, term: Term, lists: Sequence[Sequence[Atom]]) -> list[Atom | None]:
        """What the term's function gives for every combination of its arguments' values."""
        assert term.function is not None
        blurred = [isinstance(term.function, Map) and self.may_be_bool(a) for a in term.args]
        lists = [with_bools(v) if blur else v for v, blur in zip(lists, blurred, strict=True)]
        points = list(itertools.product(*lists))
        images = [call(term.function, point) for point in points]
        if any(blurred):
            check_alike(term, points, images)
        return images


def _not_empty(term: Term, domain: AnyDomain) -> AnyDomain:
    """The domain, unless there is no value at all: then no input has an answer."""
    if isinstance(domain, RealDomain) or domain.size:
        return domain
    none = "no token of the vocabulary is a number"
    hint = none if term.kind is Kind.TOKENS else "is this the vocabulary that it is meant for?"
    raise CompileError(f"{term.title} has no value on any input", span=term.span, hint=hint)


def too_many(term: Term, arguments: Sequence[AnyDomain], combinations: int) -> CompileError:
    """The refusal that names the variables of an expression and how many values each has."""
    variables = "; ".join(f"{a.title}: {d.text}" for a, d in zip(term.args, arguments, strict=True))
    return CompileError(
        f"{term.title} depends on too many combinations of values ({combinations:,}): {variables}",
        span=term.span,
        hint="a smaller maximum length or vocabulary, or an intermediate result with fewer values, helps",
    )


def _listed(domain: AnyDomain, term: Term) -> Sequence[Atom]:
    values = domain.listing
    if values is None:
        raise CompileError(
            f"{term.title} needs a table over {domain.text}, more than {MAX_VALUES} values",
            span=term.span,
            hint="compare counts instead of means, or use a smaller maximum length",
        )
    return values


def _exact(number: Fraction) -> Atom:
    """Whole numbers as ints (equal to the fraction, and accepted by more operations)."""
    return int(number) if number.denominator == 1 else number


def call(function: Elementwise, point: Sequence[Atom]) -> Atom | None:
    """The elementwise function at one combination of values; None where the interpreter raises."""
    try:
        value: Atom = apply(function, tuple(point))
    except EvaluationError:
        return None
    return value


def _defined(node: Tokens, token: Atom) -> Atom | None:
    try:
        values: list[Atom] = evaluate(node, [token])
    except EvaluationError:
        return None
    return values[0]


_ORDERS = {Operator.EQ, Operator.NE, Operator.LT, Operator.LE, Operator.GT, Operator.GE}
_LOGIC = {Operator.AND, Operator.OR}


def _special_domain(term: Term, arguments: list[AnyDomain]) -> AnyDomain | None:
    """Domains that follow without trying every combination; None where there is no short cut."""
    operator = term.operator
    if operator is Operator.CHOOSE and all(isinstance(a, Domain) for a in arguments):
        branches = [a for a in arguments[1:] if isinstance(a, Domain)]
        return make_domain([v for b in branches for v in b.values])
    if operator in _ORDERS and all(a.numeric for a in arguments):
        return make_domain([False, True])
    if operator in _LOGIC:
        return make_domain([False, True])
    if operator in (Operator.ADD, Operator.SUB) and all(a.numeric for a in arguments):
        return _sum_domain(arguments[0], arguments[1], 1 if operator is Operator.ADD else -1)
    if operator in (Operator.MUL, Operator.DIV):
        return _scaled_domain(operator, arguments)
    if operator is Operator.NEG and isinstance(arguments[0], RealDomain):
        d = arguments[0]
        return RealDomain(-d.high, -d.low, d.max_denominator, d.scale)
    return None


def _sum_domain(left: AnyDomain, right: AnyDomain, sign: int) -> AnyDomain | None:
    if isinstance(left, Domain) and isinstance(right, Domain):
        assert left.scale is not None
        assert right.scale is not None
        scale = Fraction(
            math.gcd(left.scale.numerator, right.scale.numerator),
            math.lcm(left.scale.denominator, right.scale.denominator),
        )
        a, b = left.codes * int(left.scale / scale), sign * right.codes * int(right.scale / scale)
        if a.size * b.size > 4_000_000:
            codes = np.arange(a.min() + b.min(), a.max() + b.max() + 1)
        else:
            codes = np.unique(a[:, None] + b[None, :])
        if max(abs(codes[0]), abs(codes[-1])) > MAX_CODE or codes.size > 4 * MAX_VALUES:
            return None
        return Domain(tuple(_exact(int(c) * scale) for c in codes), scale, codes)
    return _real_sum(left, right, sign)


def _real_sum(left: AnyDomain, right: AnyDomain, sign: int) -> AnyDomain | None:
    """A mean plus or minus one number."""
    if isinstance(left, RealDomain) and isinstance(right, Domain) and right.size == 1:
        shift = sign * Fraction(right.values[0]) / left.scale
        return _shifted(left, shift)
    if isinstance(right, RealDomain) and isinstance(left, Domain) and left.size == 1:
        flipped = RealDomain(-right.high, -right.low, right.max_denominator, right.scale)
        return _shifted(flipped if sign < 0 else right, Fraction(left.values[0]) / right.scale)
    return None


def _shifted(domain: RealDomain, shift: Fraction) -> RealDomain:
    denominator = domain.max_denominator * shift.denominator
    return RealDomain(domain.low + shift, domain.high + shift, denominator, domain.scale)


def _scaled_domain(operator: Operator, arguments: list[AnyDomain]) -> AnyDomain | None:
    """A mean times or over one number: only the scale changes."""
    left, right = arguments
    if isinstance(left, Domain) and isinstance(right, RealDomain) and operator is Operator.MUL:
        left, right = right, left
    if not (isinstance(left, RealDomain) and isinstance(right, Domain) and right.size == 1):
        return None
    if not right.numeric or right.values[0] == 0:
        return None
    factor = Fraction(right.values[0])
    factor = factor if operator is Operator.MUL else 1 / factor
    if factor < 0:
        return RealDomain(-left.high, -left.low, left.max_denominator, -left.scale * factor)
    return RealDomain(left.low, left.high, left.max_denominator, left.scale * factor)
