"""Soft programs as weights."""

from __future__ import annotations

import numpy as np

import rasp
from compiler.graph.building import build
from compiler.request import Basis, Request
from compiler.soft.assembly import assemble, merged
from compiler.soft.building import soften
from compiler.values.settling import settle
from runtime.weights import Config, Weights, check, named_arrays


def assembled(source: str, basis: Basis = "fewest", margin: float = 8) -> tuple[Config, Weights]:
    asked = Request(tuple("abcd"), 4, style="soft", basis=basis)
    settled = settle(build(rasp.parse(source).main, asked), asked)
    return assemble(soften(settled.root, settled.domains, basis), asked, margin)[:2]


COUNT = 'x = selector_width(select(tokens, "a", ==));'


def test_one_hot_has_a_column_for_each_value_and_fewest_for_what_is_told_apart() -> None:
    names = [column.name for column in assembled(COUNT, "one-hot")[0].columns]
    assert [name for name in names if name.startswith("tokens")] == [f"tokens = {t}" for t in "abcd"]
    few = [column.name for column in assembled(COUNT)[0].columns]
    assert [name for name in few if name.startswith("tokens")] == ["tokens = b or c or d"]
    assert not [name for name in few if name.startswith("indices")]


def test_columns_that_are_merged_already_stay_as_they_are() -> None:
    config, weights = assembled(COUNT)
    assert merged(config, weights) == (config, weights)


def test_the_weights_fit_and_are_small() -> None:
    config, weights = assembled("x = selector_width(select(tokens, tokens, ==));", margin=16)
    check(config, weights)
    assert max(float(np.abs(array).max()) for array in named_arrays(weights).values() if array.size) < 12


def test_everything_but_the_share_is_0_at_bos() -> None:
    from runtime.transformer import numpy_forward

    seen: list[np.ndarray] = []
    config, weights = assembled("x = selector_width(select(tokens, tokens, ==));")

    def look(x: np.ndarray) -> np.ndarray:
        seen.append(x)
        return x

    numpy_forward.forward(weights, np.array([[0, 1, 1]]), np.array([2]), False, {2: look})
    nonzero = {c.name for c, v in zip(config.columns, seen[0][0, 0], strict=True) if abs(v) > 1e-4}
    assert nonzero == {"bos", "share of bos for x"}
