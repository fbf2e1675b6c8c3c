"""A selector's parts: as many as the model has heads, disjoint, and together the selector."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

import rasp
from compiler.pipeline import run
from compiler.request import request
from rasp.drawing.flow import flow_of
from rasp.drawing.parts import parts
from rasp.graph.sops import Read, Selector, in_order


def selector_of(text: str) -> Selector:
    read = rasp.parse(f"i = indices; t = tokens_asis; answer = selector_width({text});").main
    return next(node.selector for node in in_order(read) if isinstance(node, Read))


@pytest.mark.parametrize(
    ("text", "shares"),
    [
        ("select(t, t, ==) and select(i, i, <)", ()),
        ("select(i, i, <) or select(i, i, ==)", ()),  # <=
        ("select(t, 'a', ==) or select(i, 0, ==)", ()),  # a question to the key alone
        (
            "select(i, i, <) or (select(t, t, ==) and select(i, i, >))",
            ("select(i, i, <)", "select(i, i, >) and select(t, t, ==)"),
        ),
        (
            "select(t, t, ==) or select(i, t, ==)",
            ("select(tokens, tokens, !=) and select(i, t, ==)", "select(t, t, ==)"),
        ),
        (
            "select(i, i, ==) or (select(t, 'a', ==) or select(t, 'b', ==))",
            (
                "select(indices, indices, !=) and (select(t, 'a', ==) or select(t, 'b', ==))",
                "select(i, i, ==)",
            ),
        ),
    ],
)
def test_what_each_head_does(text: str, shares: tuple[str, ...]) -> None:
    double = text.replace("'", '"')
    root = rasp.parse(f"i = indices; t = tokens_asis; answer = selector_width({double});").main
    [head] = flow_of(root).stages[1].heads
    assert sorted(share.text for share in head.shares) == sorted(each.replace("'", '"') for each in shares)


@pytest.mark.parametrize(("name", "given"), [("most_freq", "abbccddd"), ("median", [3, 1, 2, 2])])
def test_each_cell_is_of_one_head(name: str, given: object) -> None:
    for head in (head for stage in flow_of(rasp.load(name).main, given).stages for head in stage.heads):
        shared = [share.matrix for share in head.shares]
        for i, row in enumerate(head.matrix or ()):
            for j, chosen in enumerate(row if shared else ()):
                assert sum(each[i][j] for each in shared if each) == chosen


@pytest.mark.parametrize(
    ("name", "vocab", "heads"),
    [
        ("most_freq", "abc", [2, 2, 1]),
        ("sort", range(3), [2, 1]),
        ("hist", "abc", [1]),
        ("peaks", range(3), [2]),
    ],
)
def test_a_layer_has_the_heads_of_the_model(name: str, vocab: Iterable[str | int], heads: list[int]) -> None:
    main = rasp.load(name).main
    weights = run(main, request(vocab, 3)).stored.weights
    assert [*flow_of(main).heads_by_layer] == [len(layer.w_q) for layer in weights.layers] == heads


def test_too_many_parts_are_not_told_apart() -> None:
    both = " and ".join(f"(select(i + {n}, t, ==) or select(t, i + {n}, ==))" for n in range(9))
    assert parts(selector_of(both.replace("t, ", "i * 2, "))) == [{}]
