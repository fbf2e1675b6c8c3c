"""The transformer that learns: its shapes, what it may see, and positions as waves."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from compiler.lab.learner import Shape, apply, begun, normalized, waves

pytest.importorskip("optax", reason="TRAINING WAS NOT TESTED: pip install '.[lab]'")


def test_shapes_and_what_is_seen() -> None:
    shape = Shape(2, 2, 8, 16)
    parameters = begun(shape, tokens=3, length=4, labels=5, key=jax.random.PRNGKey(0))
    ids = jnp.array([[0, 1, 2, 0, 0]])
    visible = jnp.arange(5)[None, None, None, :] <= 2
    run = jax.jit(apply)
    logits, patterns = run(parameters, ids, visible)
    assert logits.shape == (1, 4, 5)
    assert [pattern.shape for pattern in patterns] == [(1, 2, 5, 5)] * 2
    assert np.allclose(patterns[0].sum(-1), 1)
    assert not patterns[0][..., 3:].any()
    other, _ = run(parameters, ids.at[0, 4].set(3), visible)
    assert np.allclose(logits[:, :2], other[:, :2])


def test_waves() -> None:
    made = jax.eval_shape(lambda key: begun(Shape(1, 1, 8, 8, True), 2, 3, 2, key), jax.random.PRNGKey(0))
    assert "positions" not in made
    found = waves(3, 4)
    assert found[0].tolist() == [0, 1, 0, 1]
    assert np.allclose(found[2, :2], [np.sin(2), np.cos(2)])


def test_normalized() -> None:
    x = normalized(jnp.array([[[1.0, 3.0]]]), jnp.array([1.0, 2.0]))
    assert np.allclose(x, [[[-1, 2]]], atol=1e-4)
