"""Models to export: random ones with rounding everywhere, and compiled library programs."""

from __future__ import annotations

from functools import cache

import compiler
import rasp
from runtime import Model
from runtime.weights import Atom
from tests.support.random_models import mean_model, random_model

PROGRAMS: dict[str, tuple[tuple[Atom, ...], int]] = {
    "hist": (tuple("abcd"), 10),
    "reverse": (tuple("abcd"), 10),
    "sort": (tuple(range(8)), 8),
    "most_freq": (tuple("abc"), 6),
    "frac_prevs": (tuple("xab"), 10),
    "dyck1_ptf": (tuple("()"), 10),
    "shift_right": (tuple("ab_"), 10),
    "aab_next": (tuple("ab"), 20),
}


@cache
def compiled(name: str, causal: bool) -> Model:
    """A library program's model."""
    vocab, length = PROGRAMS[name]
    return compiler.compile(rasp.load(name).main, vocab=vocab, max_length=length, causal=causal)


@cache
def some_model(name: str, causal: bool) -> Model:
    """A compiled program by its name, or "random", "labels", "wide" (more than 256 neurons), "mean"."""
    if name in PROGRAMS:
        return compiled(name, causal)
    if name == "random":
        return random_model(1, causal=causal, max_length=12, heads=(2, 0, 3), neurons=(6, 5, 8))
    if name == "labels":
        labels = (1, "1", True, "no")
        return random_model(2, causal=causal, labels=labels, heads=(2, 1), neurons=(6, 0))
    if name == "wide":
        return random_model(3, causal=causal, max_length=12, heads=(1, 2), neurons=(600, 40))
    if name == "no layers":
        return random_model(4, causal=causal, heads=(), neurons=())
    return mean_model()


RANDOM = ("random", "labels", "wide", "no layers")

PRINTING = [7, 8, -1, 5, 2, 2, -1, 33, 2]
"""A program for `computer`: it prints 33, and ends after ten tokens."""


@cache
def computer() -> Model:
    """SUBLEQ as a model that generates the traces of small programs."""
    return compiler.compile(rasp.load("auto_subleq").main, vocab=range(-512, 513), max_length=24, causal=True)
