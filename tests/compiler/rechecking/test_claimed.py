"""What a certificate says of s-ops, and what follows where it says nothing."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from compiler.certificate.derived import Derived
from compiler.graph.terms import INDEX, Graph
from compiler.ranges.domains import Domain, Means, Numbers, int_domain, make_domain
from compiler.rechecking.claimed import Claimed, sums
from compiler.rechecking.report import Unproved
from compiler.request import Request
from tests.support.derivations import term

ASKED = Request((1, 2, 5), 4)


def found(text: str, claims: dict[str, Domain] | None = None, asked: Request = ASKED) -> Domain:
    """The values of an s-op."""
    graph = Graph(asked.causal)
    wanted = term(graph, text)
    terms = [wanted, *(term(graph, each) for each in claims or {})]
    domains = dict(enumerate((claims or {}).values(), 1))
    return Claimed(Derived((), 0, ({},), domains), terms, asked).get(wanted)


UNCLAIMED = {
    "indices": [0, 1, 2, 3],
    "tokens_int": [1, 2, 5],
    "tokens_int + tokens_int": [2, 4, 10],
    "indices * tokens_int": [0, 1, 2, 3, 4, 5, 6, 10, 15],
    "has_focus(select(tokens, 5, ==))": [False, True],
    "selector_width(select(tokens, 5, ==))": [0, 1, 2, 3, 4],
    "only(select(indices, 1, ==), tokens_int)": [0, 1, 2, 5],
    "3 * (tokens_int - 1/3)": [2, 5, 14],
    'aggregate(select(tokens, 5, ==), 3, "x")': [3, "x"],
}


@pytest.mark.parametrize("text", UNCLAIMED)
def test_values_of_which_nothing_is_claimed(text: str) -> None:
    assert list(found(text).values or ()) == UNCLAIMED[text]


def test_what_is_claimed_is_taken() -> None:
    """It is shown apart that there are no others."""
    assert list(found("tokens_int + indices", {"tokens_int + indices": make_domain([7])}).values or ()) == [7]
    assert list(found("indices", {"indices": int_domain(5, 6)}).values or ()) == [0, 1, 2, 3]


def test_means_of_many() -> None:
    domain = found("aggregate(full_s, indices)", asked=Request((1,), 300))
    assert isinstance(domain, Means)
    assert list(domain.ends) == [0, 299]


FIVES = "selector_width(select(tokens, 5, ==))"


@pytest.mark.parametrize(
    ("text", "claims"),
    [
        ("aggregate(full_s, aggregate(full_s, indices))", {}),
        ("aggregate(full_s, indices) * aggregate(full_s, indices + 1)", {}),
        (
            "selector_width(select(tokens, 5, ==))",
            {"selector_width(select(tokens, 5, ==))": make_domain("a")},
        ),
    ],
)
def test_what_is_not_known(text: str, claims: dict[str, Domain]) -> None:
    with pytest.raises(Unproved):
        found(text, claims, Request((1, 2, 5), 300))


def test_what_is_not_a_few_numbers() -> None:
    graph = Graph(causal=False)
    mean = term(graph, "aggregate(full_s, indices)")
    claimed = Claimed(Derived((), 0, ({},), {}), [mean], Request(("a",), 300))
    with pytest.raises(Unproved, match="is not a few numbers"):
        claimed.numbers(mean)
    with pytest.raises(Unproved, match="too many values"):
        claimed.finite(mean)


@pytest.mark.parametrize(
    ("values", "most", "found"),
    [
        (range(3), 7, range(7)),
        (range(3), 6, None),
        ((-2, 4), 10, range(-6, 13, 2)),
        ((-2, 4), 9, None),
        ((2, 4), 10, range(0, 13, 2)),
        ((0,), 1, range(1)),
    ],
)
def test_what_three_numbers_add_up_to(values: Sequence[int], most: int, found: range | None) -> None:
    """Or fewer; None where that is too much."""
    numbers = make_domain(values)
    assert isinstance(numbers, Numbers)
    added = sums(numbers, 3, most)
    assert (None if added is None else [*map(int, added)]) == (None if found is None else list(found))


def test_which_s_op_is_the_position() -> None:
    """That of the program, or one of its own."""
    graph = Graph(causal=False)
    for text, wanted in (("tokens_int + indices", graph.indices()), ("tokens_int + 1", INDEX)):
        assert Claimed(Derived((), 0, ({},), {}), [term(graph, text)], ASKED).positions is wanted
