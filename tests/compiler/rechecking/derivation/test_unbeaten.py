"""What nothing beats, by three positions."""

from __future__ import annotations

import pytest

from compiler.graph.terms import Graph
from compiler.rechecking.derivation.unbeaten import are_unbeaten, opened, rising
from rasp.words import Operator
from tests.support.derivations import term

AMONG = 'select(tokens, "a", ==)'
OWN = "select(indices % 2 == indices, True, ==)"
HALF = "select(indices, indices % 2, ==)"
AGAIN = "has_focus(select(tokens, tokens, ==) and select(indices, indices, <))"


@pytest.mark.parametrize(
    ("among", "beats", "values", "so"),
    [
        (AMONG, f"{AMONG} and select(indices, indices, <)", "indices", True),
        (AMONG, f"{AMONG} and select(indices, indices, <=)", "indices", False),
        (HALF, f"{HALF} and select(indices, indices, <)", "indices", False),  # another query asks for others
        (AMONG, f"{AMONG} and select(indices, indices, <)", "0 - indices", False),
        (OWN, f"{OWN} and select(indices, indices, <)", "indices", True),
        (AMONG, f"{AMONG} and select(indices, indices, >)", "0 - indices", True),
        (AMONG, f"{AMONG} and select(indices, indices, <)", "indices - 1", True),
        (AMONG, f"{AMONG} and select(indices, indices, >)", "2 * indices", False),
        (AMONG, f"{AMONG} and select(indices, indices, <)", "indices * 1", True),
        (AMONG, f"{AMONG} and select(indices, indices, >)", "indices * 1", False),
        (AMONG, f"{AMONG} and select(indices, indices, <)", "indices + length", False),
        (AMONG, f"{AMONG} and select(indices, indices, <)", 'indices + aggregate(full_s, "a")', False),
        (AMONG, 'select(tokens, "b", ==) and select(indices, indices, <)', "indices", False),
        (AMONG, 'select(tokens == "a", True, ==) and select(indices, indices, <)', "indices", True),
        (
            f"{AMONG} and select(indices == 0, False, ==)",
            'select(tokens == "a" and not (indices == 0), True, ==) and select(indices, indices, <)',
            "indices",
            True,
        ),
        (
            AMONG,
            'select(tokens == "a" and not (indices == 0), True, ==) and select(indices, indices, <)',
            "indices",
            False,
        ),
        (
            f"select({AGAIN}, True, ==)",
            f"select(not {AGAIN}, False, ==) and select(indices, indices, <)",
            "indices",
            True,
        ),
        (
            f"select({AGAIN}, True, ==)",
            f"select(not {AGAIN}, True, ==) and select(indices, indices, <)",
            "indices",
            False,
        ),
    ],
)
def test_what_beats_a_key_has_less(among: str, beats: str, values: str, so: bool) -> None:
    graph = Graph(causal=False)
    one, other, value = (term(graph, text) for text in (among, beats, values))
    assert are_unbeaten(graph, one, other, value) is so


def test_flags_are_opened() -> None:
    graph = Graph(causal=False)
    said = term(graph, 'select(tokens == "a" and not (indices == 0), True, ==)')
    wanted = 'select(tokens, "a", ==) and not select(indices, 0, ==)'
    assert opened(graph, said) is term(graph, wanted)


@pytest.mark.parametrize(
    ("operator", "number", "first", "sign"),
    [
        (Operator.ADD, -3, False, 1),
        (Operator.ADD, 2, True, 1),
        (Operator.SUB, 2, False, 1),
        (Operator.SUB, -3, False, 1),
        (Operator.SUB, 2, True, -1),
        (Operator.MUL, 2, False, 1),
        (Operator.MUL, -3, True, -1),
        (Operator.MUL, 0, False, None),
        (Operator.MOD, 2, False, None),
        (Operator.DIV, 2, True, None),
    ],
)
def test_what_rises_with_another(operator: Operator, number: int, first: bool, sign: int | None) -> None:
    """A number is added to the other, or multiplies it; what does not rise with it stands for itself."""
    graph = Graph(causal=False)
    index, limit = graph.indices(), graph.const(number)
    made = graph.operation(operator, *((limit, index) if first else (index, limit)))
    assert rising(made) == ((made, 1) if sign is None else (index, sign))
    negated = graph.operation(Operator.NEG, made)
    assert rising(negated) == ((made, -1) if sign is None else (index, -sign))
