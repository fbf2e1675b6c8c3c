"""The questions that compiling asks of a selection: proved, or taken for unknown."""

from __future__ import annotations

import pytest

from compiler.graph.terms import Kind, reachable
from compiler.selections.facts import Selections
from compiler.values.inference import Domains
from tests.support.worked import asked, stages


@pytest.mark.parametrize(
    ("selector", "one", "always"),
    [
        ("select(indices, 0, ==)", True, True),
        ("select(indices, indices - 1, ==)", True, False),
        ("select(tokens, tokens, ==)", False, True),
        ('select(mark_first_instance(tokens, "a"), True, ==)', True, False),
        ('select(tokens == "a", True, ==)', False, False),  # there may be two
    ],
)
def test_what_a_selector_picks(selector: str, one: bool, always: bool) -> None:
    """At most one key for every query, and at least one for every query."""
    root = stages(f"answer = aggregate({selector}, indices, -1);").built.root
    [read] = [term for term in reachable(root) if term.kind is Kind.AGGREGATE]
    domains = Domains(root, asked())
    conjunctions = domains.conjunctions(read.args[0])
    assert domains.relations.at_most_one(conjunctions) is one
    assert domains.relations.always(conjunctions) is always


def test_the_room_itself() -> None:
    """Its own questions, on the previous position of my class: `turn - 1` within equal tokens is one key."""
    program = """
        turn = selector_width(select(tokens, tokens, ==) and select(indices, indices, <=));
        answer = aggregate(select(tokens, tokens, ==) and select(turn, turn - 1, ==), indices, -1);
    """
    settled = stages(program).settled
    [read] = [t for t in reachable(settled.root) if t.kind is Kind.AGGREGATE]
    selections = settled.domains.relations.selections
    assert isinstance(selections, Selections)
    assert selections.at_most_one(settled.domains.conjunctions(read.args[0]))
