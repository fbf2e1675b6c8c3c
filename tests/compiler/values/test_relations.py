"""Relations: what is true of a selection on every input."""

from __future__ import annotations

from compiler.values.relations import Relations
from tests.support.worked import assert_text, stages

SELECTORS = {
    "first": "select(indices, 0, ==)",
    "next": "select(indices, indices + 1, ==)",
    "opposite": "select(indices, length - 1 - indices, ==)",
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
