"""What is read over a few positions is what is read at each of them, on all small inputs; such models are
smaller and proved.
"""

from __future__ import annotations

import itertools

import pytest

import compiler
import rasp
from compiler.graph.building import build
from compiler.graph.meaning import values_of
from compiler.graph.terms import READS, Term, reachable
from compiler.pipeline import attempt
from compiler.request import Request, request
from compiler.values import windows
from compiler.values.settling import settle
from rasp.errors import EvaluationError
from runtime.weights import size
from tests.support.sweeps import sweep

HERE = "here = select(indices, indices - 1, >=) and select(indices, indices + 1, <=);"
BEFORE = "here = select(indices, indices, <) and select(2 * indices, 2 * indices - 5, >);"
OTHERS = "here = select(0 - indices, 1 - indices, <=) and select(indices + 1, indices, !=);"

READ = [
    "selector_width(here)",
    "selector_width(here and select(tokens, 1, ==))",
    "selector_width(here and select(tokens, tokens, <))",
    "round(6 * aggregate(here, tokens))",
    "aggregate(here and select(tokens, 0, !=), tokens + indices, 5)",
    "selector_width(here) * aggregate(here, tokens)",
    "has_focus(here and select(tokens, 2, ==))",
    "aggregate(here and select(tokens, indices, ==), indices, 9)",
    "only(here and select(tokens, 2, ==), indices, 7)",
]

EVERY = [tokens for n in range(1, 5) for tokens in itertools.product(range(3), repeat=n)]
INPUTS = [*EVERY[:39], *EVERY[39::4]]
"""All of up to three tokens, and some of four."""


def settled(text: str, causal: bool, *wording: str, length: int = 6) -> Term:
    asked = Request((0, 1, 2), length, causal=causal)
    built = build(rasp.parse(text.replace("tokens", "tokens_int")).main, asked)
    return settle(built, asked, wording).root  # type: ignore[arg-type]


@pytest.mark.parametrize("causal", [False, True])
@pytest.mark.parametrize("here", [HERE, BEFORE, OTHERS], ids=["around", "before", "but one"])
@pytest.mark.parametrize("read", READ)
def test_no_input_tells_a_window_from_its_distances(read: str, here: str, causal: bool) -> None:
    text = f"{here} main = {read};"
    found, as_written = settled(text, causal, "distances"), settled(text, causal)
    for tokens in INPUTS:
        try:
            wanted = values_of(as_written, tokens, causal)
        except EvaluationError:
            continue
        assert values_of(found, tokens, causal) == wanted, tokens


@pytest.mark.parametrize(
    ("selector", "causal", "reads"),
    [
        ("select(indices, indices - 2, >=) and select(indices, indices, <)", False, 2),
        ("select(indices, indices - 2, >=) and select(indices, indices, <=)", False, 2),
        ("select(indices, indices - 2, >=)", True, 2),
        ("select(indices, indices - 2, >=)", False, 1),
        ("select(tokens, 1, ==) and select(indices, indices, <=)", False, 1),
        ("select(indices, indices - 1, >=) and select(indices, indices, <)", False, 1),
        ("select(indices, 2, >=) and select(indices, 4, <)", False, 1),
        ("select(indices, indices - 3, >=) and select(indices, indices + 3, <=)", False, 6),
        ("select(indices, indices - 9, >=) and select(indices, indices + 9, <=)", False, 1),
    ],
)
def test_which_windows_are_taken_apart(selector: str, causal: bool, reads: int) -> None:
    found = settled(f"main = selector_width({selector});", causal, "distances", length=20)
    assert sum(term.kind in READS for term in reachable(found)) == reads


def test_nothing_is_taken_apart_that_cannot_be_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(windows, "LONGEST", 19)
    found = settled(f"{HERE} main = selector_width(here);", False, "distances", length=20)
    assert sum(term.kind in READS for term in reachable(found)) == 1


MOST = {1: 1_200, 3: 1_300, 4: 1_900, 6: 1_000, 8: 1_700}
"""The most parameters that models of some of them may have at 24 positions."""


@pytest.mark.parametrize("number", sweep(MOST, [3, 6]))
def test_models_of_windows_are_small_and_proved(number: int) -> None:
    main = rasp.parse(f"{HERE} main = {READ[number]};".replace("tokens", "tokens_int")).main
    model = compiler.compile(main, (0, 1, 2), 24)
    assert model.costs().parameters < MOST[number]
    proved = compiler.recheck(model)
    assert proved.ok, proved.summary()


def test_a_question_put_to_the_least_is_not_put_at_each_distance() -> None:
    """Causally, whether my token or the one before it is "a": by the least of what is selected in one head;
    the same over two distances takes two, and more than twice as many parameters.
    """
    text = 'main = has_focus(select(indices, indices - 1, >=) and select(tokens, "a", ==));'
    carried = attempt(rasp.parse(text).main, request("ab", 16, causal=True))[0]
    found = size(carried.stored.weights)
    assert (found.heads, found.parameters < 300) == (1, True)


def test_the_fewest_heads_read_windows_whole() -> None:
    main = rasp.parse(f'{HERE} main = has_focus(here and select(tokens, "a", ==));').main
    heads = [
        size(attempt(main, request("ab", 20, heads=heads))[0].stored.weights).heads
        for heads in ("any", "fewest")
    ]
    assert heads == [3, 1]
