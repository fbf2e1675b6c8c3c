"""Local rewriting of the graph, before anything is known of domains.

Each rule is a function `(graph, term) -> replacement or None` with a one-line reason, tried on every
term as it is imported. The rules matter most for counting: RASP can only average, so programs (and the
standard library) count by tricks such as `round(1/aggregate(...))`; here the count itself is found again.
"""

from __future__ import annotations

from fractions import Fraction
from functools import reduce

from compiler.graph.conjunctions import RELATION, constant_truth
from compiler.graph.meaning import call
from compiler.graph.rewriting import Rule, everything, nothing, rewrite
from compiler.graph.terms import Graph, Kind, Term, reachable
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


def causal_order(graph: Graph, term: Term) -> Term | None:
    """Under the causal mask no key has a larger index than the query."""
    if not graph.causal or term.kind is not Kind.SELECT:
        return None
    keys, queries = term.args
    if keys.kind is not Kind.INDICES or queries.kind is not Kind.INDICES:
        return None
    visible = RELATION[term.comparison] & {"<", "="}
    if visible == {"<", "="}:
        return everything(graph)
    if not visible:
        return nothing(graph)
    return graph.select(keys, queries, Comparison.EQ if visible == {"="} else Comparison.LT)


def fold_selector_logic(graph: Graph, term: Term) -> Term | None:
    """and/or/not with everything or nothing, and with itself."""
    every, none = everything(graph), nothing(graph)
    match term.kind:
        case Kind.NOT:
            inner = term.args[0]
            if inner is every or inner is none:
                return none if inner is every else every
            return inner.args[0] if inner.kind is Kind.NOT else None
        case Kind.AND | Kind.OR:
            left, right = term.args
            absorbing, neutral = (none, every) if term.kind is Kind.AND else (every, none)
            if absorbing in (left, right):
                return absorbing
            if left is neutral or left is right:
                return right
            return left if right is neutral else None
    return None


def first_position(graph: Graph) -> Term:
    """select(indices, 0, ==): every query selects the first position."""
    return graph.select(graph.indices(), graph.const(0), Comparison.EQ)


def count_by_reciprocal(graph: Graph, term: Term) -> Term | None:
    """1 / aggregate(s, indicator(indices == 0)) is the width of s, where s contains the first position."""
    if term.operator is not Operator.DIV or not _is_const(term.args[0], 1):
        return None
    mean = term.args[1]
    if mean.kind is not Kind.AGGREGATE or not _marks_first(graph, mean.args[1]):
        return None
    selector = mean.args[0]
    contains_first = selector is everything(graph) or (
        selector.kind is Kind.OR and first_position(graph) in selector.args
    )
    return graph.make(Kind.WIDTH, (selector,), origin=term) if contains_first else None


def _marks_first(graph: Graph, term: Term) -> bool:
    """Whether the term is indicator(indices == 0)."""
    inner = term.args[0] if term.operator is Operator.INDICATOR else None
    return (
        inner is not None
        and inner.operator is Operator.EQ
        and inner.args[0] is graph.indices()
        and _is_const(inner.args[1], 0)
    )


def width_without_first(graph: Graph, term: Term) -> Term | None:
    """width(s or z) - 1 + aggregate(s and z, 1, 0) is width(s), where z selects just the first position."""
    if term.operator is not Operator.ADD:
        return None
    difference, corner = term.args
    if difference.operator is not Operator.SUB or not _is_const(difference.args[1], 1):
        return None
    wide = difference.args[0]
    if wide.kind is not Kind.WIDTH or wide.args[0].kind is not Kind.OR:
        return None
    selector, first = wide.args[0].args
    both = graph.make(Kind.AND, (selector, first))
    fits = (
        first is first_position(graph)
        and corner.kind is Kind.AGGREGATE
        and corner.args[0] is both
        and _is_const(corner.args[1], 1)
        and corner.default in (None, 0)
    )
    return rewrite(graph, graph.make(Kind.WIDTH, (selector,), origin=term), RULES) if fits else None


def round_whole(graph: Graph, term: Term) -> Term | None:
    """A count needs no rounding, nor does what is added up from whole numbers."""
    if term.operator is Operator.ROUND and _is_whole(term.args[0]):
        return term.args[0]
    return None


def read_constant(graph: Graph, term: Term) -> Term | None:
    """Nothing selected gives the default; a constant read from the first position, which is always there,
    is that constant.
    """
    if term.kind is Kind.WIDTH and term.args[0] is first_position(graph):
        return graph.const(1)
    if term.kind is not Kind.AGGREGATE:
        return None
    if term.args[0] is nothing(graph):
        return graph.const(0 if term.default is None else term.default)
    return term.args[1] if term.args[0] is first_position(graph) and term.args[1].kind is Kind.CONST else None


def cancel_constants(graph: Graph, term: Term) -> Term | None:
    """(x - c) + c is x, where x is a whole number."""
    if term.operator is not Operator.ADD or term.args[0].operator is not Operator.SUB:
        return None
    x, c = term.args[0].args
    same = c is term.args[1] and c.kind is Kind.CONST
    return x if same and _is_whole(x) and _is_whole(c) else None


