"""Local rewriting of the graph, before anything is known of domains.

Most rules are rows, each "this is that" in the language's own notation (`compiler.graph.patterns`); those
that search are functions. All are tried on every term as it is imported. They matter most for counting: RASP
can only average, so programs (and the standard library) count by tricks such as `round(1/aggregate(...))`;
here the count itself is found again.

What is said of means holds of `only` as well, which is the mean wherever it has a value.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import reduce

from compiler.graph.conjunctions import Conjunction, conjunctions, constant_truth
from compiler.graph.meaning import call
from compiler.graph.patterns import Guard, Rows, is_constant
from compiler.graph.rewriting import Rule, everything, nothing, rewrite
from compiler.graph.terms import READS, Graph, Kind, Term, folded, reachable
from rasp.graph.sops import LookUp, Member, Operation
from rasp.words import TRUTHS, Comparison, Operator


def fold_constants(graph: Graph, term: Term) -> Term | None:
    """A function of constants is a constant."""
    if term.kind is not Kind.MAP or term.is_kept or any(a.kind is not Kind.CONST for a in term.args):
        return None
    assert term.function is not None
    value = call(term.function, [a.value for a in term.args])
    return None if value is None else graph.const(value)


def fold_selects(graph: Graph, term: Term) -> Term | None:
    """A comparison of two constants selects everything or nothing."""
    if term.kind is not Kind.SELECT:
        return None
    truth = constant_truth(term)
    return None if truth is None else everything(graph) if truth else nothing(graph)


def _is_made_of(term: Term, parts: Callable[[Term], Sequence[Term] | None]) -> bool:
    """Whether there is nothing below a term of which `parts` says None, instead of what to look at next."""
    pending, seen = [term], set[int]()
    while pending:
        top = pending.pop()
        if top.index not in seen:
            seen.add(top.index)
            found = parts(top)
            if found is None:
                return False
            pending.extend(found)
    return True


def _is_whole(term: Term) -> bool:
    """Whether the s-op surely yields ints, by its form alone."""
    return _is_made_of(term, _whole_parts)


def _whole_parts(term: Term) -> Sequence[Term] | None:
    if term.kind is Kind.SUM:
        return term.args[1:]
    if term.kind is Kind.MAP and term.operator in _WHOLE:
        return term.args
    count = term.kind in (Kind.INDICES, Kind.WIDTH) or term.operator is Operator.INDICATOR
    return () if count or (term.kind is Kind.CONST and type(term.value) is int) else None


_WHOLE = {Operator.ADD, Operator.SUB, Operator.MUL, Operator.NEG}


def sum_from_mean(graph: Graph, term: Term) -> Term | None:
    """width(s) * mean(s, x) is sum(s, x): one head, no product, nothing to round."""
    if term.operator is not Operator.MUL:
        return None
    for width, mean in (term.args, term.args[::-1]):
        found = _times_width(graph, width, mean)
        if found is not None:
            return found
    return None


def _times_width(graph: Graph, width: Term, mean: Term) -> Term | None:
    """width * mean without a product, where `mean` is built from means over selectors of that width."""
    made: dict[int, Term] = {}
    pending = [mean]
    while pending:
        top = pending[-1]
        parts = top.args if top.operator in _LINEAR else ()
        missing = [part for part in parts if part.index not in made]
        if missing:
            pending += missing
            continue
        pending.pop()
        if top.operator in _LINEAR:
            assert top.operator is not None
            made[top.index] = graph.operation(top.operator, *(made[part.index] for part in parts))
        elif (total := _sum_of_mean(graph, width, top)) is not None:
            made[top.index] = total
        else:
            return None
    return made[mean.index]


_LINEAR = {Operator.ADD, Operator.SUB, Operator.NEG}


def _sum_of_mean(graph: Graph, width: Term, mean: Term) -> Term | None:
    """width * mean, where `mean` is a mean of numbers over a selector of that width."""
    if mean.kind is not Kind.AGGREGATE or isinstance(mean.default, str):
        return None
    selector, values = mean.args
    if not _is_numeric(graph, values) or width_term(graph, selector) is not width:
        return None
    return graph.make(Kind.SUM, (selector, values))


def width_term(graph: Graph, selector: Term) -> Term:
    """The simplified width of a selector."""
    return rewrite(graph, graph.make(Kind.WIDTH, (selector,)), (ORDERS,))


def _is_numeric(graph: Graph, term: Term) -> bool:
    """Whether the s-op surely yields numbers (or truth values), by its form alone."""
    pending, seen = [term], set[int]()
    while pending:
        top = pending.pop()
        if top.index in seen:
            continue
        seen.add(top.index)
        if top.kind is Kind.CONST and isinstance(top.value, str):
            return False
        if top.kind is Kind.TOKENS and top.data not in ("int", "float", "bool") and not graph.numeric_tokens:
            return False
        if top.kind is Kind.TOKENS and top.data == "str":
            return False
        if top.kind is Kind.AGGREGATE:
            if isinstance(top.default, str):
                return False
            pending.append(top.args[1])
        if top.kind is Kind.MAP:
            inner = _number_operands(top)
            if inner is None:
                return False
            pending.extend(inner)
    return True


def _number_operands(term: Term) -> tuple[Term, ...] | None:
    """The operands that must be numbers for an elementwise s-op to yield numbers; None if it may not."""
    match term.function:
        case LookUp(container=str()):
            return None
        case LookUp(container=container):
            assert not isinstance(container, str)
            values = container if isinstance(container, tuple) else tuple(container.values())
            return None if any(isinstance(v, str) for v in values) else ()
        case Member():
            return ()
        case Operation(operator=Operator.CHOOSE):
            return term.args[1:]
        case Operation(operator=Operator.ADD | Operator.MUL | Operator.POS):
            return term.args
        case Operation():
            return ()
    return None


def remainder_of_sums(graph: Graph, term: Term) -> Term | None:
    """sum(s, x) % m is sum(s, x % m) % m, and so on for what is made of sums: smaller numbers are added up.
    Rounding whole numbers changes nothing. That is not always smaller, so this is no rule of every build.
    """
    if term.operator is not Operator.MOD:
        return None
    total, divisor = term.args
    if divisor.kind is not Kind.CONST or type(divisor.value) is not int or not divisor.value:
        return None

    def made(each: Term, parts: list[Term]) -> Term:
        if each.kind is not Kind.SUM:
            return graph.with_args(each, parts) if parts else each
        selector, values = each.args
        reduced = values.operator is Operator.INDICATOR or (
            values.operator is Operator.MOD and values.args[1] is divisor
        )
        if reduced or values.kind is Kind.CONST or not _is_numeric(graph, values):
            return each
        return graph.make(Kind.SUM, (selector, graph.operation(Operator.MOD, values, divisor)))

    added_up = folded(total, lambda each: _whole_multiples(graph, each), made)
    return graph.operation(Operator.MOD, added_up, divisor)


def counted_together(graph: Graph, term: Term) -> Term | None:
    """width(s) + width(t) is width(s or t), where no key is selected by both: so a rank that is added up from
    those below and the equal ones before is seen to be a rank. Where one is counted elsewhere as well, apart
    may be cheaper, so this is no rule of every build.
    """
    if term.operator is not Operator.ADD or any(a.kind is not Kind.WIDTH for a in term.args):
        return None
    (one,), (other,) = (width.args for width in term.args)
    if not all(_apart(x, y) for x in conjunctions(one) for y in conjunctions(other)):
        return None
    return graph.make(Kind.WIDTH, (graph.make(Kind.OR, (one, other)),), origin=term)


def _apart(one: Conjunction, other: Conjunction) -> bool:
    """Whether a key and a query compare in one way otherwise than in another."""
    return any(
        x.keys is y.keys and x.queries is y.queries and not x.relation & y.relation
        for x in one
        for y in other
    )


def _whole_multiples(graph: Graph, term: Term) -> tuple[Term, ...]:
    """What a term adds up, each as often as a whole number says; or the whole number that it rounds."""
    if term.operator is Operator.ROUND:
        return term.args if _is_made_of(term.args[0], lambda part: _whole_values(graph, part)) else ()
    whole = term.operator is Operator.MUL and any(
        a.kind is Kind.CONST and type(a.value) is int for a in term.args
    )
    return term.args if whole or term.operator in _LINEAR else ()


def _whole_values(graph: Graph, term: Term) -> Sequence[Term] | None:
    """What must be whole for an s-op to be, if that makes it so; None if it may be something else."""
    if term.kind is Kind.TOKENS:
        return () if term.data == "int" or (term.data == "asis" and graph.whole_tokens) else None
    if term.operator is Operator.CHOOSE:
        return term.args[1:]
    if term.operator is Operator.POW:
        return term.args[:1] if _counts_up(graph, term.args[1]) else None
    return term.args if term.operator is Operator.MOD else _whole_parts(term)


def _counts_up(graph: Graph, term: Term) -> bool:
    """Whether an s-op is an index, from either end."""
    index, one, length = graph.indices(), graph.const(1), width_term(graph, everything(graph))

    def less(total: Term, part: Term) -> Term:
        return graph.operation(Operator.SUB, total, part)

    return term in (index, less(less(length, one), index), less(less(length, index), one))


def all_but_mine(graph: Graph, term: Term) -> Term | None:
    """Causally, what is counted at strictly earlier positions is what is counted so far, less my own part:
    so `indices < indices` costs no columns.
    """
    if not graph.causal or term.kind not in (Kind.WIDTH, Kind.SUM, Kind.EXISTS):
        return None
    index = graph.indices()
    strict = graph.select(index, index, Comparison.LT)
    conjuncts = _conjuncts(term.args[0])
    if strict not in conjuncts:
        return None
    rest = [c for c in conjuncts if c is not strict]
    selector = reduce(lambda a, b: graph.make(Kind.AND, (a, b)), rest) if rest else everything(graph)
    mine = _at_own_position(graph, selector)
    if term.kind is Kind.SUM:
        own = graph.operation(Operator.CHOOSE, mine, term.args[1], graph.const(0))
        total = graph.make(Kind.SUM, (selector, term.args[1]))
        return graph.operation(Operator.SUB, total, rewrite(graph, own, RULES), origin=term)
    counted = index
    if rest:
        own = graph.operation(Operator.INDICATOR, mine)
        counted = graph.operation(Operator.SUB, width_term(graph, selector), own)
    if term.kind is Kind.WIDTH:
        return counted
    return graph.operation(Operator.GT, counted, graph.const(0), origin=term)


def _conjuncts(selector: Term) -> list[Term]:
    """The selectors that an `and` joins, nested ones too."""
    found: dict[Term, None] = {}
    stack = [selector]
    while stack:
        term = stack.pop()
        if term.kind is Kind.AND:
            stack.extend(reversed(term.args))
        else:
            found.setdefault(term)
    return list(found)


def _at_own_position(graph: Graph, selector: Term) -> Term:
    """Whether each position selects itself, as an s-op."""
    known: dict[Term, Term] = {}
    for term in (t for t in reachable(selector) if t.is_selector):
        if term.kind is Kind.SELECT:
            operator = Operator(term.comparison.value)
            known[term] = rewrite(graph, graph.operation(operator, *term.args), RULES)
        else:
            logic = {Kind.AND: Operator.AND, Kind.OR: Operator.OR, Kind.NOT: Operator.NOT}[term.kind]
            known[term] = rewrite(graph, graph.operation(logic, *(known[a] for a in term.args)), RULES)
    return known[selector]


def exists_from_count(graph: Graph, term: Term) -> Term | None:
    """`mean > 0`, `width > 0`, `sum != 0` ... of something that is 0 or 1 ask whether anything matches."""
    question = _compared_with_zero(term)
    if question is None:
        return None
    counted, positive = question
    selector = _counted(graph, counted)
    if selector is None:
        return None
    exists = rewrite(graph, graph.make(Kind.EXISTS, (selector,)), RULES)
    return exists if positive else graph.operation(Operator.NOT, exists)


def _compared_with_zero(term: Term) -> tuple[Term, bool] | None:
    """(x, True) for x > 0 and its like, (x, False) for x == 0 and its like."""
    if term.kind is not Kind.MAP or len(term.args) != 2:
        return None
    left, right = term.args
    if is_constant(right, 0):
        positive = {Operator.GT: True, Operator.NE: True, Operator.EQ: False, Operator.LE: False}
        known = positive.get(term.operator) if term.operator else None
        return None if known is None else (left, known)
    if is_constant(left, 0):
        positive = {Operator.LT: True, Operator.NE: True, Operator.EQ: False, Operator.GE: False}
        known = positive.get(term.operator) if term.operator else None
        return None if known is None else (right, known)
    return None


def _counted(graph: Graph, term: Term) -> Term | None:
    """The selector whose being empty makes a count or a mean of indicators 0."""
    if term.kind is Kind.WIDTH:
        return term.args[0]
    if term.kind is Kind.AGGREGATE and term.default not in (None, 0):
        return None
    if term.kind not in (Kind.AGGREGATE, Kind.SUM):
        return None
    selector, values = term.args
    if is_constant(values, 1):
        return selector
    if values.operator is not Operator.INDICATOR:
        return None
    matches = graph.select(values, graph.const(1), Comparison.EQ)
    return rewrite(graph, graph.make(Kind.AND, (selector, matches)), (SELECTOR_LOGIC,))


def _is_truth(term: Term) -> bool:
    return term.kind is Kind.EXISTS or (term.kind is Kind.MAP and term.operator in TRUTHS)


def _is_uniform(term: Term) -> bool:
    """Whether the s-op is the same at all positions by its form alone, where nothing is masked: all queries
    of its reads ask for the same.
    """
    return _is_made_of(term, _uniform_parts)


def _uniform_parts(term: Term) -> Sequence[Term] | None:
    if term.is_kept or term.kind in (Kind.TOKENS, Kind.INDICES):
        return None
    if term.kind is Kind.SELECT:
        return term.args[1:]
    return term.args[:1] if term.kind in READS else term.args


GUARDS: dict[str, Guard] = {
    "uniform": _is_uniform,
    "whole": _is_whole,
    "truth": _is_truth,
    "constant": lambda term: term.kind is Kind.CONST,
    "true": lambda term: term.kind is Kind.CONST and bool(term.value),
    "false": lambda term: term.kind is Kind.CONST and not term.value,
}
"""What rows may ask of what their names stand for."""

CAUSAL_ORDER = Rows(
    """
    causally: select(indices, indices, <=) -> everything  # no position sees later ones
    causally: select(indices, indices, >)  -> nothing
    causally: select(indices, indices, >=) -> select(indices, indices, ==)
    causally: select(indices, indices, !=) -> select(indices, indices, <)
    """,
    GUARDS,
)

CHOICES = Rows(
    """
    x if c else y -> x where c is true
    x if c else y -> y where c is false
    x if p else x -> x
    """,
    GUARDS,
)

SELECTOR_LOGIC = Rows(
    """
    not everything   -> nothing
    not nothing      -> everything
    not not s        -> s
    nothing and s    -> nothing
    s and nothing    -> nothing
    everything and s -> s
    s and s          -> s
    s and everything -> s
    everything or s  -> everything
    s or everything  -> everything
    nothing or s     -> s
    s or s           -> s
    s or nothing     -> s
    """,
    GUARDS,
)

COUNTING = Rows(
    """
    # What is 1 at the first position only has the mean 1 / width, where the first position is selected.
    1 / aggregate(everything, indicator(indices == 0), d) -> selector_width(everything)
    1 / aggregate(s or select(indices, 0, ==), indicator(indices == 0), d) -> \
        selector_width(s or select(indices, 0, ==))
    1 / aggregate(select(indices, 0, ==) or s, indicator(indices == 0), d) -> \
        selector_width(select(indices, 0, ==) or s)
    # The original library's count: with the first position for sure, less it, once more if it is selected.
    selector_width(s or select(indices, 0, ==)) - 1 + aggregate(s and select(indices, 0, ==), 1) -> \
        selector_width(s)
    """,
    GUARDS,
)

VALUES = Rows(
    """
    round(x)    -> x where x is whole
    (x - c) + c -> x where x is whole, c is whole, c is constant
    selector_width(select(indices, 0, ==))  -> 1  # every input has a first position
    x - x  -> 0  # the same operand twice is one operand
    x < x  -> False
    x > x  -> False
    x != x -> False
    p and p -> p where p is truth
    p or p  -> p where p is truth
    aggregate(nothing, x, d)                -> d
    aggregate(select(indices, 0, ==), c, d) -> c where c is constant
    """,
    GUARDS,
)

ORDERS = Rows(
    """
    selector_width(select(indicator(x), 1, ==)) -> sum(everything, indicator(x))
    selector_width(nothing)                     -> 0
    causally: selector_width(everything)        -> indices + 1
    selector_width(select(indices, indices, ==)) -> 1
    selector_width(select(indices, indices, <))  -> indices
    selector_width(select(indices, indices, <=)) -> indices + 1
    selector_width(select(indices, indices, >=)) -> length - indices
    selector_width(select(indices, indices, >))  -> length - indices - 1
    selector_width(select(indices, indices, !=)) -> length - 1
    """,
    GUARDS,
)
"""How many indices are below (or not above, ...) mine is an affine function of my index."""

ROTATIONS = Rows(
    """
    # A key that is turned by c is the index where its position is turned back by c.
    bidirectionally: select((indices + c) % length, indices, ==) -> \
        select(indices, (indices - c) % length, ==) where c is uniform
    bidirectionally: select((indices - c) % length, indices, ==) -> \
        select(indices, (indices + c) % length, ==) where c is uniform
    bidirectionally: select((c + indices) % length, indices, ==) -> \
        select(indices, (indices - c) % length, ==) where c is uniform
    bidirectionally: select((indices + c - d) % length, indices, ==) -> \
        select(indices, (indices - c + d) % length, ==) where c is uniform, d is uniform
    bidirectionally: select((indices - c + d) % length, indices, ==) -> \
        select(indices, (indices + c - d) % length, ==) where c is uniform, d is uniform
    # What is turned around as well comes back by the same turn.
    bidirectionally: select((c - indices) % length, indices, ==) -> \
        select(indices, (c - indices) % length, ==) where c is uniform
    """,
    GUARDS,
)
"""Keys modulo the length, told from the query's side, where they cost no columns."""

NEUTRAL = Rows(
    """
    has_focus(everything) -> True
    has_focus(nothing)    -> False
    # A truth value is no number, and these make it one.
    x + 0     -> x where x is whole
    x - 0     -> x where x is whole
    x * 1     -> x where x is whole
    +x        -> x where x is whole
    not not p -> p where p is truth
    """,
    GUARDS,
)

NECESSARY: tuple[Rule, ...] = (fold_constants, fold_selects, CAUSAL_ORDER, CHOICES)
"""What lowering relies on, and what makes a constant of a constant's text (`compiler.program.writing`)."""

RULES: tuple[Rule, ...] = (
    *NECESSARY,
    SELECTOR_LOGIC,
    COUNTING,
    VALUES,
    ORDERS,
    ROTATIONS,
    sum_from_mean,
    all_but_mine,
    exists_from_count,
    NEUTRAL,
)
