"""What the machine can do: the speed of a plain matrix product."""

from __future__ import annotations

import os
from typing import Any

import jax
import jax.numpy as jnp

from tests.benchmarks.timing import seconds_per_call

SIDE = 2048


def product_speed() -> float:
    """Floating-point operations per second of a float32 product of two square matrices of `SIDE`."""
    left = jax.random.normal(jax.random.key(0), (SIDE, SIDE), dtype=jnp.float32)
    product = jax.jit(lambda a, b: jnp.matmul(a, b, precision="highest"))
    return 2 * SIDE**3 / seconds_per_call(lambda: product(left, left), budget=2.0)


def description() -> dict[str, Any]:
    """The machine, as far as it matters to the figures."""
    return {
        "device": jax.devices()[0].device_kind,
        "cores": os.cpu_count(),
        "jax": jax.__version__,
        "product_flops": product_speed(),
    }
