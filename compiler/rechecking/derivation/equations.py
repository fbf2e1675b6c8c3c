"""Statements that two s-ops, or two selectors, are equal on every input, as the simplifier takes them to be.

Each is stated here once more, apart from the rules that make use of it, and holds wherever the first has a
value. A rule may be anything; what counts is that one of these statements speaks of what it did.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from fractions import Fraction

from compiler.graph.conjunctions import RELATION, conjunctions, related
from compiler.graph.meaning import call, quotient
from compiler.graph.terms import READS, Graph, Kind, Term, folded, reachable
from compiler.rechecking.derivation.defined import carried_alike, is_constant, is_defined, reads_truth
from compiler.rechecking.derivation.pointwise import compared, same_values
from compiler.rechecking.derivation.remainders import remainders_first
from compiler.rechecking.derivation.selecting import Facts, Selecting
from compiler.rechecking.derivation.tallies import Tally, always_the_same, tally
from compiler.rechecking.derivation.unbeaten import are_unbeaten
from rasp.graph.sops import Map
from rasp.words import COMPARISONS, MIRRORED, Atom, Comparison, Operator


class Equations:
    """The statements, of the terms of one graph."""

    def __init__(self, graph: Graph, facts: Facts) -> None:
        self.graph, self.facts = graph, facts
        self.selecting = Selecting(graph, facts)

    def hold(self, before: Term, after: Term) -> bool:
        """Whether a term may be replaced by another."""
        if before is after:
            return True
        return self._are_equal(before, after) and is_defined(before, after, self.selecting)

    def _are_equal(self, before: Term, after: Term) -> bool:
        """Whether they are, where both have a value."""
        if before.is_selector:
            return after.is_selector and self.selecting.hold(before, after)
        if before.kind in READS:
            return self._reads(before, after)
        return self._values(before, after)

    def _is_sum(self, before: Term, after: Term) -> bool:
        """Whether it is the same number, and carried alike."""
        return self._add_up_alike(before, after) and carried_alike(before, after, self.facts)

    def _add_up_alike(self, before: Term, after: Term) -> bool:
        mine = tally(self.graph, before)
        ways = dict.fromkeys((after, self._counting(after), self._adding_up(after)))
        return self.facts.numeric(before) and any(self._is(mine, other) for other in ways)

    def _values(self, before: Term, after: Term) -> bool:
        """S-ops that are computed position by position, of reads too."""
        return (
            self._decided_choice(before, after)
            or self._carried_otherwise(before, after)
            or self._divisor_decides(before, after)
            or self._asks_for_zero(before, after)
            or self._means_together(before, after)
            or remainders_first(before, after, self.graph, self.facts)
            or self._compared_with_itself(before, after)
            or same_values(before, after, self.facts)
            or self._count_times_mean(before, after)
            or self._is_sum(before, after)
            or self._asks_for_any(before, after)
            or self._one_over_first(before, after)
            or self._means_by_sums(before, after)
            or self._mean_by_whole_numbers(before, after)
            or self._least_is_another(before, after)
        )

    def _is(self, wanted: Tally, found: Term) -> bool:
        return always_the_same(wanted, tally(self.graph, found), self.facts, self.graph)

    def _counting(self, term: Term) -> Term:
        """An s-op with a count that is more than 0 for each question whether something is selected."""
        return folded(term, _pointwise_args, self._counted_by)

    def _counted_by(self, term: Term, parts: list[Term]) -> Term:
        if term.kind is Kind.EXISTS:
            width, zero = self.graph.make(Kind.WIDTH, term.args), self.graph.const(0)
            return self.graph.operation(Operator.GT, width, zero)
        return self.graph.with_args(term, parts) if parts else term

    def _adding_up(self, term: Term) -> Term:
        """An s-op with sums and counts for reads of at most one key that are 0 of nothing, or ask for it."""
        return folded(term, _pointwise_args, self._added_up_by)

    def _added_up_by(self, term: Term, parts: list[Term]) -> Term:
        read = term.args[0] if term.operator is Operator.INDICATOR else term
        asks, copies = read.kind is Kind.EXISTS and read is not term, term.kind is Kind.AGGREGATE
        if (asks or (copies and self._zero_of_nothing(term))) and self.facts.at_most_one(read):
            return self.graph.make(Kind.WIDTH if asks else Kind.SUM, read.args)
        return self.graph.with_args(term, parts) if parts else term

    # one statement each

    def _decided_choice(self, before: Term, after: Term) -> bool:
        """A choice is one of its branches if its condition says so, or if they are one."""
        if before.operator is not Operator.CHOOSE:
            return False
        condition, then, otherwise = before.args
        if then is otherwise:
            return after is then
        if condition.kind is not Kind.CONST or isinstance(condition.value, str):
            return False
        return self.hold(then if condition.value else otherwise, after)

    def _carried_otherwise(self, before: Term, after: Term) -> bool:
        """A function of operands is the same function of the same operands, however it is carried."""
        return after.is_fraction and after.data == ("fraction", before.data) and after.args == before.args

    def _asks_for_zero(self, before: Term, after: Term) -> bool:
        """What only asks for the truth of a number asks whether it is not 0."""
        asks = [
            before.operator in _OF_TRUTHS or (before.operator is Operator.CHOOSE and not place)
            for place in range(len(before.args))
        ]
        zero = self.graph.const(0)
        return (
            before.data == after.data
            and len(before.args) == len(after.args)
            and any(asks)
            and all(
                one is other
                or (
                    asked
                    and self.facts.numeric(one)
                    and other is self.graph.operation(Operator.NE, one, zero)
                )
                for one, other, asked in zip(before.args, after.args, asks, strict=True)
            )
        )

    def _divisor_decides(self, before: Term, after: Term) -> bool:
        """Where something divides, it is not 0: so a choice by whether it is comes to one of its branches."""
        if before.operator is not Operator.CHOOSE:
            return False
        condition, then, otherwise = before.args
        zero = self.graph.const(0)
        for divisor in _divisors(before):
            for branch, operator in ((then, Operator.NE), (otherwise, Operator.EQ)):
                if branch is after and self.hold(self.graph.operation(operator, divisor, zero), condition):
                    return True
        return False

    def _means_together(self, before: Term, after: Term) -> bool:
        """Means over one selection add up to the mean of what they are of; all are 0 of nothing."""
        if before.operator not in (Operator.ADD, Operator.SUB) or after.kind is not Kind.AGGREGATE:
            return False
        alike = all(a.kind is Kind.AGGREGATE and a.data == after.data for a in before.args)
        if not alike or any(a.args[0] is not after.args[0] for a in before.args):
            return False
        if not self._zero_of_nothing(after):
            return False
        values = [self.facts.values(a.args[1]) for a in before.args]
        if any(each is None or any(isinstance(v, str) for v in each) for each in values):
            return False
        return after.args[1] is self.graph.operation(before.operator, *(a.args[1] for a in before.args))

    def _compared_with_itself(self, before: Term, after: Term) -> bool:
        """Nothing is below, above or other than itself, whatever it is."""
        if before.operator not in COMPARISONS or before.args[0] is not before.args[1]:
            return False
        truth = "=" in RELATION[Comparison(before.operator.value)]
        return is_constant(after, truth)

    def _count_times_mean(self, before: Term, after: Term) -> bool:
        """The count of a selection times the mean of numbers over it is their sum; both are 0 where nothing
        is selected, whatever number is the default. Of sums and differences of means that is so of each.
        """
        if before.operator is not Operator.MUL:
            return False
        for count, means in (before.args, before.args[::-1]):
            total = self._times(count, means)
            if total is not None and (total is after or self._is_sum(total, after)):
                return True
        return False

    def _times(self, count: Term, means: Term) -> Term | None:
        """A count times means of it that are added up, as sums; None if they are others."""

        def made(term: Term, parts: list[Term | None]) -> Term | None:
            known = [part for part in parts if part is not None]
            if parts and term.operator is not None:
                return self.graph.operation(term.operator, *known) if len(known) == len(parts) else None
            mean = term.kind is Kind.AGGREGATE and self._is_count_of(count, term)
            return self.graph.make(Kind.SUM, term.args) if mean else None

        return folded(means, _summands, made)

    def _is_count_of(self, count: Term, mean: Term) -> bool:
        numbers = not isinstance(mean.default, str) and not mean.read_as.unread
        width = self.graph.make(Kind.WIDTH, mean.args[:1])
        return numbers and (count is width or self._add_up_alike(count, width))

    def _asks_for_any(self, before: Term, after: Term) -> bool:
        """A count, or a sum or mean of what is 0 or 1, is 0 where nothing selected is 1, else more."""
        asked = self._question(before)
        if asked is None:
            return False
        selector, positive = asked
        if after.kind is Kind.CONST:
            wanted = self.selecting.constant(selector)
            return wanted is not None and is_constant(after, wanted == positive)
        found = after.args[0] if after.operator is Operator.NOT else after
        if (found is after) is not positive:
            return False
        return self._reads(self.graph.make(Kind.EXISTS, (selector,)), found)

    def _question(self, term: Term) -> tuple[Term, bool] | None:
        """The selector of which a comparison with 0 asks whether it selects anything, and whether it is true
        where it does.
        """
        if term.kind is not Kind.MAP or len(term.args) != 2:
            return None
        for count, limit, truths in ((*term.args, _MORE), (*term.args[::-1], _LESS)):
            if limit.kind is Kind.CONST and limit.value == 0 and term.operator in truths:
                selector = self._counted(count)
                return None if selector is None else (selector, truths[term.operator])
        return None

    def _counted(self, count: Term) -> Term | None:
        if count.kind is Kind.WIDTH:
            return count.args[0]
        means = count.kind is Kind.AGGREGATE and count.default in (None, 0) and not count.read_as.unread
        if count.kind is not Kind.SUM and not means:
            return None
        selector, values = count.args
        listed = self.facts.values(values)
        if listed is None or not all(value in (0, 1) for value in listed):
            return None
        ones = self.graph.select(values, self.graph.const(1), Comparison.EQ)
        return self.graph.make(Kind.AND, (selector, ones))

    def _one_over_first(self, before: Term, after: Term) -> bool:
        """What is 1 at the first position only has the mean 1 / count, where the first is selected."""
        if before.operator is not Operator.DIV or before.args[1].kind is not Kind.AGGREGATE:
            return False
        one, mean = before.args
        selector, values = mean.args
        index = self.graph.indices()
        is_first = self.graph.operation(Operator.EQ, index, self.graph.const(0))
        first = self.graph.select(index, self.graph.const(0), Comparison.EQ)
        with_first = self.graph.make(Kind.OR, (selector, first))
        return (
            one.kind is Kind.CONST
            and one.value == 1
            and same_values(values, self.graph.operation(Operator.INDICATOR, is_first), self.facts)
            and self.selecting.alike(selector, with_first)
            and self._is_sum(self.graph.make(Kind.WIDTH, (selector,)), after)
        )

    def _means_by_sums(self, before: Term, after: Term) -> bool:
        """Two means over one selection compare as their sums do, of which each is as many times its mean."""
        if before.operator not in COMPARISONS or after.operator is not before.operator:
            return False
        means, sums = before.args, after.args
        if not all(mean.kind is Kind.AGGREGATE and self._zero_of_nothing(mean) for mean in means):
            return False
        return means[0].args[0] is means[1].args[0] and all(
            self._add_up_alike(self.graph.make(Kind.SUM, mean.args), total)
            for mean, total in zip(means, sums, strict=True)
        )

    def _zero_of_nothing(self, mean: Term) -> bool:
        plain = not (mean.read_as.only or mean.read_as.unread)
        return plain and type(mean.of_nothing) is int and mean.of_nothing == 0

    def _mean_by_whole_numbers(self, before: Term, after: Term) -> bool:
        """A mean compares with p / q as q times the sum does with p times the count; of nothing both are 0,
        and then it is the default that is compared.
        """
        if before.operator not in COMPARISONS or before.function is None:
            return False
        mean = next((a for a in before.args if a.kind is Kind.AGGREGATE), None)
        limit = next((a for a in before.args if a.kind is Kind.CONST), None)
        if mean is None or limit is None or isinstance(limit.value, str) or mean.read_as.unread:
            return False
        width = self.graph.make(Kind.WIDTH, mean.args[:1])
        compared, if_none = self._guarded(before, after, width)
        if compared.operator is not before.operator:
            return False
        bound = Fraction(limit.value)
        total = tally(self.graph, self.graph.make(Kind.SUM, mean.args))
        sides = {mean: (total, bound.denominator), limit: (tally(self.graph, width), bound.numerator)}
        for side, found in zip(before.args, compared.args, strict=True):
            one, times = sides[side]
            if not self._is(Tally().plus(one, times), found):
                return False
        wanted = call(before.function, [mean.of_nothing if a is mean else a.value for a in before.args])
        found_none = call(before.function, [0, 0]) if if_none is None else if_none
        return wanted == found_none or self.facts.always(mean)

    def _guarded(self, before: Term, after: Term, width: Term) -> tuple[Term, bool | None]:
        """A comparison apart from what is asked besides it of the count, and what that says of nothing."""
        if after.operator in (Operator.OR, Operator.AND) and before.operator is not after.operator:
            guard, compared = after.args
            wanted = Operator.EQ if after.operator is Operator.OR else Operator.GT
            asks = guard.operator is wanted and guard.args[1].kind is Kind.CONST and guard.args[1].value == 0
            if asks and self._add_up_alike(width, guard.args[0]):
                return compared, after.operator is Operator.OR
        return after, None

    def _least_is_another(self, before: Term, after: Term) -> bool:
        """The least of what is selected, my own value among it, lies below that where it is not equal."""
        if before.operator is after.operator is Operator.OR:
            return all(map(self._least_is_another, before.args, after.args))
        if (
            before.operator is not Operator.LT
            or after.operator is not Operator.NE
            or before.args != after.args
        ):
            return False
        least, mine = before.args
        if least.kind is not Kind.LEAST or least.args[1] is not mine:
            return False
        ways = conjunctions(least.args[0])
        return any(all(x.keys is x.queries and "=" in x.relation for x in way) for way in ways)

    # reads

    def _reads(self, before: Term, after: Term) -> bool:
        """What attention computes."""
        return any(statement for statement in self._read_statements(before, after))

    def _read_statements(self, before: Term, after: Term) -> Iterator[bool]:
        alike = after.kind is before.kind and after.data == before.data
        if alike and after.args[1:] == before.args[1:]:
            yield self.selecting.alike(before.args[0], after.args[0])
        if after.kind is Kind.CONST:
            yield self._of_nothing(before, after)
            yield self._of_first(before, after)
            yield self._of_nothing_else(before, after)
        if before.kind in (Kind.WIDTH, Kind.SUM):
            yield self._length_by_last(before, after)
            yield self._is_sum(before, after)
        if before.kind is Kind.EXISTS:
            yield self._any_part(before, after)
            yield self._more_than_none(before, after)
            yield self._least_beats(before, after)
        if before.kind is Kind.AGGREGATE:
            yield self._any_default(before, after)
            yield self._least_of_unbeaten(before, after)
            yield self._by_division(before, after)
            yield self._default_apart(before, after)
            yield self._one_after_the_other(before, after)
            yield self._of_one_value(before, after)

    def _of_nothing(self, read: Term, after: Term) -> bool:
        """Nothing selected: the default, a count or sum of 0, no."""
        if read.kind is Kind.EXISTS:
            if after.value is True:
                return self.selecting.constant(read.args[0]) is True
            return after.value is False and self.selecting.never(read.args[0])
        nothing = read.of_nothing if read.kind in (Kind.AGGREGATE, Kind.LEAST) else 0
        return is_constant(after, nothing) and self.selecting.never(read.args[0])

    def _length_by_last(self, read: Term, after: Term) -> bool:
        """Where all positions are selected, they are one more than the largest index: 1 less the least of the
        negated ones.
        """
        if read.kind is not Kind.WIDTH or self.graph.causal or after.operator is not Operator.SUB:
            return False
        one, last = after.args
        if last.kind is not Kind.LEAST or one is not self.graph.const(1):
            return False
        index = self.graph.operation(Operator.NEG, self.graph.indices())
        everything = [self.selecting.constant(each.args[0]) is True for each in (read, last)]
        return all(everything) and last.args[1] is index

    def _of_first(self, read: Term, after: Term) -> bool:
        """Of a constant, the mean where something is always selected is that constant."""
        if read.kind is not Kind.AGGREGATE or read.args[1] is not after:
            return False
        index = self.graph.indices()
        first = self.graph.select(index, self.graph.const(0), Comparison.EQ)
        return self.selecting.alike(read.args[0], first)

    def _of_nothing_else(self, read: Term, after: Term) -> bool:
        """Where there is but one value to read, and what is read of nothing is that too, it is read."""
        if read.kind is not Kind.AGGREGATE:
            return False
        listed = self.facts.values(read.args[1])
        return listed is not None and all(is_constant(after, value) for value in (read.of_nothing, *listed))

    def _any_part(self, before: Term, after: Term) -> bool:
        """Something is selected if it is by one of several selectors that together are the whole."""
        parts = _disjuncts(after)
        if not all(part.kind is Kind.EXISTS for part in parts):
            return False
        return self.selecting.is_union(before.args[0], [part.args[0] for part in parts])

    def _more_than_none(self, before: Term, after: Term) -> bool:
        """Something is selected if the count is more than 0."""
        more = after.operator is Operator.GT and after.args[1].kind is Kind.CONST
        width = self.graph.make(Kind.WIDTH, before.args)
        return more and after.args[1].value == 0 and self._add_up_alike(width, after.args[0])

    def _least_beats(self, before: Term, after: Term) -> bool:
        """Something is selected with a value below the query's if the least selected value is below it, where
        the least of nothing is not.
        """
        if after.operator not in (Operator.LT, Operator.LE) or after.args[0].kind is not Kind.LEAST:
            return False
        below = self._below(after)
        return below is not None and self.selecting.selects(before.args[0], below)

    def _below(self, question: Term) -> Term | None:
        """The selector of what lies below the query, by the least of it; None if that of nothing does."""
        least, queries = question.args
        rest, keys = least.args
        comparison = Comparison(question.operator.value)  # type: ignore[union-attr]
        listed = self.facts.values(queries)
        if listed is None or least.default is None:
            return None
        if any(related(least.default, value, RELATION[comparison]) is not False for value in listed):
            return None
        if keys.operator is queries.operator is Operator.NEG:
            keys, queries, comparison = keys.args[0], queries.args[0], MIRRORED[comparison]
        return self.graph.make(Kind.AND, (rest, self.graph.select(keys, queries, comparison)))

    def _least_of_unbeaten(self, before: Term, after: Term) -> bool:
        """What is read of the keys that nothing beats is the least value of all: they hold it alike."""
        least = after.args[0] if after.operator is Operator.NEG else after
        if least.kind is not Kind.LEAST or before.read_as.only or before.read_as.unread:
            return False
        among, values = least.args
        negated = least is not after
        source = self.graph.operation(Operator.NEG, before.args[1]) if negated else before.args[1]
        if (
            values is not source
            or isinstance(least.of_nothing, str)
            or (negated and reads_truth(before, self.facts))
        ):
            return False
        nothing = -least.of_nothing if negated else least.of_nothing
        if not is_constant(self.graph.const(nothing), before.of_nothing):
            return False
        tops = [select.args[0] for select in compared(before.args[:1])]
        for answer, no, beats in self.questions({t: None for top in tops for t in reachable(top)}):
            unbeaten = self.graph.select(answer, self.graph.const(no), Comparison.EQ)
            wanted = self.graph.make(Kind.AND, (among, unbeaten))
            if self.selecting.alike(before.args[0], wanted) and are_unbeaten(
                self.graph, among, beats, values
            ):
                return True
        return False

    def questions(self, terms: Iterable[Term]) -> Iterator[tuple[Term, Atom, Term]]:
        """S-ops that say of a key whether anything beats it: with what they are if nothing does, and the
        selector of what beats it.
        """
        for term in terms:
            if term.kind in (Kind.EXISTS, Kind.WIDTH):
                yield term, False if term.kind is Kind.EXISTS else 0, term.args[0]
            elif term.operator in (Operator.LT, Operator.LE) and term.args[0].kind is Kind.LEAST:
                beats = self._below(term)
                if beats is not None:
                    yield term, False, beats

    def _by_division(self, before: Term, after: Term) -> bool:
        """A mean is the sum over the count, where there is any, and else the default."""
        if before.read_as.only or isinstance(before.default, str) or reads_truth(before, self.facts):
            return False
        mean = after
        if before.read_as.unread:
            return self._is_quotient(before, mean)
        if after.operator is Operator.CHOOSE:
            empty, default, mean = after.args
            if not self._asks_for_none(before, empty) or not is_constant(default, before.of_nothing):
                return False
        elif not self._zero_of_nothing(before):
            return False
        return self._is_quotient(before, mean)

    def _asks_for_none(self, read: Term, empty: Term) -> bool:
        width = self.graph.make(Kind.WIDTH, read.args[:1])
        zero = empty.operator is Operator.EQ and empty.args[1].kind is Kind.CONST and empty.args[1].value == 0
        return zero and self._add_up_alike(width, empty.args[0])

    def _is_quotient(self, read: Term, mean: Term) -> bool:
        """Whether it is the sum by the count, and 0 by 1 where nothing is selected."""
        if not isinstance(mean.function, Map) or mean.function.function is not quotient or mean.is_kept:
            return False
        total, divisor = mean.args
        if divisor.operator is not Operator.ADD or divisor.args[1].operator is not Operator.INDICATOR:
            return False
        count, empty = divisor.args[0], divisor.args[1].args[0]
        return (
            self._asks_for_none(read, empty)
            and self._add_up_alike(self.graph.make(Kind.WIDTH, read.args[:1]), count)
            and self._add_up_alike(self.graph.make(Kind.SUM, read.args), total)
        )

    def _default_apart(self, before: Term, after: Term) -> bool:
        """What is read where anything is selected, else the default."""
        if after.operator is not Operator.CHOOSE:
            return False
        found, read, default = after.args
        exists = self.graph.make(Kind.EXISTS, before.args[:1])
        same = default.kind is Kind.CONST and default.data == before.read_as.default
        if not same or not self.hold(exists, found):
            return False
        number = self.graph.make(Kind.AGGREGATE, before.args, replace(before.read_as, default=None))
        return self.hold(number, read)

    def _one_after_the_other(self, before: Term, after: Term) -> bool:
        """Where all that is selected holds one value, what the first of several parts reads that selects
        anything, with the default for the last.
        """
        parts, part = list[Term](), after
        while part.operator is Operator.CHOOSE:
            found, read, part = part.args
            if read.kind is not Kind.AGGREGATE or found is not self.graph.make(Kind.EXISTS, read.args[:1]):
                return False
            if read.args[1] is not before.args[1] or read.read_as.only != before.read_as.only:
                return False
            parts.append(read.args[0])
        if not parts or part.kind is not Kind.AGGREGATE or not self._defaults(before, part):
            return False
        return (
            part.args[1] is before.args[1]
            and self.selecting.is_union(before.args[0], [*parts, part.args[0]])
            and self._hands_on(before)
        )

    def _hands_on(self, read: Term) -> bool:
        """Whether all that is selected holds one value, or there is no answer."""
        return read.read_as.only or self.facts.picks(read)

    def _of_one_value(self, before: Term, after: Term) -> bool:
        """Where there is but one value to read, that value or the default."""
        listed = self.facts.values(before.args[1])
        if listed is None or len(listed) != 1 or after.operator is not Operator.CHOOSE:
            return False
        found, value, default = after.args
        return (
            is_constant(value, listed[0])
            and is_constant(default, before.of_nothing)
            and self.hold(self.graph.make(Kind.EXISTS, before.args[:1]), found)
        )

    def _any_default(self, before: Term, after: Term) -> bool:
        """Where nobody looks at what is read of nothing, it may be anything."""
        return after.kind is Kind.AGGREGATE and after.args == before.args and self._defaults(before, after)

    def _defaults(self, before: Term, after: Term) -> bool:
        """Whether one read gives of nothing what another does, if anybody looks at that."""
        same = after.read_as.default == before.read_as.default or before.read_as.unread
        return same and after.read_as.only == before.read_as.only


def _divisors(root: Term) -> list[Term]:
    """What divides something at each position that a term is made of there."""
    found, pending, seen = list[Term](), [root], set[Term]()
    while pending:
        term = pending.pop()
        mean = isinstance(term.function, Map) and term.function.function is quotient
        if term not in seen and term.kind is Kind.MAP and not term.is_kept:
            found += term.args[1:] if mean or term.operator is Operator.DIV else ()
            pending += term.args
        seen.add(term)
    return found


def _pointwise_args(term: Term) -> tuple[Term, ...]:
    return term.args if term.kind is Kind.MAP and not term.is_kept else ()


def _summands(term: Term) -> tuple[Term, ...]:
    return term.args if term.operator in (Operator.ADD, Operator.SUB, Operator.NEG) else ()


def _disjuncts(term: Term) -> list[Term]:
    return [x for side in term.args for x in _disjuncts(side)] if term.operator is Operator.OR else [term]


_OF_TRUTHS = {Operator.NOT, Operator.AND, Operator.OR, Operator.INDICATOR}
"""What has truth values, and asks for no more of its operands."""

_MORE = {Operator.GT: True, Operator.NE: True, Operator.EQ: False, Operator.LE: False}
_LESS = {Operator.LT: True, Operator.NE: True, Operator.EQ: False, Operator.GE: False}
"""Whether count R 0 (or 0 R count) holds where the count is more than 0."""
