"""How a residual column reads: the s-op that it belongs to, whether it holds truths, what to call it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from runtime.weights import Column

TELLING = re.compile(r"( (in \{.*\}|>= .*|= .*|squared|feature))?( #\d+)?$", re.DOTALL)
"""What stands behind the s-op's name in the names of its columns."""

INDICATOR = re.compile(r" (in \{.*\}|>= .*|= .*)$", re.DOTALL)
STATEMENT = re.compile(r"^([A-Za-z_]\w*) = (.*);$")
TRUTH = re.compile(r"==|!=|<=|>=|<|>|and|or|in")
PIECE = re.compile(r'"[^"\n]*"|[()\[\]{}]|[^\s()\[\]{}"]+')


def base_name(column: Column) -> str:
    """The s-op that a column belongs to: its name without what tells its columns apart."""
    base = TELLING.sub("", column.name)
    return base if base and balanced(base) else column.name


def balanced(text: str) -> bool:
    """Whether every bracket that opens also closes: else an expression has been cut in two."""
    return all(text.count(opening) == text.count(closing) for opening, closing in ("()", "[]", "{}"))


def shown_name(column: Column) -> str:
    """The column's name as views show it. What is called `rank squared` is any quadratic of the rank: a
    head's key, made so that the nearest query scores highest.
    """
    base, _, number = column.name.partition(" squared")
    return f"{base} quadratic{number}" if base_name(column) == base != column.name else column.name


def shown_meaning(column: Column) -> str:
    """What the column means, in words."""
    if shown_name(column) == column.name:
        return column.meaning
    return (
        f"A quadratic function of {base_name(column)}, a head's key: the nearest query scores highest. "
        f"In traces it is called {column.name}."
    )


def is_truth(column: Column, program: str) -> bool:
    """Whether the column holds 1 for true and 0 for false, as its name or the model's program shows."""
    if column.labels is not None or column.scale != 1:
        return False
    base = base_name(column)
    if base != column.name.partition(" #")[0]:
        return INDICATOR.search(column.name) is not None
    statements = (STATEMENT.match(line) for line in program.splitlines())
    written = {found[1]: found[2] for found in statements if found is not None}
    return compares(written.get(base, base))


def compares(expression: str) -> bool:
    """Whether an expression in brackets gives truths: by the operators that stand directly in it."""
    if not (expression.startswith("(") and expression.endswith(")")):
        return False
    outer = list(outermost(expression[1:-1]))
    if outer[:1] == ["not"]:
        return True
    return "if" not in outer and any(TRUTH.fullmatch(piece) for piece in outer)


def outermost(text: str) -> Iterator[str]:
    """The words and signs of a text that stand within no brackets."""
    depth = 0
    for found in PIECE.finditer(text):
        if found[0] in "([{":
            depth += 1
        elif found[0] in ")]}":
            depth -= 1
        elif depth == 0:
            yield found[0]
