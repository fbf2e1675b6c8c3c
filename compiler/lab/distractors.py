"""Heads that compute something which nothing reads: they should take in no method that finds circuits.

A distractor is an s-op of the program that is kept, so it has columns of its own. It is added to the answer
and taken off again: so the program's text says what it is, and the proof covers its columns as any other.
"""

from __future__ import annotations

from dataclasses import replace
from random import Random

import rasp
from compiler.fuzzing.generator import RandomProgram
from compiler.lab.patching import reaching
from rasp.graph.sops import Aggregate
from rasp.words import Atom
from runtime.inspection.circuit import Part
from runtime.model import Model

NAME = "distractor"


def distracted(program: RandomProgram, count: int, rng: Random) -> tuple[RandomProgram, list[str]]:
    """The program with so many distractors, and their names; its answers must be numbers."""
    sop, names = program.sop, [f"{NAME}{n}" for n in range(1, 1 + count)]
    for name in names:
        distractor = replace(read_elsewhere(rng, program.asked.vocab), name=name)
        sop = (sop + distractor) - distractor
    return RandomProgram(sop, program.asked), names


def read_elsewhere(rng: Random, vocab: tuple[Atom, ...]) -> Aggregate:
    """Whether there is a certain token a few places before or behind, as 1 or 0."""
    away = rng.choice([-3, -2, -1, 1, 2, 3])
    there = rasp.select(rasp.indices, rasp.indices + away, "==")
    return Aggregate(there, rasp.indicator(rasp.tokens == rng.choice(vocab)), 0)


def idle_heads(model: Model) -> list[Part]:
    """The heads from which nothing reaches the logits."""
    heard = reaching(model, "carries")
    return [part for part in model.connections().nodes if part[0] == "head" and part not in heard]
