"""Groupings that surprise: what an expression means, and what its writer probably meant.

The same findings are hints where such an expression fails and warnings where it does not.
"""

from __future__ import annotations

from rasp.errors import RaspError
from rasp.syntax import tree
from rasp.syntax.tree import Expression
from rasp.words import COMPARISONS, Operator


def surprise(expression: Expression) -> str | None:
    """What is surprising about how the expression groups, or None."""
    match expression:
        case tree.Binary(operator=operator, left=left) if operator in COMPARISONS:
            sign = operator.value
            if isinstance(left, tree.Unary) and left.operator is Operator.NOT:
                return f"`not x {sign} y` means `(not x) {sign} y`; write `not (x {sign} y)`"
            if isinstance(left, tree.Binary) and left.operator in COMPARISONS:
                chain = f"a {left.operator.value} b {sign} c"
                return f"`{chain}` compares a bool with c; write `a {left.operator.value} b and b {sign} c`"
        case tree.Membership(item=tree.Unary(operator=Operator.NOT)):
            return "`not x in l` means `(not x) in l`; write `not (x in l)`"
        case tree.Membership(container=tree.Binary() | tree.Ternary()):
            return "`in` binds loosest of all; put it in brackets, as in `(x in l) and y`"
        case tree.Membership(item=tree.Binary(operator=Operator.AND | Operator.OR)):
            return "`in` binds loosest of all; put it in brackets, as in `y and (x in l)`"
    return None


def unusual_grouping(expression: Expression) -> str | None:
    """What to warn of: whatever is surprising, and chains that other languages group in another way."""
    match expression:
        case tree.Ternary(then=tree.Ternary()):
            return "`a if p else b if q else c` means `(a if p else b) if q else c`; use brackets"
        case tree.Binary(operator=Operator.AND, left=tree.Binary(operator=Operator.OR)):
            return "`a or b and c` means `(a or b) and c`; use brackets"
        case tree.Binary(operator=Operator.POW, left=tree.Binary(operator=Operator.POW)):
            return "`a ^ b ^ c` means `(a ^ b) ^ c`; use brackets"
        case tree.Binary(operator=Operator.POW, left=tree.Unary(operator=Operator.NEG)):
            return "`-a ^ b` means `(-a) ^ b`; use brackets"
        case tree.Binary(operator=Operator.MOD, right=tree.Binary(operator=Operator.MUL | Operator.DIV)):
            return "`%` binds looser than `*` and `/`; use brackets"
    return surprise(expression)


def add_hint(error: RaspError) -> None:
    """Give an error that happened on an input the hint that its expression suggests."""
    from rasp.syntax.parser import parse_expression  # late: only errors need it

    if error.hint is not None or error.span is None or not error.span.source:
        return
    try:
        error.hint = surprise(parse_expression(error.span.text()))
    except RaspError:
        return  # the span is not an expression
