"""The domain of every s-op of a program: one sweep, operands first.

A domain is a superset: combinations that cannot occur together may be counted in, never one left out that
can (positions where the interpreter raises an error have no value and count for nothing).
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence, Set
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

import numpy as np

from compiler.graph.conjunctions import EQUAL, UNEQUAL, Conjunction, Literal, conjunctions
from compiler.graph.meaning import call
from compiler.graph.terms import INDEX, READS, Kind, Term, reachable
from compiler.ranges.affine import AffineForm, affine_form, combine
from compiler.ranges.cases import CaseAnalysis, Ranges
from compiler.ranges.domains import (
    MAX_CODE,
    MAX_VALUES,
    Domain,
    Labels,
    Listed,
    Means,
    Numbers,
    exact,
    int_domain,
    is_number,
    labels,
    make_domain,
    multiples,
)
from compiler.ranges.positions import corners
from compiler.request import Request
from compiler.underway import go_on
from compiler.values.asking import asked_of
from compiler.values.bools import any_bool, check_alike, passed_on, with_bools
from compiler.values.outputs import tried_values
from compiler.values.positional import Positional
from compiler.values.relations import Relations, Selected
from compiler.values.transfer import (
    chosen_mean,
    fraction_domain,
    multiple_of,
    remainders,
    special_domain,
    sum_among,
    sum_of_means,
)
from compiler.values.unproved import naming_means
from compiler.values.wholes import images
from rasp.errors import CompileError, EvaluationError, TooLargeError
from rasp.graph.interpreter import evaluate
from rasp.graph.sops import Map, Tokens
from rasp.words import Atom, Operator

MAX_COMBINATIONS = 200_000
"""How many combinations of argument values a domain may be computed from, one by one."""

TRIED_FIRST = 2_000
"""Where the operands' values have more combinations, those of what all of it is made of are tried first: what
never comes together is no operand of what follows, and no more comes up with each step.
"""

MAX_MEAN_CODE = (1 << 20) - 2
"""A mean is an integer of some unit up to this size; beyond it float32 would not tell its neighbours apart
with a margin, and it stays a fraction.
"""

MAX_SUMMANDS = 500_000
"""How many s-ops all the sums of a program may have together: each step of a long sum holds all before it."""

MANY_SUMS = 1 << 14
"""Of a sum with more values it is worth while to see how large it can be position by position."""

FEW_VALUES = 256
"""So many sums of means are told apart by labels, or as whole numbers by a table. More of them are fractions:
the steps of a table would add up to more than float32 adds up exactly.
"""


class Domains:
    """What is known of each term of one graph, by its number, for what is asked: its domain, its affine form
    (`forms`), for a read what it selects (`reads`), for a TOKENS its value for each entry of the vocabulary,
    None where it has none (`tokens`). `positions`: the indices, of the graph or INDEX.
    """

    def __init__(self, root: Term, asked: Request) -> None:
        self.asked = asked
        self.forms: dict[int, AffineForm] = {}
        self.reads: dict[int, Selected] = {}
        self.tokens: dict[int, list[Atom | None]] = {}
        self._domains: dict[int, Domain] = {}
        self._bools: set[int] = set()
        self._summands = 0
        self._conjunctions: dict[int, tuple[Conjunction, ...]] = {}
        self.ranges = Ranges(self._domains, self._corners)
        self._cases = CaseAnalysis(self.ranges)
        known = (self._domains, self.forms, asked.max_length, asked.causal)
        self.relations = Relations(*known, self._cases.get)
        self._positional = Positional(asked)
        self._root = root
        self.learn(root)
        self.positions = next((term for term in reachable(root) if term.kind is Kind.INDICES), INDEX)
        self.learn(self.positions)

    def get(self, term: Term) -> Domain:
        """The term's domain."""
        return self._domains[term.index]

    def knows(self, term: Term) -> bool:
        """Whether the term's domain has been found out."""
        return term.index in self._domains

    def learn(self, root: Term) -> None:
        """Find out what can be known of a term and of all below it, operands first."""
        if root.index in self._domains:
            return
        for term in reachable(root):
            if not term.is_selector and term.index not in self._domains:
                go_on()
                with naming_means(term, self):
                    self._learn(term)

    def _learn(self, term: Term) -> None:
        """What is known of a term, once that is known of its operands."""
        if term.kind in READS:
            self.reads[term.index] = self._selected(term)
        elif term.kind is Kind.TOKENS:
            self.tokens[term.index] = self._conversions(term)
        found = _not_empty(term, self._infer(term))
        narrowed = self._tried if term is self._root else self._at_positions
        found = self._domains[term.index] = narrowed(term, found)
        form = self.forms[term.index] = affine_form(term, self.get, self.forms)
        self._summands += len(form.coefficients)
        if self._summands > MAX_SUMMANDS:
            raise _too_long(term, len(form.coefficients))
        copies = term.kind in (Kind.AGGREGATE, Kind.LEAST)
        default = [term.default] if copies else []
        listed = () if isinstance(found, Means) else found.values
        if any_bool([*default, *listed]) or any(map(self.may_be_bool, passed_on(term))):
            self._bools.add(term.index)

    def _selected(self, term: Term) -> Selected:
        """What is known of what a read selects."""
        read = self.conjunctions(term.args[0])
        copies = term.kind in (Kind.AGGREGATE, Kind.LEAST)
        always, picks = self.relations.always(read), copies and self._picks(term, read)
        if (always and picks is copies) or not self.asked.optimize:
            return Selected(read, always, picks)
        rows = self._positional.selected(term.args[0])
        if rows is not None:
            always = all(map(any, rows))
            picks = picks or (copies and all(sum(row) <= 1 for row in rows))
        return Selected(read, always, picks)

    def may_be_bool(self, term: Term) -> bool:
        """Whether the program may have a bool where the domain lists the int that is equal to it."""
        return term.index in self._bools

    def _tried(self, root: Term, domain: Domain) -> Domain:
        """The output's domain without the values that no combination of what it is computed from gives."""
        found = self._all_tried(root) if isinstance(domain, Listed) else None
        if not isinstance(domain, Listed) or not found or len(found) == domain.size:
            return domain
        return _only(domain, found)

    def _all_tried(self, root: Term) -> set[Atom]:
        """The values that combinations of what an s-op is computed from give; none if they are too many."""
        conversions = [t for t in reachable(root) if t.kind is Kind.TOKENS]
        columns = [self.tokens[t.index] for t in conversions]
        rows = zip(*columns, strict=True) if columns else [()]
        vocab = [{t.index: v for t, v in zip(conversions, row, strict=True) if v is not None} for row in rows]
        return tried_values(root, vocab, lambda term: self.get(term).values, call)

    def _at_positions(self, term: Term, domain: Domain) -> Domain:
        """The domain without what is nowhere the value of an s-op that positions and the length decide. A sum
        is one number however many values it has, and a copy has what there is to copy.
        """
        narrowed = term.kind in (Kind.MAP, Kind.WIDTH, Kind.EXISTS) and self.asked.optimize
        if not narrowed or not isinstance(domain, Listed) or domain.size == 1:
            return domain
        found = self._positional.values(term)
        return domain if found is None else _only(domain, found)

    def finite(self, term: Term) -> Listed:
        """The term's domain where it must be one of integers or labels."""
        domain = self.get(term)
        assert isinstance(domain, Listed), term.title
        return domain

    def numbers(self, term: Term) -> Numbers:
        """The term's domain where it must be one of integers."""
        domain = self.get(term)
        assert isinstance(domain, Numbers), term.title
        return domain

    def scale(self, term: Term) -> Fraction:
        """What the code of a number stands for: value = code * scale."""
        scale = self.get(term).scale
        assert scale is not None, term.title
        return scale

    def _conversions(self, term: Term) -> list[Atom | None]:
        node = Tokens(conversion=term.data)  # type: ignore[arg-type]
        return [_defined(node, token) for token in self.asked.vocab]

    def _infer(self, term: Term) -> Domain:
        n = self.asked.max_length
        match term.kind:
            case Kind.TOKENS:
                return make_domain(v for v in self.tokens[term.index] if v is not None)
            case Kind.INDICES:
                return int_domain(0, n - 1)
            case Kind.CONST:
                return make_domain([term.value])
            case Kind.MAP:
                return self._infer_map(term)
            case Kind.AGGREGATE | Kind.LEAST:
                return self._infer_aggregate(term)
            case Kind.WIDTH:
                return self._infer_width(term)
            case Kind.SUM:
                return self._infer_sum(term)
            case Kind.EXISTS:
                return make_domain([False, True])
        raise AssertionError(f"{term.kind} has no values")

    def _infer_width(self, term: Term) -> Numbers:
        read = self.reads[term.index]
        never_all = self.relations.never_all(read.conjunctions)
        low = 1 if read.always else 0
        high = self.asked.max_length - 1 if never_all else self.asked.max_length
        return int_domain(low, max(low, high))

    def _infer_sum(self, term: Term) -> Numbers:
        values = self.get(term.args[1])
        if not isinstance(values, Numbers):
            raise _cannot_add(term, values)
        n = self.asked.max_length - self.relations.never_all(self.reads[term.index].conjunctions)
        low, high = min(0, n * values.lowest), max(0, n * values.highest)
        step = math.gcd(*(int(c) for c in values.codes)) or 1
        if (high - low) // step > MANY_SUMS and (ends := self._positional.sums(term.args[1])) is not None:
            low, high = max(low, int(ends[0] / values.scale)), min(high, int(ends[1] / values.scale))
        if (high - low) // step > MAX_CODE:
            raise TooLargeError(
                f"the sum of {term.args[1].title} takes too many values: it can be anything from "
                f"{low * values.scale} to {high * values.scale} in steps of {step * values.scale}",
                reason="a sum of too many values",
                span=term.span,
                hint="smaller values help",
            )
        return multiples(np.arange(low // step, high // step + 1, dtype=np.int64) * step, values.scale)

    def _infer_aggregate(self, term: Term) -> Domain:
        values, read = self.get(term.args[1]), self.reads[term.index]
        if not read.conjunctions:
            return make_domain([0 if term.default is None else term.default])
        extra: list[Atom] = []
        if not (term.read_as.unread or read.always):
            extra = [0 if term.default is None else term.default]
        if read.picks:
            return self._with(values, extra)
        if not isinstance(values, Numbers):
            raise _mean_of_means(term, values)
        return self._mean_domain(values, extra)

    def _picks(self, term: Term, read: tuple[Conjunction, ...]) -> bool:
        """Whether an AGGREGATE or LEAST hands on single values: never more than one is selected (or all
        selected ones are equal), or several (with `only`: several different ones) would be an error anyway.
        """
        source = term.args[1]
        values = self.get(source)
        if term.kind is Kind.LEAST or term.read_as.only:
            return True
        if isinstance(values, Listed):
            numbers = [v for v in values.values if is_number(v)]
            if len(numbers) <= 1 or all(isinstance(v, bool) for v in numbers):
                return True
        return self.relations.at_most_one_value(read, source)

    def conjunctions(self, selector: Term) -> tuple[Conjunction, ...]:
        """The selector's disjoint conjunctions, without literals that the values make always true, and
        without those conjunctions that contain one that is never true.
        """
        if selector.index not in self._conjunctions:
            kept = (self._undecided(conjunction) for conjunction in conjunctions(selector))
            self._conjunctions[selector.index] = tuple(each for each in kept if each is not None)
        return self._conjunctions[selector.index]

    def _undecided(self, conjunction: Conjunction) -> Conjunction | None:
        """A conjunction without literals that always hold where the rest does; None where it never holds."""
        rest = conjunction
        for literal in conjunction:
            truth = self._truth(literal)
            if truth is None:
                truth = self.relations.decided(literal, rest)
            if truth is False:
                return None
            if truth:
                rest = tuple(other for other in rest if other is not literal)  # it decides no other any more
        return rest

    def _truth(self, literal: Literal) -> bool | None:
        """Whether a literal holds for all values of key and query, or for none; None where it depends."""
        keys, queries = self.get(literal.keys), self.get(literal.queries)
        if not isinstance(keys, Listed) or not isinstance(queries, Listed):
            return None
        k, q = keys.values, queries.values
        labelled = isinstance(keys, Labels) or isinstance(queries, Labels)
        if labelled and any(map(is_number, (*k, *q))):
            unlike = {is_number(v) for v in k}.isdisjoint(is_number(v) for v in q)
            if unlike and literal.relation not in (EQUAL, UNEQUAL):
                reason = "compares strings with numbers, which has no value on any input"
                raise CompileError(f"{literal.text} {reason}", span=literal.keys.span or literal.queries.span)
            return None  # some are strings, some are not
        orders = {"<"} if k[0] < q[-1] else set()  # type: ignore[operator]
        orders |= {">"} if k[-1] > q[0] else set()  # type: ignore[operator]
        orders |= {"="} if not keys.ranks.keys().isdisjoint(queries.ranks) else set()
        if orders <= literal.relation:
            return True
        return None if orders & literal.relation else False

    def _with(self, values: Domain, extra: list[Atom]) -> Domain:
        if not extra:
            return values
        if isinstance(values, Listed):
            return make_domain([*values.values, *extra])
        if not all(is_number(v) for v in extra):
            raise TooLargeError(
                f"values of both kinds in one rank: {values.text}, and {extra[0]!r}",
                reason="strings among too many means",
            )
        numbers = [Fraction(v) / values.scale for v in extra if not isinstance(v, str)]
        return Means(
            min(values.low, *numbers),
            max(values.high, *numbers),
            max(values.max_denominator, *(v.denominator for v in numbers)),
            values.scale,
        )

    def _mean_domain(self, values: Numbers, extra: list[Atom]) -> Domain:
        scale, low, high = values.scale, Fraction(values.lowest), Fraction(values.highest)
        common = math.lcm(*range(1, self.asked.max_length + 1))
        means = Means(low, high, self.asked.max_length, scale)
        largest = max(abs(values.lowest), abs(values.highest), 1)
        strings = not all(map(is_number, extra))  # then codes are ranks in the list, and never too large
        if (strings or common * largest <= MAX_MEAN_CODE) and means.fractions is not None:
            listed = make_domain([*(f * scale for f in means.fractions), *values.values, *extra])
            # A default with a denominator of its own can make the codes too large.
            numbers = isinstance(listed, Numbers)
            if strings or (numbers and max(-listed.lowest, listed.highest) <= MAX_MEAN_CODE):
                return listed
        return self._with(means, extra)

    def _infer_map(self, term: Term) -> Domain:
        arguments = [self.get(a) for a in term.args]
        if term.is_fraction:
            return self._fraction(term, arguments)
        domain = self._multiple(term, arguments) or special_domain(term, arguments)
        by_case = self._by_case(term) if domain is None or isinstance(domain, Listed) else None
        if domain is None:
            domain = self._tabulated(term, arguments, by_case is not None)
        if by_case is None or not by_case:
            assert domain is not None
            return domain
        if not isinstance(domain, Listed):
            return make_domain(map(exact, sorted(by_case)))
        return _only(domain, by_case)

    def _fraction(self, term: Term, arguments: Sequence[Domain]) -> Means:
        """The domain of a quotient that is carried as a fraction: what positions decide, it is only there."""
        found = fraction_domain(arguments)
        known = self._positional.values(term) if self.asked.optimize else None
        if not known or any(isinstance(value, str) for value in known):
            return found
        listed = tuple(sorted(Fraction(value) / found.scale for value in known if not isinstance(value, str)))
        return replace(found, low=listed[0], high=listed[-1], listed=listed)

    def _multiple(self, term: Term, arguments: Sequence[Domain]) -> Means | None:
        """A sum that is one mean, how often it may be added up, and a number."""
        sums = term.operator in (Operator.ADD, Operator.SUB)
        if not sums or not any(isinstance(each, Means) for each in arguments):
            return None
        form = combine(term, [self.forms[a.index] for a in term.args], self.get)
        if form is None or len(form.coefficients) != 1:
            return None
        ((leaf, factor),) = form.coefficients.items()
        mean = self.get(leaf)
        return multiple_of(mean, factor, form.constant) if isinstance(mean, Means) else None

    def _tabulated(self, term: Term, arguments: Sequence[Domain], optional: bool) -> Domain | None:
        """The values for all combinations of the arguments' values; None if they are too many and something
        else is known.
        """
        if len(arguments) == 1 and (asked := asked_of(term, arguments[0])) is not None:
            return self._listed_images(term, self._images(term, [asked]))
        different = dict(zip(term.args, arguments, strict=True))  # the same operand twice is one operand
        combinations = math.prod(len(a.values or ()) for a in different.values())
        many = combinations > MAX_COMBINATIONS or any(a.values is None for a in arguments)
        summed = (sum_of_means(term, arguments) or chosen_mean(term, arguments)) if many else None
        if summed is not None:
            return summed
        if many and optional:
            return None
        made = combinations > TRIED_FIRST and not isinstance(term.function, Map)
        if made and (tried := self._all_tried(term)):
            # of one s-op, or of few values, however it is put together
            listed = self._listed_images(term, list(tried))
            return _carried(term, arguments, listed) if isinstance(listed, Labels) else listed
        if many and (left := remainders(term, arguments)) is not None:
            return left
        lists = [_listed(a, term) for a in different.values()]
        if combinations > MAX_COMBINATIONS:
            raise too_many(term, arguments, combinations)
        listed = self._listed_images(term, images(term, different) or self._images(term, lists))
        if isinstance(listed, Numbers):
            return listed if listed.size < FEW_VALUES else sum_among(term, arguments, listed) or listed
        return _carried(term, arguments, listed)

    def _listed_images(self, term: Term, images: Sequence[Atom | None]) -> Listed:
        """What a function gives, where it has a value."""
        if any_bool(images):
            self._bools.add(term.index)
        return make_domain({(type(v), v): v for v in images if v is not None}.values())

    def _by_case(self, term: Term) -> set[int | Fraction] | None:
        """What the cases of a sum, a product or a choice give; None where that says nothing."""
        if term.operator not in _BY_CASE:
            return None
        cases = self._cases.get(term)
        if any(term in case.value.coefficients for case in cases):
            return None
        found: set[int | Fraction] = set()
        for case in cases:
            values = self.ranges.values(case)
            if values is None:
                return None
            found.update(values)
        return found

    def _corners(self, form: AffineForm) -> list[Fraction] | None:
        """The values of a form at the corners of all that its s-ops can be together."""
        return corners(form, self.asked.max_length, self.asked.causal, self.is_length, self._ends)

    def _ends(self, leaf: Term, seen: int) -> tuple[Fraction, Fraction]:
        """The least and the largest value of an s-op where so many positions are seen."""
        domain = self.get(leaf)
        assert not isinstance(domain, Labels), leaf.title
        low, high = domain.ends
        return (low, high) if (room := self.room(leaf)) is None else (low, Fraction(seen - room))

    def is_length(self, leaf: Term) -> bool:
        """Whether a leaf counts all positions that are seen."""
        return leaf.kind is Kind.WIDTH and self.reads[leaf.index].conjunctions == ((),)

    def room(self, leaf: Term) -> int | None:
        """By how much an s-op surely stays below the number of positions that are seen, causally those up to
        mine: an index by 1, a count by nothing, or by 1 if it leaves out its own position; None of others.
        """
        if leaf.kind is Kind.INDICES:
            return 1
        if not self._is_count(leaf):
            return None
        return int(self.relations.never_all(self.reads[leaf.index].conjunctions))

    def _is_count(self, leaf: Term) -> bool:
        """Whether a leaf counts positions, of which it need not count all."""
        if leaf.kind is Kind.SUM:
            return self.get(leaf.args[1]).binary
        return leaf.kind is Kind.WIDTH and not self.is_length(leaf)

    def _images(self, term: Term, lists: Sequence[Sequence[Atom]]) -> list[Atom | None]:
        """What the term's function gives for every combination of its different arguments' values."""
        assert term.function is not None
        different = list(dict.fromkeys(term.args))
        blurred = [isinstance(term.function, Map) and self.may_be_bool(a) for a in different]
        lists = [with_bools(v) if blur else v for v, blur in zip(lists, blurred, strict=True)]
        places = [different.index(a) for a in term.args]
        points = [tuple(point[place] for place in places) for point in itertools.product(*lists)]
        images = [call(term.function, point) for point in points]
        if any(blurred):
            check_alike(term, points, images)
        return images


_BY_CASE = {Operator.ADD, Operator.SUB, Operator.NEG, Operator.MUL, Operator.MOD, Operator.CHOOSE}


def _carried(term: Term, arguments: Sequence[Domain], listed: Listed) -> Domain:
    """Numbers that are integers of no one unit: as means if they are made of such and many."""
    summed = None if listed.size < FEW_VALUES else sum_of_means(term, arguments)
    return summed or chosen_mean(term, arguments) or listed


def _only(domain: Listed, found: Set[Atom] | Set[Fraction]) -> Listed:
    """The domain's values that are among those found; all, if none is."""
    kept = np.array([value in found for value in domain.values])
    if kept.all() or not kept.any():
        return domain
    values = tuple(value for value, keep in zip(domain.values, kept.tolist(), strict=True) if keep)
    if isinstance(domain, Labels):
        return labels(values)
    return Numbers(values, domain.codes[kept], domain.scale)


def _not_empty(term: Term, domain: Domain) -> Domain:
    """The domain, unless there is no value at all: then no input has an answer."""
    if isinstance(domain, Means) or domain.size:
        return domain
    none = "no token of the vocabulary is a number"
    hint = none if term.kind is Kind.TOKENS else "is this the vocabulary that it is meant for?"
    raise CompileError(f"{term.title} has no value on any input", span=term.span, hint=hint)


def _mean_of_means(term: Term, values: Domain) -> TooLargeError:
    """The refusal of a mean of what has no common unit that is coarse enough."""
    return TooLargeError(
        f"{term.title} may be a mean of {term.args[1].title}, which takes {values.text}: too many "
        "different means, and nothing shows that at most one position is selected",
        reason="a mean of means",
        span=term.span,
        hint="average counts rather than means",
    )


def _too_long(term: Term, count: int) -> TooLargeError:
    """The refusal of long sums."""
    return TooLargeError(
        f"{term.title} adds up {count:,} s-ops; this sum and those before it have more than "
        f"{MAX_SUMMANDS:,} parts together",
        reason="sums of too many s-ops",
        span=term.span,
        hint="select the positions and count them, or add up fewer s-ops",
    )


def _cannot_add(term: Term, values: Domain) -> CompileError:
    """The refusal of a sum of what is not on a lattice that is coarse enough, or is no number."""
    title = term.args[1].title
    numbers = isinstance(values, Listed) and all(map(is_number, values.values))
    if not isinstance(values, Listed) or not numbers:
        return TooLargeError(
            f"cannot add up {title}, which takes {values.text}", reason="a sum of means", span=term.span
        )
    ends = f"{_short(values.values[0])} to {_short(values.values[-1])}"
    return TooLargeError(
        f"cannot add up {title}, which takes {values.size} values from {ends}: "
        f"more than {MAX_CODE:,} times the unit that divides them all",
        reason="a sum of too many values",
        span=term.span,
    )


def _short(value: Atom) -> str:
    """A number, rounded where it is long; one of thousands of digits is no float and has no text."""
    if isinstance(value, str):
        return value
    number = Fraction(value)
    if abs(number.numerator) + number.denominator < 10**12 and len(text := str(value)) <= 12:
        return text
    return f"{Decimal(number.numerator) / Decimal(number.denominator):.3g}"


def too_many(term: Term, arguments: Sequence[Domain], combinations: int) -> TooLargeError:
    """The refusal that names the variables of an expression and how many values each has."""
    variables = "; ".join(f"{a.title}: {d.text}" for a, d in zip(term.args, arguments, strict=True))
    return TooLargeError(
        f"{term.title} depends on too many combinations of values ({combinations:,}): {variables}",
        reason="too many combinations of values",
        span=term.span,
        hint="an intermediate result with fewer values helps",
    )


def _listed(domain: Domain, term: Term) -> Sequence[Atom]:
    values = domain.values
    if values is None:
        raise TooLargeError(
            f"{term.title} needs a table over {domain.text}, more than {MAX_VALUES} values",
            reason="a table over too many means",
            span=term.span,
            hint="compare counts instead of means",
        )
    return values


def _defined(node: Tokens, token: Atom) -> Atom | None:
    try:
        values: list[Atom] = evaluate(node, [token])
    except EvaluationError:
        return None
    return values[0]
