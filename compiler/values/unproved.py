"""Which mean a refusal stems from: an aggregate of which nothing shows that it reads one value. What follows
from it ranges over all fractions, where its user may well know that it never averages.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Protocol

from compiler.graph.conjunctions import EQUAL
from compiler.graph.terms import Kind, Term
from compiler.values.relations import Selected
from rasp.errors import CompileError
from rasp.words import Operator

LONGEST_TEXT = 100
"""Characters of a program that a hint repeats."""


class Facts(Protocol):
    """What this module needs to know of selections (see `compiler.values.inference.Domains`)."""

    @property
    def reads(self) -> Mapping[int, Selected]: ...


@contextmanager
def naming_means(term: Term, facts: Facts) -> Iterator[None]:
    """A refusal of the term, or of what is computed for it, has a place, and names the mean it stems from."""
    try:
        yield
    except CompileError as error:
        error.locate(term.user_span)
        advice = advice_on(term, facts)
        if advice is not None and advice not in (error.hint or ""):
            error.hint = advice if error.hint is None else f"{advice}; else {error.hint}"
        raise


def advice_on(term: Term, facts: Facts) -> str | None:
    """What to write instead of the nearest mean below a term that may be none."""
    mean = nearest_mean(term, facts)
    if mean is None:
        return None
    name = f"`{mean.name}`" if mean.name else "the aggregate"
    where = "" if mean.user_span is None else f" at {mean.user_span}"
    return (
        f"{name}{where} counts as a mean, as nothing shows that it reads one value: if at most one position, "
        f"or only equal values, can be selected, write {_as_only(mean)}"
    )


def _as_only(mean: Term) -> str:
    """The program's text of an aggregate with `only`."""
    text = "" if mean.user_span is None else " ".join(mean.user_span.text().split())
    rest = text.removeprefix("aggregate")
    if rest == text or len(text) > LONGEST_TEXT:
        return "`only(...)` instead of `aggregate(...)`"
    return f"`only{rest}`"


def nearest_mean(term: Term, facts: Facts) -> Term | None:
    """The nearest aggregate below a term (or itself) that is a mean only because nothing shows otherwise; the
    choice between that mean and its default, where it was taken apart.
    """
    waiting, seen = deque([(term, term)]), {term.index}
    while waiting:
        top, above = waiting.popleft()
        if _may_read_one(top, facts):
            apart = top.user_span is None and above.operator is Operator.CHOOSE
            return above if apart else top
        for operand in top.args:
            if operand.index not in seen:
                seen.add(operand.index)
                waiting.append((operand, top))
    return None


def _may_read_one(term: Term, facts: Facts) -> bool:
    """Whether the term is a mean over positions that are alike in something, so perhaps over one."""
    is_mean = term.data == ("mean",)  # a sum over a count (see `compiler.values.settling`)
    if not is_mean and (term.kind is not Kind.AGGREGATE or term.read_as.only):
        return False
    read = facts.reads.get(term.args[0].index if is_mean else term.index)
    if read is None or read.picks:
        return False
    return all(any(literal.relation == EQUAL for literal in each) for each in read.conjunctions)
