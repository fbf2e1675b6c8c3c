"""One token after another: keys and values of earlier positions are kept, so that a step costs O(length)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from typing import Protocol

import jax
import jax.numpy as jnp
import numpy as np

from rasp.errors import InputError
from rasp.graph.atoms import shown
from runtime.transformer import batching, forward, tokens
from runtime.transformer.engine import Engine
from runtime.weights import Array, Atom, Weights

Cache = tuple[tuple[jax.Array, jax.Array], ...]
"""Keys and values [1, H, T, e] of each layer; positions not reached yet hold 0."""


class Growing(Protocol):
    """A sequence in the making."""

    def answer(self) -> Atom:
        """What the model answers at the last position."""

    def append(self, token: int) -> None:
        """Go on by the token of this id."""


def stream(
    engine: Engine,
    prompt: object,
    steps: int,
    stop: Sequence[Atom] = (),
    begin: Callable[[Engine, Sequence[int]], Growing] | None = None,
) -> Iterator[Atom]:
    """The tokens after the prompt, one by one; see `Model.generate` for the meaning and the errors. `begin`
    makes the sequence that grows from the prompt's ids (without it: a `Continuation`).
    """
    if not engine.config.causal:
        raise InputError("only a causal model can generate", hint="compile the program with causal=True")
    if isinstance(steps, bool) or not isinstance(steps, int) or steps < 0:
        raise InputError(f"the number of steps must be a whole number from 0 on, not {shown(steps)}")
    if not isinstance(stop, Iterable):
        raise InputError(f"what stops the model is a list of tokens, not {shown(stop)}")
    ids = engine.encode(prompt)
    stops = {engine.token_id(token) for token in stop}
    return continue_from(engine, ids, steps, stops, begin or Continuation)


def continue_from(
    engine: Engine,
    ids: list[int],
    steps: int,
    stops: set[int | None],
    begin: Callable[[Engine, Sequence[int]], Growing],
) -> Iterator[Atom]:
    """The loop behind `stream`, once its arguments are checked."""
    if not steps:
        return
    sequence = begin(engine, ids)
    for step in range(steps):
        answer = sequence.answer()
        token = engine.token_id(answer)
        if token is None:
            raise InputError(
                f"the model's output {shown(answer)} is no token of its vocabulary, "
                "so that it cannot go on from there"
            )
        yield engine.config.vocab[token - 1]
        if token in stops or step == steps - 1:
            return
        sequence.append(token)


class Continuation:
    """A sequence in the making: its cache, and the logits [1, L] at its last position."""

    def __init__(self, engine: Engine, ids: Sequence[int]) -> None:
        self.engine = engine
        self.length = len(ids)
        rows, lengths = tokens.padded([ids], 1, batching.padded_size(self.length, engine.config.max_length))
        with engine.precision():
            logits, self.cache = prefill(engine.device_weights, rows, lengths)
            self.logits: Array = np.asarray(logits)[0, self.length - 1 : self.length]

    def answer(self) -> Atom:
        """What the model answers at the last position."""
        return tokens.decode(self.engine.config.output, self.logits)[0]

    def append(self, token: int) -> None:
        """Go one token further; InputError if the model's length is used up."""
        check_room(self.engine, self.length)
        self.length += 1
        room = batching.padded_size(self.length, self.engine.config.max_length)
        with self.engine.precision():
            self.cache = grown(self.cache, room)
            place = np.asarray([[self.length]], np.int32)
            ids = np.asarray([[token]], np.int32)
            logits, self.cache = step_with_cache(self.engine.device_weights, self.cache, ids, place)
            self.logits = np.asarray(logits)[0]


def check_room(engine: Engine, length: int) -> None:
    """Raise InputError if a sequence of so many tokens cannot grow."""
    if length == engine.config.max_length:
        raise InputError(f"the sequence has reached the {length} tokens that the model takes at most")


@jax.jit
def prefill(weights: Weights, ids: jax.Array, lengths: jax.Array) -> tuple[jax.Array, Cache]:
    """The logits of a whole prompt, and the cache that it leaves."""
    kept: dict[str, jax.Array] = {}

    def keep(name: str, activation: jax.Array) -> jax.Array:
        if name.endswith((".keys", ".values")):
            kept[name] = activation
        return activation

    logits = forward.forward(weights, ids, lengths, True, keep)
    numbers = [number for number in range(1, 1 + len(weights.layers)) if f"layer.{number}.keys" in kept]
    return logits, tuple((kept[f"layer.{number}.keys"], kept[f"layer.{number}.values"]) for number in numbers)


@partial(jax.jit, donate_argnums=1)
def step_with_cache(
    weights: Weights, cache: Cache, ids: jax.Array, place: jax.Array
) -> tuple[jax.Array, Cache]:
    """The logits [1, 1, L] of one more token at a place, and the cache with its keys and values."""
    x = jnp.asarray(weights.token_embedding)[ids] + jnp.asarray(weights.position_embedding)[place]
    kept = []
    earlier = iter(cache)
    for number, layer in enumerate(weights.layers, start=1):
        name = f"layer.{number}"
        if layer.w_q.shape[0]:
            start = jnp.zeros_like(place[0, 0])
            at = (start, start, place[0, 0], start)
            old_keys, old_values = next(earlier)
            keys = jax.lax.dynamic_update_slice(old_keys, forward.project(x, layer.w_k, layer.b_k), at)
            values = jax.lax.dynamic_update_slice(old_values, forward.project(x, layer.w_v, layer.b_v), at)
            kept.append((keys, values))
            visible = jnp.arange(keys.shape[2], dtype=place.dtype)[None, None, None] <= place[None, None]
            queries = forward.project(x, layer.w_q, layer.b_q)
            heads = forward.attend(queries, keys, values, visible, name, forward.unchanged)
            x = forward.write_heads(x, heads, layer)
        if layer.w_in.shape[1]:
            x = forward.mlp(x, layer, name, forward.unchanged)
    return forward.unembed(weights, x), tuple(kept)


def grown(cache: Cache, room: int) -> Cache:
    """The cache with space for `room` positions."""
    if not cache or cache[0][0].shape[2] >= room:
        return cache
    pad = ((0, 0), (0, 0), (0, room - cache[0][0].shape[2]), (0, 0))
    return tuple((jnp.pad(keys, pad), jnp.pad(values, pad)) for keys, values in cache)
