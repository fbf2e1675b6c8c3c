"""Relations: what is true of a selection on every input."""

from __future__ import annotations

import pytest

from compiler.graph.terms import Kind, reachable
from compiler.values.relations import Relations
from tests.support.worked import assert_text, stages

SELECTORS = {
    "first": "select(indices, 0, ==)",
    "next": "select(indices, indices + 1, ==)",
    "opposite": "select(indices, length - 1 - indices, ==)",
    "rotated": "select(indices, (indices + 3) % length, ==)",
    "rotated back": "select(indices, (indices - 2) % length, ==)",
    "rotated by choice": "select(indices, length - 1 if indices == 0 else indices - 1, ==)",
    "rotated out": "select(indices, length - 2 if indices == 0 else indices - 1, ==)",
    "swapped": "select(indices, indices + 1 if indices % 2 == 0 else indices - 1, ==)",
    "of fewer": "select(indices, (indices + 3) % (length - 1), ==)",
    "of thirds": "select(indices, (indices / 3) % length, ==)",
    "alike": "select(tokens, tokens, ==)",
    "others": "select(indices, indices, !=)",
}


def facts(selector: str) -> str:
    """What is known of a selector."""
    made = stages(f"chosen = {selector}; answer = aggregate(chosen, indices, 0);")
    relations: Relations = made.settled.domains.relations
    parts = made.settled.domains.conjunctions(made.settled.root.args[0])
    known = {
        "at least one": relations.always(parts),
        "at most one": relations.at_most_one(parts),
        "never all": relations.never_all(parts),
    }
    return ", ".join(fact for fact, true in known.items() if true)


def test_what_is_known_of_selections() -> None:
    """Of `first` and `opposite` there is always exactly one, so that a head simply copies; there is no next
    one at the end, where the default is needed; of alike tokens there can be many, so that is a mean.
    """
    assert_text(
        "\n".join(f"{name}: {facts(selector)}" for name, selector in SELECTORS.items()),
        """
        first: at least one, at most one
        next: at most one, never all
        opposite: at least one, at most one
        rotated: at least one, at most one
        rotated back: at least one, at most one
        rotated by choice: at least one, at most one
        rotated out: at most one
        swapped: at most one
        of fewer: at most one
        of thirds: at most one
        alike: at least one
        others: never all
        """,
    )


TWICE = 'every = selector_width(select(tokens, "a", ==) or select(tokens, "a", !=));'
"""As many as the length, but another s-op."""


def test_two_s_ops_that_are_the_length_both_count() -> None:
    """One coefficient took the place of the other, so what is no index was taken for one."""
    made = stages(f"{TWICE} answer = aggregate(select(indices, 2 * length - every - 1, ==), indices, 9);")
    assert made.settled.domains.relations.always(made.settled.domains.conjunctions(made.settled.root.args[0]))
    made = stages(
        f"{TWICE} answer = aggregate(select(indices, length + every - 1 - indices, ==), indices, 9);"
    )
    assert not made.settled.domains.relations.always(
        made.settled.domains.conjunctions(made.settled.root.args[0])
    )


DECIDED = {
    "select(length, length, ==) and select(tokens, tokens, ==)": "1 literal",
    "select(length, length + 1, >=)": "never",
    "select(tokens[0], tokens[0], ==) and select(tokens, tokens, ==)": "1 literal",
    "select(indices, indices + 1, ==) and select(indices, indices + 2, !=)": "1 literal",
    "select(indices, indices + 1, ==) and select(indices + 1, indices + 2, ==)": "1 literal",
    "select(indices, indices + 1, ==) and select(indices + 1, indices + 3, <)": "1 literal",
    "select(indices, indices + 1, ==) and select(2 * indices, indices + 3, <)": "2 literals",
    "select(tokens, tokens, ==) and select(indices, indices, !=)": "2 literals",
    "select(indices, indices + 1, ==) and select(indices, indices + 2, ==)": "never",
    "select(indices, indices + 1, ==) and select(indices - 1, indices, <)": "never",
}


@pytest.mark.parametrize("selector", DECIDED)
def test_an_equality_decides_what_is_compared_in_step_with_it(selector: str) -> None:
    """Of an equal pair, both a little larger: by how much decides how they compare."""
    assert left_of(selector, "length") == DECIDED[selector]


def left_of(selector: str, besides: str, causal: bool = False) -> str:
    """How many literals count of a selector that is counted: of the first way that is left."""
    made = stages(f"chosen = {selector}; answer = selector_width(chosen) + {besides};", causal=causal)
    domains = made.settled.domains
    widths = [t for t in reachable(made.settled.root) if t.kind is Kind.WIDTH]
    counts = [len(part) for width in widths for part in domains.conjunctions(width.args[0]) if part]
    return f"{counts[0]} literal{'s' * (counts[0] > 1)}" if counts else "never"


SEEN = {
    "select(indices, indices + 1, ==)": "never",
    "select(indices, indices + 1, !=) and select(tokens, tokens, ==)": "1 literal",
    "select(indices - 2, indices, >=)": "never",
    "select(indices, indices - 1, ==)": "1 literal",
    "select(indices + 1, indices, ==)": "1 literal",
    "select(-indices, 1 - indices, ==)": "1 literal",
    "select(2 * indices, 2 * indices + 2, ==)": "1 literal",
    "select(indices + 1, indices + 1, ==)": "1 literal",
}


@pytest.mark.parametrize("selector", SEEN)
def test_causally_no_key_lies_ahead(selector: str) -> None:
    assert left_of(selector, "2 * indices", causal=True) == SEEN[selector]
