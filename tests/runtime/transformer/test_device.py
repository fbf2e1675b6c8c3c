"""Devices that round the factors of products, or compute a rough `exp`, are refused."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import compiler
import rasp
from compiler.rounding import EXP_ROUNDINGS
from rasp.errors import ModelError
from runtime.transformer import device, forward

EXACT = forward.product


def rounded_to(bits: int) -> Callable[..., Any]:
    """A product whose factors keep so many bits of float32's 24, as TF32 (11) and bfloat16 (8) do."""

    def product(equation: str, *factors: Any) -> Any:
        def rounded(factor: Any) -> Any:
            size, exponent = jnp.frexp(jnp.asarray(factor))
            return jnp.ldexp(jnp.round(size * 2.0**bits) / 2.0**bits, exponent)

        return EXACT(equation, *map(rounded, factors))

    return product


@pytest.fixture(autouse=True)
def tried_anew() -> Iterator[None]:
    device.require_exact.cache_clear()
    yield
    device.require_exact.cache_clear()


def test_this_device_is_exact() -> None:
    device.require_exact()


@pytest.mark.parametrize("bits", [8, 11])
def test_rounded_factors_are_refused_before_anything_is_answered(
    bits: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = compiler.compile(rasp.load("hist").main, "abc", 5)
    monkeypatch.setattr(forward, "product", rounded_to(bits))
    with pytest.raises(ModelError, match="rounds the factors of products") as refused:
        model("abca")
    assert "jax_default_matmul_precision" in str(refused.value)


def test_what_keeps_every_bit_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(forward, "product", rounded_to(24))
    device.require_exact()


def test_a_rough_exp_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    right = jnp.exp
    monkeypatch.setattr(jnp, "exp", lambda x: right(x) * np.float32(1 + 2e-5))
    with pytest.raises(ModelError, match="computes exp with a relative error of 2e-05"):
        device.require_exact()


def test_certificates_allow_the_same_error() -> None:
    assert device.EXP_ERROR == EXP_ROUNDINGS * 2.0**-24


@pytest.mark.parametrize("precision", ["bfloat16", "tensorfloat32"])
def test_settings_of_jax_change_no_answer(precision: str) -> None:
    model = compiler.compile(rasp.load("sort").main, range(5), 6)
    with jax.default_matmul_precision(precision):
        assert model([3, 1, 4, 1, 2]) == [1, 1, 2, 3, 4]
