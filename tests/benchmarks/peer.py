"""Tracr, measured. Imports nothing that needs this project's libraries, so that Tracr may live apart."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import jax
import numpy as np
from tracr.compiler import compiling, lib
from tracr.rasp import rasp

from tests.benchmarks.tasks import TASKS
from tests.benchmarks.timing import seconds_per_call, timed
from tests.benchmarks.worker import Measured, Request, serve


def warm_up() -> None:
    """Compile and run a small model, so that what is measured later is not the loading of libraries."""
    model = compiling.compile_rasp_to_model(lib.make_reverse(rasp.tokens), {"a", "b"}, 3)
    model.apply([compiling.COMPILER_BOS, "a", "b"])


def measure(request: Request) -> Iterator[Measured]:
    """Compile, answer, and time the forward pass."""
    program = TASKS[request.task].tracr(lib, rasp, request.length)

    def compiled() -> Any:
        model = compiling.compile_rasp_to_model(program, set(request.vocab), request.length)
        jax.block_until_ready(model.params)  # type: ignore[no-untyped-call]
        return model

    model, seconds = timed(compiled)
    yield {"compile_seconds": seconds, **size(model)}
    yield {"again_seconds": timed(compiled)[1]}
    run = jitted(model)
    yield {"answers": answers(model, run, request.inputs)}
    generator = np.random.default_rng(0)
    rates = {}
    for batch in request.batches:
        vocab = [model.input_encoder.encoding_map[token] for token in request.vocab]
        ids = generator.choice(np.array(vocab, dtype=np.int32), (batch, 1 + request.length))
        ids[:, 0] = model.input_encoder.bos_encoding
        rates[batch] = batch / seconds_per_call(partial(run, model.params, ids))
        yield {"per_second": rates}


def size(model: Any) -> Measured:
    """Layers, heads, columns and stored entries (Tracr's unembedding is code, so it counts for nothing)."""
    config = model.model_config
    entries = sum(int(array.size) for arrays in model.params.values() for array in arrays.values())
    return {
        "layers": config.num_layers,
        "heads": config.num_heads,
        "d_model": model.params["token_embed"]["embeddings"].shape[1],
        "d_head": config.key_size,
        "d_mlp": config.mlp_hidden_size,
        "parameters": entries,
    }


def jitted(model: Any) -> Callable[[Any, Any], jax.Array]:
    """The forward pass, compiled for each shape, without the activations that Tracr's `apply` hands out."""

    @jax.jit
    def run(params: Any, ids: jax.Array) -> jax.Array:
        output: jax.Array = model.forward(params, ids).unembedded_output
        return output

    return run


def answers(model: Any, run: Callable[[Any, Any], jax.Array], inputs: list[list[Any]]) -> list[list[Any]]:
    """The decoded answers, inputs of one length in one batch (Tracr has no padding mask)."""
    encoder, found = model.input_encoder, dict[int, list[Any]]()
    for length in {len(one) for one in inputs}:
        places = [place for place, one in enumerate(inputs) if len(one) == length]
        ids = [encoder.encode([encoder.bos_token, *inputs[place]]) for place in places]
        output = np.asarray(run(model.params, np.array(ids, dtype=np.int32)))
        for place, row in zip(places, output, strict=True):
            found[place] = model.output_encoder.decode(row[1:].tolist())
    return [found[place] for place in range(len(inputs))]


if __name__ == "__main__":
    serve(measure, warm_up)
