"""Steps of Adam, and what is told of them."""

from __future__ import annotations

import builtins
from typing import Any

import numpy as np
import pytest

from compiler.lab.training import Teller, descend, extra, falling
from compiler.underway import Underway
from rasp.errors import RaspError


def test_several_runs_go_side_by_side() -> None:
    pytest.importorskip("optax")
    import jax
    import jax.numpy as jnp

    def loss(x: Any, _key: Any) -> Any:
        return (x**2).sum()

    starts, key = jnp.array([[1.0, -1.0], [2.0, 3.0]]), jax.random.PRNGKey(0)
    seen = list(descend(loss, starts, falling(0.1, 120), 120, key, runs=True))
    assert [point.taken for point in seen] == [50, 100, 120]
    assert all(point.losses.shape == (2,) for point in seen)
    assert seen[-1].losses.max() < seen[0].losses.min()
    [alone] = descend(loss, starts[0], falling(0.1, 120), 50, key)
    assert np.allclose(alone.parameters, seen[0].parameters[0], atol=1e-6)
    [again, _, last] = descend(loss, starts, falling(0.1, 120), 120, key, runs=True, begun=seen[0])
    assert again is seen[0]
    assert np.array_equal(last.parameters, seen[-1].parameters)


def test_how_long_it_takes_is_told_once_it_is_known() -> None:
    told: list[Underway] = []
    times = iter([10.0, 14.0])
    teller = Teller(told.append, 300, lambda: next(times))
    teller.tell(100, "a")
    teller.tell(200, "b")
    assert told == [Underway("step 100 of 300, a"), Underway("step 200 of 300, b", 4.0)]
    Teller(None, 1).tell(1, "nobody looks")


def test_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def without(name: str, *rest: Any) -> Any:
        if name == "optax":
            raise ImportError(name)
        return real(name, *rest)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(RaspError, match="training needs optax") as refused:
        extra()
    assert refused.value.hint == 'pip install "rasp-compiler[lab]"'
