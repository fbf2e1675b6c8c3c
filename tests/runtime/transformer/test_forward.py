"""The forward pass: exact rounding, padding, masks, the numpy twin, traces and sizes."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from fractions import Fraction
from typing import Any

import jax
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import runtime
from rasp.errors import ModelError, RaspError
from runtime import LabelOutput, Layer, NumberOutput, Weights
from runtime.transformer import forward, numpy_forward, tokens
from runtime.weights import Atom
from tests.support.random_models import GAIN, ROUNDING, build, mean_model, random_inputs, random_model
from tests.support.sweeps import sweep


def naive_logits(weights: Weights, ids: list[int], causal: bool) -> Any:
    """The model's definition again, in float64, one position and one head at a time."""
    x = weights.token_embedding[ids].astype(float) + weights.position_embedding[: len(ids)]
    for layer in weights.layers:
        update = np.zeros_like(x)
        for head in range(len(layer.w_q)):
            q = x @ layer.w_q[head].astype(float) + layer.b_q[head]
            k = x @ layer.w_k[head].astype(float) + layer.b_k[head]
            v = x @ layer.w_v[head].astype(float) + layer.b_v[head]
            for query in range(len(ids)):
                seen = slice(0, query + 1 if causal else len(ids))
                powers = np.exp(k[seen] @ q[query] - (k[seen] @ q[query]).max())
                update[query] += powers @ v[seen] / powers.sum() @ layer.w_o[head].astype(float)
        x = x + snapped(update, layer.b_o)
        hidden = np.maximum(x @ layer.w_in.astype(float) + layer.b_in, 0)
        x = x + snapped(hidden @ layer.w_out.astype(float), layer.b_out)
    return x[1:] @ weights.unembedding.astype(float) + weights.unembedding_bias


def snapped(update: Any, bias: Any) -> Any:
    """Adding the rounding constant rounds to whole numbers, and nothing else is rounded."""
    return np.where(bias == ROUNDING, np.rint(update) + ROUNDING, update + bias)


@pytest.mark.parametrize("causal", [False, True])
@pytest.mark.parametrize("seed", sweep(range(4), [0]))
def test_forward_equals_its_definition(seed: int, causal: bool) -> None:
    some = random_model(seed, causal=causal, heads=(2, 0, 1, 0), neurons=(5, 4, 0, 0))
    for inputs in random_inputs(some, 12, seed):
        expected = naive_logits(some.weights, [0, *some.encode(inputs)], causal)
        np.testing.assert_allclose(some.logits(inputs), expected, rtol=1e-5, atol=1e-3)


