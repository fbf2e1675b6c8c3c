"""What is claimed of selections is so: of each read that a program has, once it is shown what others can be.

Claims are what the compiler found out: that a read selects at most one key, or keys of one value only; some
key always; never its own position; and of the ways to make its selector true, which cannot be, and which
comparisons in them hold anyway.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable

from compiler.graph.conjunctions import Conjunction, Literal, conjunctions
from compiler.graph.terms import READS, Graph, Kind, Term, reachable
from compiler.rechecking.claimed import have_means
from compiler.rechecking.derivation.equations import Equations
from compiler.rechecking.derivation.found import Found
from compiler.rechecking.derivation.inputs import Inputs
from compiler.rechecking.derivation.keys import Keys
from compiler.rechecking.derivation.known import Known
from compiler.rechecking.report import Unproved
from compiler.request import Request


class Selections:
    """The statements, of the reads of one graph, for what is asked."""

    def __init__(self, graph: Graph, known: Known, asked: Request) -> None:
        equations = Equations(graph, known)
        self._known, self._selecting = known, equations.selecting
        self.keys = Keys(graph, known)
        self.found = Found(equations, self.keys, asked.max_length)
        self._inputs = Inputs(asked)

    def require(self, root: Term) -> None:
        """Require what is claimed of all reads that an s-op is made of, or one of which the statements asked.
        Raises Unproved.
        """
        seen: set[Term] = set()
        while new := [term for term in (root, *self._known.asked) if term not in seen]:
            below = [term for term in reachable(*new) if term not in seen]
            seen.update(below)
            for read in below:
                if read.kind in READS:
                    self._require(read)

    def _require(self, read: Term) -> None:
        ways, known = self._known.conjunctions(read.args[0]), self._known
        copied, counted = read.kind in (Kind.AGGREGATE, Kind.LEAST), read.kind in (Kind.WIDTH, Kind.SUM)
        inputs = self._inputs
        told: dict[str, Callable[[], bool]] = {
            "selects in just the ways that are claimed": lambda: self.falls_into(read.args[0], ways)
        }
        if read.kind is not Kind.SUM and known.always(read):
            told["always selects something"] = lambda: self.found.always(ways) or inputs.always(read)
        if counted and known.never_mine(read):
            told["never selects its own position"] = lambda: self.never_mine(ways) or inputs.never_mine(read)
        if copied and known.picks(read):
            told["reads one value only"] = lambda: self.picks(read, ways) or inputs.hold_alike(read)
        if known.at_most_one(read):
            told["selects at most one key"] = lambda: self.keys.at_most_one(ways) or inputs.at_most_one(read)
        for what, shown in told.items():
            if not shown():
                raise Unproved(f"it is not shown that {read.title} {what}")

    def never_mine(self, ways: Collection[Conjunction]) -> bool:
        """Whether no query selects its own position."""
        return all(map(self.found.never_itself, ways))

    def picks(self, read: Term, ways: Collection[Conjunction]) -> bool:
        """Whether a read hands on one value that it selects: the least, what is read by `only`, or one of
        which there is no mean; or because all that are selected hold it.
        """
        if read.kind is Kind.LEAST or read.read_as.only or not have_means(self._known.values(read.args[1])):
            return True
        return self.keys.hold_alike(tuple(ways), read.args[1])

    def falls_into(self, selector: Term, claimed: Collection[Conjunction]) -> bool:
        """Whether some conjunctions are the ways to make a selector true, one after the other, without those
        that cannot be and without literals that hold where the others do.
        """
        left = list(claimed)
        for way in conjunctions(selector):
            if left and set(left[0]) <= set(way) and self._follow(way, left[0]):
                del left[0]
            elif not self._impossible(way):
                return False
        return not left

    def _follow(self, way: Conjunction, kept: Conjunction) -> bool:
        """Whether all literals of a way hold where those that are kept do."""
        told = list(kept)
        dropped = [literal for literal in way if literal not in kept]
        while dropped:
            following = [literal for literal in dropped if self._truth(literal, told) is True]
            if not following:
                return False
            told += following
            dropped = [literal for literal in dropped if literal not in following]
        return True

    def _impossible(self, way: Conjunction) -> bool:
        return any(self._truth(x, [y for y in way if y is not x]) is False for x in way)

    def _truth(self, literal: Literal, others: Iterable[Literal]) -> bool | None:
        """Whether a literal holds, or not, where some others do."""
        by_ends = self._by_ends(literal)
        return self._selecting.truth(literal, tuple(others)) if by_ends is None else by_ends

    def _by_ends(self, literal: Literal) -> bool | None:
        """Whether a literal holds for all values, or none, by which are below others and which are equal."""
        keys, queries = (self._known.values(side) for side in (literal.keys, literal.queries))
        if not keys or not queries or len({isinstance(v, str) for v in (*keys, *queries)}) > 1:
            return None
        orders = {"="} if set(keys) & set(queries) else set()
        orders |= {"<"} if min(keys) < max(queries) else set()  # type: ignore[operator]
        orders |= {">"} if max(keys) > min(queries) else set()  # type: ignore[operator]
        return True if orders <= literal.relation else None if orders & literal.relation else False
