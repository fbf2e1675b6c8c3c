"""Called by the parser for each grammar rule: the words and nodes it matched -> one syntax node.

Every method has the name of a rule (or of its `->` alias) in rasp.lark and takes all that the rule matched,
punctuation included, so that a node's span runs from the first child to the last.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any, cast

from rasp.errors import LimitError, RaspSyntaxError, Span
from rasp.limits import MAX_BITS
from rasp.syntax import tree
from rasp.syntax.tree import Expression, Identifier, Statement, Syntax
from rasp.words import Comparison, Operator

Children = list[Any]
LONGEST_NUMERAL = int(MAX_BITS * 0.3)  # digits


@dataclass(frozen=True)
class Word:
    """One token of the text; `type` is the name of its terminal in rasp.lark."""

    type: str
    text: str
    span: Span


def span_of(children: Children) -> Span:
    """From the first child to the last."""
    first, last = children[0], children[-1]
    while isinstance(first, list):
        first = first[0]
    while isinstance(last, list):
        last = last[-1]
    return cast(Span, first.span.until(last.span))


def expressions(children: Children) -> tuple[Expression, ...]:
    """The expressions among the children, also those in a list of them."""
    found: list[Expression] = []
    for child in children:
        if isinstance(child, Expression):
            found.append(child)
        elif isinstance(child, list):
            found += [item for item in child if isinstance(item, Expression)]
    return tuple(found)


def names_in(children: Children) -> tuple[Identifier, ...]:
    """The names of the first list of names among the children."""
    for child in children:
        if isinstance(child, list) and child and isinstance(child[0], Identifier):
            return tuple(child)
    return ()


def which_in(children: Children) -> tree.Which | None:
    """`s-op` or `selector`, if a command names one."""
    words = [child.text for child in children if isinstance(child, Word)]
    return "s-op" if "s-op" in words else "selector" if "selector" in words else None


def identifier(word: Word) -> Identifier:
    return Identifier(word.span, word.text)


class TreeBuilder:
    """One method per rule; see the module's text."""

    # Parts of rules

    def names(self, children: Children) -> list[Identifier]:
        return [identifier(word) for word in children if word.type == "NAME"]

    def exprs(self, children: Children) -> list[Syntax]:
        return [child for child in children if isinstance(child, Syntax)]

    def items(self, children: Children) -> list[Statement]:
        return children

    def which(self, children: Children) -> Word:
        return cast(Word, children[0])

    def comparison(self, children: Children) -> Word:
        return cast(Word, children[0])

    def pair(self, children: Children) -> list[Syntax]:
        return [children[0], children[2]]

    # Statements

    def statement(self, children: Children) -> Statement:
        return cast(Statement, children[0])

    def expression_statement(self, children: Children) -> Statement:
        return tree.ExpressionStatement(span_of(children), children[0])

    def assignment(self, children: Children) -> Statement:
        return tree.Assignment(span_of(children), tuple(children[0]), tuple(children[2]))

    def draw(self, children: Children) -> Statement:
        sop, *rest = expressions(children)
        return tree.Draw(span_of(children), sop, rest[0] if rest else None)

    def load(self, children: Children) -> Statement:
        return tree.Load(span_of(children), children[1].text[1:-1])

    def function(self, children: Children) -> Statement:
        brace = next(i for i, child in enumerate(children) if getattr(child, "type", "") == "LBRACE")
        parameters, body = names_in(children[:brace]), tuple(children[brace + 1])
        results = tuple(children[brace + 3])
        return tree.FunctionDefinition(span_of(children), identifier(children[1]), parameters, body, results)

    def loop(self, children: Children) -> Statement:
        return tree.Loop(span_of(children), tuple(children[1]), children[3], tuple(children[5]))

    # Commands

    def set_example(self, children: Children) -> Statement:
        return tree.SetExample(span_of(children), which_in(children), children[-1])

    def show_example(self, children: Children) -> Statement:
        return tree.ShowExample(span_of(children), which_in(children))

    def examples(self, children: Children) -> Statement:
        return tree.Examples(span_of(children), which_in(children), children[-1].type == "ON")

    def full_display(self, children: Children) -> Statement:
        return tree.FullDisplay(span_of(children), children[-1].type == "ON")

    def leave(self, children: Children) -> Statement:
        return tree.Leave(span_of(children))

    # Expressions

    def name(self, children: Children) -> Expression:
        return tree.Name(children[0].span, children[0].text)

    def integer(self, children: Children) -> Expression:
        return tree.Constant(children[0].span, int(self._numeral(children[0])), children[0].text)

    def decimal(self, children: Children) -> Expression:
        return tree.Constant(children[0].span, Fraction(self._numeral(children[0])), children[0].text)

    def _numeral(self, word: Word) -> str:
        if len(word.text) > LONGEST_NUMERAL:
            raise LimitError(f"a number of more than {LONGEST_NUMERAL:,} digits", span=word.span)
        return word.text

    def string(self, children: Children) -> Expression:
        return tree.Constant(children[0].span, children[0].text[1:-1], children[0].text)

    def parenthesised(self, children: Children) -> Expression:
        return tree.Parenthesised(span_of(children), children[1])

    def list_display(self, children: Children) -> Expression:
        return tree.ListDisplay(span_of(children), expressions(children))

    def dict_display(self, children: Children) -> Expression:
        pairs = [(child[0], child[1]) for child in children if not isinstance(child, Word)]
        return tree.DictDisplay(span_of(children), tuple(pairs))

    def list_comprehension(self, children: Children) -> Expression:
        return tree.ListComprehension(span_of(children), children[1], tuple(children[3]), children[5])

    def dict_comprehension(self, children: Children) -> Expression:
        key, value, source = expressions(children)
        return tree.DictComprehension(span_of(children), key, value, names_in(children), source)

    def builtin(self, children: Children) -> Expression:
        return tree.Builtin(span_of(children), children[0].text, expressions(children))

    def select(self, children: Children) -> Expression:
        keys, queries = expressions(children)
        return tree.SelectExpression(span_of(children), keys, queries, Comparison(children[-2].text))

    def aggregate(self, children: Children) -> Expression:
        selector, values, *default = expressions(children)
        return tree.AggregateExpression(span_of(children), selector, values, default[0] if default else None)

    def index(self, children: Children) -> Expression:
        return tree.Index(span_of(children), children[0], children[2])

    def call(self, children: Children) -> Expression:
        return tree.Call(span_of(children), children[0], expressions(children[2:]))

    def unary(self, children: Children) -> Expression:
        operator = {"not": Operator.NOT, "-": Operator.NEG, "+": Operator.POS}[children[0].text]
        return tree.Unary(span_of(children), operator, children[1])

    def binary(self, children: Children) -> Expression:
        operator = Operator(children[1].text)
        if operator is Operator.NE and all(isinstance(inner(c), tree.Constant) for c in children[::2]):
            raise RaspSyntaxError(
                "`!=` is known only to s-ops and `select`", span=children[1].span, hint="write `not (a == b)`"
            )
        return tree.Binary(span_of(children), operator, children[0], children[2])

    def ternary(self, children: Children) -> Expression:
        return tree.Ternary(span_of(children), children[0], children[2], children[4])

    def membership(self, children: Children) -> Expression:
        return tree.Membership(span_of(children), children[0], children[2])


def inner(expression: Expression) -> Expression:
    """What stands in the brackets round an expression, if there are any."""
    while isinstance(expression, tree.Parenthesised):
        expression = expression.inner
    return expression