@pytest.mark.parametrize("causal", [False, True])
@pytest.mark.parametrize("most", sweep([1, 40, 100], [100]))
def test_queries_that_take_turns(most: int, causal: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """One at a time, two at a time with one left over, five at a time."""
    some = random_model(3, causal=causal, max_length=8, heads=(2, 0, 1), neurons=(5, 4, 0))
    padded = tokens.padded([some.encode("abcab"), some.encode("c")], 2, 7)
    ids, lengths = (jax.numpy.asarray(array) for array in padded)
    whole = forward.forward(some.weights, ids, lengths, causal)
    monkeypatch.setattr(forward, "MOST_SCORES", most)
    in_turn = forward.forward(some.weights, ids, lengths, causal)
    for row, length in enumerate((5, 1)):
        np.testing.assert_allclose(in_turn[row, :length], whole[row, :length], rtol=1e-6, atol=1e-4)


@pytest.mark.parametrize("causal", [False, True])
def test_a_batch_answers_like_each_input_alone(causal: bool) -> None:
    some = random_model(5, causal=causal, max_length=12)
    inputs = random_inputs(some, 35)
    alone = [some(one) for one in inputs]
    assert some.batch(inputs) == alone
    assert some.batch(inputs[::-1]) == alone[::-1]
    assert some.batch([]) == []


def test_padding_is_never_attended_to() -> None:
    some = random_model(6, max_length=30)
    exact = some.run(*tokens.padded([some.encode("abcab")], 1, 6))[0]
    padded = some.run(*tokens.padded([some.encode("abcab"), some.encode("c" * 30)], 4, 31))[0, :5]
    np.testing.assert_allclose(exact, padded, rtol=0, atol=1e-4)
    junk, lengths = tokens.padded([some.encode("abcab")], 1, 31)
    junk[0, 6:] = 3
    np.testing.assert_array_equal(
        some.run(junk, lengths)[0, :5], some.run(*tokens.padded([some.encode("abcab")], 1, 31))[0, :5]
    )


@settings(max_examples=2, deadline=None)
@given(st.integers(0, 10**6), st.booleans())
def test_numpy_twin_gives_the_same_answers(seed: int, causal: bool) -> None:
    some = random_model(seed % 20, causal=causal, max_length=8)
    inputs = random_inputs(some, 16, seed)
    logits = numpy_forward.forward(
        some.weights, *tokens.padded([some.encode(one) for one in inputs], 16, 9), causal
    )
    answers = [
        tokens.decode(some.config.output, row[: len(one)]) for one, row in zip(inputs, logits, strict=True)
    ]
    assert answers == some.batch(inputs)


def rounding_layer(rng: np.random.Generator, d: int, heads: int, neurons: int) -> Layer:
    """One layer that writes every column but the first ten, each with the rounding constant as its bias."""

    def normal(*shape: int) -> Any:
        return rng.normal(size=shape).astype("f")

    bias = np.full(d, np.float32(ROUNDING))
    bias[:10] = 0
    w_o, w_out = normal(heads, 3, d) * 3, normal(neurons, d) * 3
    w_o[..., :10] = w_out[:, :10] = 0
    w_qkv = [normal(heads, d, 3) for _ in range(3)]
    w_in = normal(d, neurons)
    for matrix in (*w_qkv, w_in.T[..., None]):
        matrix[:, 10:] = 0
    w_in[10:] = 0
    b_q, b_k, b_v = (normal(heads, 3) for _ in range(3))
    w_q, w_k, w_v = w_qkv
    read_write = (w_q, b_q, w_k, b_k, w_v, b_v, w_o, bias * (heads > 0))
    return Layer(*read_write, w_in, normal(neurons), w_out, bias * (neurons > 0))


@pytest.mark.parametrize(("heads", "neurons"), [(1, 0), (4, 0), (0, 1), (0, 50)])
@pytest.mark.parametrize("d", [11, 64, 300])
@pytest.mark.parametrize("rows", [1, 16])
def test_preloaded_columns_round_to_the_nearest_integer(heads: int, neurons: int, d: int, rows: int) -> None:
    rng = np.random.default_rng(d + heads)
    layer = rounding_layer(rng, d, heads, neurons)
    x = np.concatenate([rng.normal(size=(rows, 7, 10)), np.full((rows, 7, d - 10), -ROUNDING)], -1).astype(
        "f"
    )
    visible = np.ones((rows, 1, 7, 7), bool)

    def both(x: Any, layer: Layer, visible: Any) -> Any:
        x = forward.attention(x, layer, visible, "l", forward.unchanged) if heads else x
        return forward.mlp(x, layer, "l", forward.unchanged) if neurons else x

    if heads:
        update = numpy_forward.attention(x, layer, visible)
    else:
        update = np.maximum(x @ layer.w_in + layer.b_in, 0) @ layer.w_out
    decided = np.abs(update - np.rint(update)) < 0.499
    decided[..., :10] = False
    assert decided.sum() > 0.9 * update[..., 10:].size
    jitted = np.asarray(jax.jit(both)(x, layer, visible))
    np.testing.assert_array_equal(jitted[decided], np.rint(update)[decided])


def test_a_single_row_is_rounded_too() -> None:
    rng = np.random.default_rng(0)
    for width in (1, 2, 3, 8, 40, 300):
        for d in (1, 2, 33, 512):
            hidden, weight = (
                rng.normal(size=(1, 1, width)).astype("f"),
                rng.normal(size=(width, d)).astype("f"),
            )
            x = np.full((1, 1, d), -ROUNDING, "f")

            def add(x: Any, hidden: Any, weight: Any, bias: Any) -> Any:
                return forward.add_to_residual(x, forward.product("btm,md->btd", hidden, weight), bias)

            got = np.asarray(jax.jit(add)(x, hidden, weight, np.full(d, ROUNDING, "f")))
            exact = hidden.astype(float) @ weight.astype(float)
            decided = np.abs(exact - np.rint(exact)) < 0.499
            np.testing.assert_array_equal(got[decided], np.rint(exact)[decided])


def test_three_point_four_becomes_three() -> None:
    x = np.full((1, 1, 2), -ROUNDING, "f")
    update = np.array([[[3.4, -3.6]]], "f")
    rounded = jax.jit(forward.add_to_residual)(x, update, np.full(2, ROUNDING, "f"))
    assert np.asarray(rounded).tolist() == [[[3.0, -4.0]]]


def test_means_are_recovered_exactly() -> None:
    share = mean_model(max_length=9)
    for inputs in random_inputs(share, 40):
        expected = Fraction(inputs.count("x"), len(inputs))
        answers = share(inputs)
        assert answers == [expected] * len(inputs)
        assert all(type(answer) is Fraction for answer in answers)


def test_float64_models() -> None:
    wide, narrow = random_model(3, dtype="float64"), random_model(3)
    assert wide.logits("abc").dtype == np.float64
    for inputs in random_inputs(wide, 10):
        exact = naive_logits_without_rounding(wide.weights, wide, inputs)
        np.testing.assert_allclose(wide.logits(inputs), exact, rtol=1e-10, atol=1e-8)
    assert narrow.logits("abc").dtype == np.float32  # the switch to 64 bits is not left on


def naive_logits_without_rounding(weights: Weights, owner: runtime.Model, inputs: list[Atom]) -> Any:
    ids = np.array([[0, *owner.encode(inputs)]])
    return numpy_forward.forward(weights, ids, np.array([len(inputs)]), owner.config.causal)[0]


def test_trace_has_every_activation() -> None:
    some = random_model(2, causal=True, heads=(2, 0), neurons=(5, 3))
    trace = some.trace("abcab")
    assert trace.tokens == tuple("abcab")
    assert list(trace.answers) == some("abcab")
    np.testing.assert_array_equal(trace.logits, trace["logits"])
    np.testing.assert_allclose(trace.logits, some.logits("abcab"), atol=1e-4)
    assert len(trace.residual) == 5
    assert all(part.shape == (6, some.size.d_model) for part in trace.residual)
    assert [len(layer) for layer in trace.attention] == [2, 0]
    for pattern in trace.attention[0]:
        np.testing.assert_allclose(pattern.sum(axis=-1), 1, atol=1e-6)
        assert not np.triu(pattern, 1).any()
    assert [part.shape for part in trace.hidden if part is not None] == [(6, 5), (6, 3)]
    after_embedding = (
        some.weights.token_embedding[[0, *some.encode("abcab")]] + some.weights.position_embedding[:6]
    )
    np.testing.assert_array_equal(trace.residual[0], after_embedding)
    np.testing.assert_array_equal(trace.column("c0", after=0), after_embedding[:, 0])
    values = trace.values("c8")
    assert values == trace["c8"][1:].tolist()
    with pytest.raises(RaspError, match="nothing named 'c99'"):
        trace["c99"]


def test_size_counts_every_entry() -> None:
    some = random_model(2, heads=(2, 0), neurons=(5, 3))
    arrays = [*vars(some.weights).values()]
    flat = [array for array in arrays if isinstance(array, np.ndarray)]
    flat += [array for layer in some.weights.layers for array in vars(layer).values()]
    assert some.size.parameters == sum(array.size for array in flat)
    assert some.size.nonzeros == sum(int((array != 0).sum()) for array in flat)
    assert (some.size.layers, some.size.heads, some.size.d_mlp) == (2, 2, 5)
    assert some.size.d_model == len(some.config.columns)


def test_weights_that_do_not_fit_are_refused() -> None:
    some = random_model(1)
    weights = some.weights
    other = random_model(1, max_length=5)
    with pytest.raises(ModelError, match=r"position_embedding has shape \(10, 18\).*\(6, 18\)"):
        runtime.Model(other.config, weights)
    with pytest.raises(ModelError, match="token_embedding holds float64"):
        runtime.Model(some.config, replace(weights, token_embedding=weights.token_embedding.astype(float)))
    broken = replace(weights, token_embedding=weights.token_embedding * np.float32(np.nan))
    with pytest.raises(ModelError, match="token_embedding holds entries that are not finite"):
        runtime.Model(some.config, broken)


def test_overflow_is_an_error_not_an_answer() -> None:
    big = np.full((3, 1), 3e38)
    for output in (LabelOutput(("a",)), NumberOutput(5)):
        weights = Weights(big, np.full((4, 1), 3e38), (), np.full((1, 1), 3e38), np.zeros(1))
        huge = build(output, weights, ("a", "b"), False, "float32")
        with pytest.raises(ModelError, match="overflow"):
            huge("ab")


def test_inputs_spread_over_several_devices() -> None:
    code = """
import jax
from tests.support.random_models import random_model, random_inputs
assert jax.device_count() == 4
some = random_model(4)
inputs = random_inputs(some, 60)
assert some.batch(inputs) == [some(one) for one in inputs]
"""
    flags = {"XLA_FLAGS": "--xla_force_host_platform_device_count=4", "JAX_PLATFORMS": "cpu"}
    subprocess.run([sys.executable, "-W", "error", "-c", code], check=True, env={**os.environ, **flags})


def test_hard_attention_gain_makes_unselected_weights_exactly_zero() -> None:
    assert np.exp(np.float32(-GAIN)) == 0