def _is_whole(term: Term) -> bool:
    """Whether the s-op surely yields ints, by its form alone."""
    pending, seen = [term], set[int]()
    while pending:
        top = pending.pop()
        if top.index in seen:
            continue
        seen.add(top.index)
        if top.kind is Kind.SUM:
            pending.append(top.args[1])
        elif top.kind is Kind.MAP and top.operator in _WHOLE:
            pending.extend(top.args)
        elif top.kind is Kind.CONST:
            if type(top.value) is not int:
                return False
        elif top.kind not in (Kind.INDICES, Kind.WIDTH) and top.operator is not Operator.INDICATOR:
            return False
    return True


_WHOLE = {Operator.ADD, Operator.SUB, Operator.MUL, Operator.NEG}


def width_of_order(graph: Graph, term: Term) -> Term | None:
    """How many indices are below (or not above, ...) mine is an affine function of my index."""
    if term.kind is not Kind.WIDTH:
        return None
    selector = term.args[0]
    one, index = graph.const(1), graph.indices()
    if selector is nothing(graph):
        return graph.const(0)
    if graph.causal and selector is everything(graph):
        return graph.operation(Operator.ADD, index, one)
    if selector.kind is not Kind.SELECT or not selector.args[0] is selector.args[1] is index:
        return None
    match selector.comparison:
        case Comparison.EQ:
            return one
        case Comparison.LT:
            return index
        case Comparison.LE:
            return graph.operation(Operator.ADD, index, one)
    length = graph.make(Kind.WIDTH, (everything(graph),))
    rest = graph.operation(Operator.SUB, length, index)
    if selector.comparison is Comparison.GE:
        return rest
    if selector.comparison is Comparison.GT:
        return graph.operation(Operator.SUB, rest, one)
    return graph.operation(Operator.SUB, length, one)


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
    return graph.make(Kind.SUM, (selector, values), origin=mean)


def width_term(graph: Graph, selector: Term) -> Term:
    """The simplified width of a selector."""
    return rewrite(graph, graph.make(Kind.WIDTH, (selector,)), (width_of_order,))


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
    exists = rewrite(graph, graph.make(Kind.EXISTS, (selector,), origin=term), RULES)
    return exists if positive else graph.operation(Operator.NOT, exists)


def _compared_with_zero(term: Term) -> tuple[Term, bool] | None:
    """(x, True) for x > 0 and its like, (x, False) for x == 0 and its like."""
    if term.kind is not Kind.MAP or len(term.args) != 2:
        return None
    left, right = term.args
    if _is_const(right, 0):
        positive = {Operator.GT: True, Operator.NE: True, Operator.EQ: False, Operator.LE: False}
        known = positive.get(term.operator) if term.operator else None
        return None if known is None else (left, known)
    if _is_const(left, 0):
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
    if _is_const(values, 1):
        return selector
    if values.operator is not Operator.INDICATOR:
        return None
    matches = graph.select(values, graph.const(1), Comparison.EQ)
    return rewrite(graph, graph.make(Kind.AND, (selector, matches)), (fold_selector_logic,))


def exists_trivially(graph: Graph, term: Term) -> Term | None:
    """Everything always matches something, nothing never."""
    if term.kind is not Kind.EXISTS:
        return None
    if term.args[0] is everything(graph):
        return graph.const(True)
    return graph.const(False) if term.args[0] is nothing(graph) else None


def drop_neutral(graph: Graph, term: Term) -> Term | None:
    """x + 0, x - 0, x * 1 and +x are x, where x is a number and no truth value (which they make a number,
    and numbers can be averaged).
    """
    if term.kind is not Kind.MAP or not term.args or not _is_whole(term.args[0]):
        return None
    if term.operator is Operator.POS:
        return term.args[0]
    neutral = (
        {Operator.ADD: 0, Operator.SUB: 0, Operator.MUL: 1}.get(term.operator) if term.operator else None
    )
    return term.args[0] if neutral is not None and _is_const(term.args[1], neutral) else None


def double_negation(graph: Graph, term: Term) -> Term | None:
    """not not x is x, where x is a truth value."""
    if term.operator is not Operator.NOT or term.args[0].operator is not Operator.NOT:
        return None
    inner = term.args[0].args[0]
    return inner if _is_truth(inner) else None


def choose_known(graph: Graph, term: Term) -> Term | None:
    """A choice with a constant condition, or between equal values, is no choice."""
    if term.operator is not Operator.CHOOSE:
        return None
    condition, if_true, if_false = term.args
    if condition.kind is Kind.CONST:
        return if_true if condition.value else if_false
    return if_true if if_true is if_false else None


def _is_truth(term: Term) -> bool:
    return term.kind is Kind.EXISTS or (term.kind is Kind.MAP and term.operator in TRUTHS)


def _is_const(term: Term, value: int) -> bool:
    """Whether the term is a constant equal to a number (1, 1.0 and True alike)."""
    return term.kind is Kind.CONST and not isinstance(term.value, str) and Fraction(term.value) == value


NECESSARY: tuple[Rule, ...] = (fold_constants, fold_selects, causal_order, choose_known)
"""What lowering relies on, and what makes a constant of a constant's text (`compiler.program.writing`)."""

RULES: tuple[Rule, ...] = (
    *NECESSARY,
    fold_selector_logic,
    count_by_reciprocal,
    width_without_first,
    round_whole,
    read_constant,
    cancel_constants,
    width_of_order,
    sum_from_mean,
    all_but_mine,
    exists_from_count,
    exists_trivially,
    drop_neutral,
    double_negation,
)
