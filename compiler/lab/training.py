"""Training: steps of Adam, many at a time, and what is told of them.

`optax` (the extra `lab`) is needed here and nowhere else.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Protocol

import jax
import jax.numpy as jnp
import numpy as np

from compiler.underway import Told, Underway
from rasp.errors import InputError, RaspError
from rasp.graph.atoms import shown

AT_ONCE = 50
"""Steps between two looks at how far it has come."""

CLIP = 1.0
"""The longest gradient that is followed whole."""


@dataclass(frozen=True)
class Point:
    """Where a training is after so many steps: `losses` is the mean of the last few, `state` that of Adam."""

    taken: int
    parameters: Any
    state: Any
    losses: Any

    def point(self, _parameters: Any, _state: Any) -> Point:
        """Itself."""
        return self


class Begun(Protocol):
    """From where a training goes on: it has a point, given what a new one would begin with."""

    def point(self, parameters: Any, state: Any) -> Point:
        """The point, with trees like these."""


def falling(rate: float, steps: int) -> Callable[[Any], Any]:
    """A rate that falls to 0 along a cosine."""
    return lambda step: rate * 0.5 * (1 + jnp.cos(jnp.pi * jnp.minimum(step / steps, 1.0)))


def descend(
    loss: Callable[[Any, Any], Any],
    parameters: Any,
    rate: Callable[[Any], Any],
    steps: int,
    key: Any,
    runs: bool = False,
    begun: Begun | None = None,
    at_once: int = AT_ONCE,
) -> Iterator[Point]:
    """Points on the way of Adam on `loss(parameters, key)`, one after `at_once` steps; `rate` is by the step.

    Where `runs` is set, `parameters` are those of several runs, along the first axis of each array, that go
    side by side. `begun`: from where to go on, which comes first, and then what would have come without the
    stop.
    """
    optax = extra()
    rule = optax.chain(optax.clip_by_global_norm(CLIP), optax.adam(rate))

    def one(parameters: Any, state: Any, key: Any) -> tuple[Any, Any, Any]:
        value, slope = jax.value_and_grad(loss)(parameters, key)
        with jax.numpy_dtype_promotion("standard"):  # optax counts steps in ints
            moves, state = rule.update(slope, state, parameters)
        return optax.apply_updates(parameters, moves), state, value

    step = jax.vmap(one, in_axes=(0, 0, None)) if runs else one

    def several(parameters: Any, state: Any, keys: Any) -> tuple[Any, Any, Any]:
        def body(carried: tuple[Any, Any], key: Any) -> tuple[tuple[Any, Any], Any]:
            parameters, state, value = step(*carried, key)
            return (parameters, state), value

        (parameters, state), values = jax.lax.scan(body, (parameters, state), keys)
        return parameters, state, values.mean(axis=0)

    several = jax.jit(several)
    state = jax.vmap(rule.init)(parameters) if runs else rule.init(parameters)
    point = Point(0, parameters, state, None) if begun is None else begun.point(parameters, state)
    if point.taken:
        yield point
    while point.taken < steps:
        now = min(at_once, steps - point.taken)
        keys = jax.random.split(jax.random.fold_in(key, point.taken), now)
        parameters, state, values = several(point.parameters, point.state, keys)
        point = Point(point.taken + now, parameters, state, np.asarray(values))
        yield point


def extra() -> Any:
    """The package optax. Raises RaspError without it."""
    try:
        import optax
    except ImportError:
        raise RaspError("training needs optax", hint='pip install "rasp-compiler[lab]"') from None
    return optax


def whole(name: str, number: object, least: int = 1) -> None:
    """Raise InputError where what has this name is no whole number from `least` on."""
    if isinstance(number, bool) or not isinstance(number, int) or number < least:
        raise InputError(f"{name} must be a whole number from {least} on, not {shown(number)}")


class Teller:
    """Tells whoever waits how many steps were taken, and how long the others take."""

    def __init__(self, told: Told | None, steps: int, clock: Callable[[], float] = time.perf_counter) -> None:
        self._told, self._steps, self._clock = told, steps, clock
        self._begun: tuple[int, float] | None = None

    def tell(self, step: int, words: str) -> None:
        """So many steps were taken. The first ones are not timed: JAX compiles them."""
        now = self._clock()
        self._begun = self._begun or (step, now)
        first, since = self._begun
        left = (self._steps - step) * (now - since) / (step - first) if step > first else None
        if self._told is not None:
            self._told(Underway(f"step {step:,} of {self._steps:,}, {words}", left))
