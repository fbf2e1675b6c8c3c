"""What exact answers need of a device: products that keep every bit, and an `exp` that is nearly right.

Proofs about a model speak of float32 as IEEE 754 has it. A device that rounds the factors of products to
fewer bits first (TF32, bfloat16) computes other models than those that were proved.
"""

from __future__ import annotations

from functools import cache

import jax
import jax.numpy as jnp
import numpy as np

from rasp.errors import ModelError
from runtime.transformer import forward

EXP_ERROR = 16 * 2.0**-24
"""The relative error that certificates allow to `exp` (`compiler.rounding.EXP_ROUNDINGS`)."""

HINT = "set jax_default_matmul_precision to 'highest', or run on the CPU: JAX_PLATFORMS=cpu"


@cache
def require_exact() -> None:
    """Try the device once in a process. Raises ModelError if answers may be wrong on it."""
    rng = np.random.default_rng(1)
    left = 2 * rng.integers(1024, 2048, (1, 8, 8)) + 1  # twelve bits, where TF32 keeps eleven
    right = rng.integers(-127, 128, (8, 8))
    at = np.linspace(-60, 0, 257, dtype=np.float32)
    tried = jax.jit(lambda a, b, x: (forward.product("btd,dm->btm", a, b), jnp.exp(x)))
    found, powers = map(np.asarray, tried(left.astype(np.float32), right.astype(np.float32), at))
    if not np.array_equal(found, left @ right):
        reason = "this device rounds the factors of products, so that answers may be wrong"
        raise ModelError(reason, hint=HINT)
    exact = np.exp(at.astype(np.float64))
    error = (np.abs(powers - exact) / exact).max()
    if not error <= EXP_ERROR:
        raise ModelError(f"this device computes exp with a relative error of {error:.2g}", hint=HINT)
