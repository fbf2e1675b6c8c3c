"""What the compiler noted of the way to its terms."""

from __future__ import annotations

from compiler.certificate.deriving import derived_of
from compiler.graph.terms import Graph, Kind
from rasp.words import Operator
from tests.support.worked import COUNT, assert_text, lines, stages


def test_the_terms_and_their_values() -> None:
    derived = derived_of(stages(COUNT).settled)
    made = derived.made(Graph(causal=False))
    values = (f"{made[number].title}: {domain.text}" for number, domain in derived.domains.items())
    assert_text(
        lines(values),
        """
        selector_width(select(tokens_str, tokens_str, ==)): {1, 2, 3}
        (selector_width(select(..., ..., ==)) == 2): {False, True}
        ("twice" if (selector_width(...) == 2) else "not"): {"not", "twice"}
        """,
    )


def test_each_replacement_is_noted() -> None:
    """The length times a mean of all is their sum."""
    derived = derived_of(stages("answer = length * aggregate(full_s, indices);").settled)
    made = derived.made(Graph(causal=False))
    replaced = ((made[before], made[after]) for before, after in derived.rounds[0].items())
    assert [(before.operator, after.kind) for before, after in replaced] == [(Operator.MUL, Kind.SUM)]
