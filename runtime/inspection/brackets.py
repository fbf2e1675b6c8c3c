"""Formulas with no brackets but those that they take: `(length - 1) - indices` is `length - 1 - indices`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

TOKENS = re.compile(r'(\s*)("[^"]*"|[\w.]+|[<>=!]=|\S)')

BRACKETS = re.compile(r"[()]")

ADDED = re.compile(r'("[^"]*")|\+ -(?=\d+(?:\.\d+)?(?![\d.]*\s*[\^/*%]))')
"""A negative number that is added, with nothing behind it that binds tighter; or a string."""

WORD, IN, CHOICE, LOGIC, COMPARED, SUM, REMAINDER, PRODUCT, POWER, PREFIX = 99, 0, 1, 2, 3, 4, 5, 6, 7, 8
"""How tightly a formula binds: what has no operator outside of brackets, and the operators."""

LEVELS = {
    "in": IN,
    "if": CHOICE,
    "else": CHOICE,
    "%": REMAINDER,
    "^": POWER,
    **dict.fromkeys(("and", "or"), LOGIC),
    **dict.fromkeys(("==", "!=", "<=", ">=", "<", ">"), COMPARED),
    **dict.fromkeys("+-", SUM),
    **dict.fromkeys("*/", PRODUCT),
}

SIGNS = ("-", "+", "not")
"""Before their only operand; two of them stand between operands, too."""

OPENING, CLOSING, BETWEEN = "([{", ")]}", ",:"


class Piece(NamedTuple):
    """What stands between two brackets or commas piece by piece: the white space before it, its text, and how
    tightly it binds by which operator. `role`: "group" if brackets were around it, "operator", "sign",
    "behind" for the arguments of a call and an index, "apart" for commas, else "".
    """

    space: str
    text: str
    level: int = WORD
    operator: str = ""
    role: str = ""


def fewer_brackets(formula: str) -> str:
    """The formula without the brackets that it needs neither to be read as it is nor for people who know
    other languages; what is none, as `tokens in {), ]}`, as it is.
    """
    fewer = _sequence(TOKENS.findall(formula), 0)[0].text.strip()
    return fewer if BRACKETS.sub("", fewer) == BRACKETS.sub("", formula).strip() else formula


def plain_minus(formula: str) -> str:
    """The formula with `indices + -1` as `indices - 1`."""
    return ADDED.sub(lambda found: found[1] or "- ", formula)


def _sequence(tokens: Sequence[tuple[str, str]], at: int) -> tuple[Piece, int]:
    """What stands from a place on to the bracket that closes there, and that bracket's place."""
    pieces: list[Piece] = []
    while at < len(tokens) and tokens[at][1] not in CLOSING:
        space, token = tokens[at]
        before = pieces[-1].role if pieces else "apart"
        operand_is_next = before in ("apart", "operator", "sign")
        if token in OPENING:
            inner, end = _sequence(tokens, at + 1)
            close = "".join(tokens[end]) if end < len(tokens) else ""
            if token == "(" and operand_is_next:
                pieces.append(inner._replace(space=space, role="group"))
            else:
                pieces.append(
                    Piece(space, token + inner.text + close, role="" if operand_is_next else "behind")
                )
            at = end
        elif token in BETWEEN:
            pieces.append(Piece(space, token, role="apart"))
        elif token in SIGNS and operand_is_next:
            pieces.append(Piece(space, token, PREFIX, token, "sign"))
        elif token in LEVELS:
            pieces.append(Piece(space, token, LEVELS[token], token, "operator"))
        else:
            pieces.append(Piece(space, token))
        at += 1
    return _joined(pieces), at


def _joined(pieces: Sequence[Piece]) -> Piece:
    """The pieces as one, those that need none without brackets."""
    ends = Piece("", "", role="apart")
    text = ""
    for left, piece, right in zip([ends, *pieces], pieces, [*pieces[1:], ends], strict=False):
        kept = piece.role == "group" and not (_follows(left, piece) and _precedes(piece, right))
        text += piece.space + (f"({piece.text})" if kept else piece.text)
    operators = [piece for piece in pieces if piece.role in ("operator", "sign")]
    level = min((piece.level for piece in operators), default=WORD)
    if not operators and len(pieces) == 1:
        level, operator = pieces[0].level, pieces[0].operator
    else:
        loosest = {piece.operator for piece in operators if piece.level == level}
        operator = loosest.pop() if len(loosest) == 1 else ""
    return Piece("", text, level, operator)


def _follows(left: Piece, operand: Piece) -> bool:
    """Whether an operand can stand without brackets behind what is left of it."""
    least = {PREFIX: PREFIX, REMAINDER: POWER}  # people expect remainders to bind as products do
    return left.role == "apart" or operand.level >= least.get(left.level, left.level + 1)


def _precedes(operand: Piece, right: Piece) -> bool:
    """Whether an operand can stand without brackets before what is right of it."""
    if right.role in ("apart", "behind"):
        return right.role == "apart" or operand.level == WORD
    if right.level in (IN, CHOICE):
        return operand.level >= (SUM if right.level == IN else LOGIC)
    if operand.level == right.level:
        return right.level in (SUM, PRODUCT) or (
            operand.operator == right.operator and right.level in (LOGIC, REMAINDER)
        )
    surprising = (operand.operator == "not" and right.level == COMPARED) or (
        operand.level == PREFIX and right.level == POWER
    )
    return operand.level > right.level and not surprising
