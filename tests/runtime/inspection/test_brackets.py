"""Formulas with fewer brackets: they read as before."""

from __future__ import annotations

import random
from dataclasses import fields

import pytest

from rasp.syntax import tree
from rasp.syntax.parser import read_statements
from runtime.inspection.brackets import fewer_brackets, plain_minus

OPERATORS = ["+", "-", "*", "/", "%", "^", "==", "<", ">=", "and", "or"]


@pytest.mark.parametrize(
    ("formula", "bare"),
    [
        ("((length - 1) - indices)", "length - 1 - indices"),
        ("(a - (b - c))", "a - (b - c)"),
        ("((a * b) % (c * b))", "a * b % (c * b)"),
        ("((a ^ b) ^ c)", "(a ^ b) ^ c"),
        ("((-a) ^ 2)", "(-a) ^ 2"),
        ("(a - (-1))", "a - -1"),
        ("(x + (1/3))", "x + 1/3"),
        ("(not (a < b))", "not (a < b)"),
        ("((not a) == b)", "(not a) == b"),
        ("((a and b) and c)", "a and b and c"),
        ("((a and b) or c)", "(a and b) or c"),
        ("(a if b else (c if d else e))", "a if b else (c if d else e)"),
        ("((x in [1, (-2)]) and y)", "(x in [1, -2]) and y"),
        ("((x + y))[(z + 1)]", "(x + y)[z + 1]"),
        ('{"(": (1 + 2), ")": 3}[tokens]', '{"(": 1 + 2, ")": 3}[tokens]'),
        ("f(select((a + 1), (b), ==), (-d))", "f(select(a + 1, b, ==), -d)"),
        ("(1.5 + (a - 1))", "1.5 + (a - 1)"),
    ],
)
def test_brackets_stand_where_they_are_needed(formula: str, bare: str) -> None:
    assert fewer_brackets(formula) == bare


@pytest.mark.parametrize("seed", range(40))
def test_a_formula_with_fewer_brackets_is_read_as_the_same(seed: int) -> None:
    formula = bracketed(random.Random(seed), 4)
    assert read(fewer_brackets(formula)) == read(formula)


def bracketed(rng: random.Random, depth: int) -> str:
    """A random formula with brackets around every operation."""

    def part() -> str:
        return bracketed(rng, depth - 1)

    match rng.randrange(7) if depth else 0:
        case 0:
            return rng.choice(["a", "b", "2", '"("', "(1/3)", "(-2)"])
        case 1:
            return f"({rng.choice(['-', 'not ', '+'])}{part()})"
        case 2:
            return f"({part()} if {part()} else {part()})"
        case 3:
            return f'({part()} in ["a", 2])'
        case 4:
            return f"aggregate(select({part()}, {part()}, ==), {part()}){rng.choice(['', '[a]'])}"
        case _:
            return f"({part()} {rng.choice(OPERATORS)} {part()})"


def read(formula: str) -> object:
    """The syntax tree, without its brackets and places."""
    [statement] = read_statements(f"{formula};", "")
    assert isinstance(statement, tree.Syntax)
    return plain(statement)


def plain(node: object) -> object:
    if isinstance(node, tree.Parenthesised):
        return plain(node.inner)
    if isinstance(node, tree.Syntax):
        return type(node), *(plain(getattr(node, each.name)) for each in fields(node) if each.name != "span")
    return tuple(map(plain, node)) if isinstance(node, tuple) else node


@pytest.mark.parametrize(
    ("given", "written"),
    [
        ("indices + -1", "indices - 1"),
        ("a + -12 + b", "a - 12 + b"),
        ("a + -2 % 7", "a + -2 % 7"),
        ("a + -2 ^ 2", "a + -2 ^ 2"),
        ("a + -b", "a + -b"),
        ('"+ -1" + -1', '"+ -1" - 1'),
    ],
)
def test_a_negative_number_that_is_added_is_taken_off(given: str, written: str) -> None:
    """Only where nothing behind it would then be read with it."""
    assert plain_minus(given) == written
