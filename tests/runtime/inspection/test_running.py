"""What running takes, against what JAX says that it does."""

from __future__ import annotations

import math
from typing import Any

import jax
import numpy as np
import pytest

import compiler
import rasp
from rasp.errors import InputError
from runtime import Model
from runtime.inspection.running import running
from runtime.transformer import forward
from tests.support.random_models import random_model
from tests.support.worked import assert_text


def operations_of_products(model: Model, length: int) -> int:
    """Two for each multiplication of the products in JAX's own program for one sequence."""
    ids = np.zeros((1, 1 + length), np.int32)
    program = jax.make_jaxpr(lambda i, n: forward.forward(model.weights, i, n, model.config.causal))(
        ids, np.array([length])
    )
    return sum(map(_operations, program.eqns))


def _operations(equation: Any) -> int:
    """Of one step: of a product, the size of the result times what is summed up; else of the steps within."""
    if equation.primitive.name != "dot_general":
        inner = [p.jaxpr for p in equation.params.values() if hasattr(p, "jaxpr")]
        return sum(_operations(each) for program in inner for each in program.eqns)
    summed = equation.params["dimension_numbers"][0][0]
    left = equation.invars[0].aval.shape
    result: int = 2 * math.prod(equation.outvars[0].aval.shape) * math.prod(left[axis] for axis in summed)
    return result


@pytest.mark.parametrize("length", [1, 9])
@pytest.mark.parametrize("seed", range(3))
def test_operations_are_those_of_the_products(seed: int, length: int) -> None:
    model = random_model(seed, heads=(2, 0, 1), neurons=(5, 4, 0))
    outputs = model.weights.unembedding.size
    # BOS has no answer, but JAX unembeds it too
    assert model.running(length).operations == operations_of_products(model, length) - 2 * outputs


def test_a_batch_reads_the_weights_once() -> None:
    model = random_model(1)
    one, many = model.running(9), model.running(9, batch=64)
    assert (many.operations, many.weight_bytes) == (one.operations, one.weight_bytes)
    assert one.intensity < many.intensity < 64 * one.intensity


def test_a_model_without_layers() -> None:
    model = random_model(1, heads=(), neurons=())
    assert model.running(4).cache_bytes_a_token == 0
    assert model.running().length == model.config.max_length


def test_what_people_read() -> None:
    model = compiler.compile(rasp.load("hist").main, "abc", 8)
    assert_text(
        str(model.running(8, batch=4)),
        """
        a pass over 4 x 8 tokens
          operations   2,960 a sequence, 370 a token
          weights      704 bytes, 25.6% of them not 0
          cache        32 bytes a token (keys and values)
          intensity    6.4 operations a byte
          memory       about 8.6 kB at once
        """,
    )


@pytest.mark.parametrize("length", [0, -1, 9])
def test_no_length_of_an_input(length: int) -> None:
    model = compiler.compile(rasp.load("hist").main, "abc", 8)
    with pytest.raises(InputError, match="the model takes 1 to 8 tokens"):
        model.running(length)


def test_no_sequences() -> None:
    with pytest.raises(InputError, match="at least one token and one sequence"):
        running(random_model(1).weights, 4, 0)
