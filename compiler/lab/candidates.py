"""Candidates for a set of compiled models: library programs first, then random ones, each with a number.

What becomes of a candidate follows from its number, the seed and what is asked for alone, so that any number
of workers gives the same set.
"""

from __future__ import annotations

import hashlib
import itertools
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from random import Random
from typing import Any

import programs
import rasp
from compiler.fuzzing.generator import VOCABULARIES, Grower, RandomProgram
from compiler.lab.distractors import distracted, idle_heads
from compiler.lab.patching import reaching
from compiler.pipeline import REFUSED, compile
from compiler.rechecking.proof import recheck
from compiler.request import Request, Style
from compiler.underway import Underway
from compiler.verification.comparison import expected
from rasp import notation
from rasp.errors import CompileError
from rasp.graph.sops import Node, Read, SOp, in_order, operands
from rasp.inputs import random_inputs
from rasp.records import to_data
from rasp.words import Atom
from runtime.inspection.circuit import to_json
from runtime.model import Model
from runtime.saving import storage
from runtime.transformer import numpy_forward, tokens

TESTS, PAIRS, TRIES = 24, 8, 60
"""Inputs with their answers, and pairs of inputs, that go with a model; how many are tried to find them."""

SHORT = 4
"""Programs over one vocabulary are of the same behaviour if they answer alike on inputs up to this length."""

LIBRARY_LENGTH = 8
LARGEST = 200_000
"""Parameters of the largest model: methods are tried on many."""

MOSTLY = 0.95
"""A program that gives one answer more often than this is nearly constant."""

DEPTHS = (1, 2, 2, 3, 4)
"""How many reads a random program should have upon one another: as often as they stand here."""

GROWN, FEW = 6, 4
"""How often a random program is grown until it looks right, and how many pairs of inputs then tell whether it
depends on tokens.
"""

CIRCUIT, CONNECTIONS, TESTS_FILE, PAIRS_FILE = "circuit.json", "connections.json", "tests.json", "pairs.json"


@dataclass(frozen=True)
class Wanted:
    """What models of the set are to be like: at least so many `layers` and `heads` in all."""

    seed: int = 0
    layers: int = 1
    heads: int = 1
    only_true: bool = False
    """Whether models that have nothing but edges which carry something are taken, too."""
    style: Style = "exact"
    """Exact models are proved; soft ones are tried on their tests only."""
    distractors: int = 0
    """At least so many heads of which nothing reads what they write."""


@dataclass(frozen=True)
class Made:
    """A model that can be taken: its files, what is told of it, and what it does."""

    files: Mapping[str, bytes]
    facts: Mapping[str, Any]
    behaviour: str
    exact: str
    """`behaviour` is of short inputs, whatever the longest one; `exact` of the tests, too."""


@dataclass(frozen=True)
class Passed:
    """A candidate that is no model of the set, and why; `wrong` if the model answered wrongly."""

    reason: str
    wrong: bool = False


@cache
def library() -> tuple[str, ...]:
    """The names of the library's programs."""
    return tuple(programs.names())


def proposed(number: int, seed: int, layers: int = 1) -> tuple[str, RandomProgram]:
    """The program of this number, and where it comes from. Random ones are grown again, some times at most,
    until they look as deep as is wanted and depend on tokens: left alone, half of them would have no head,
    and a third would tell the length only.
    """
    if number < len(library()):
        name = library()[number]
        vocab = notation.read_vocab(programs.header(name).vocab)
        return name, RandomProgram(rasp.load(name).main, Request(tuple(vocab), LIBRARY_LENGTH))
    rng = Random(f"{seed}:{number}")
    vocabulary, length, causal = rng.choice(VOCABULARIES), rng.randint(SHORT, 8), rng.random() < 0.3
    depth = max(layers, rng.choice(DEPTHS))
    for _ in range(GROWN):
        size = rng.choice([rng.randint(4, 12), rng.randint(8, 24), rng.randint(12, 40)])
        program = RandomProgram(
            Grower(rng, vocabulary, length, causal).grow(size), Request(vocabulary, length, causal)
        )
        if depth_of(program.sop) >= depth and pairs(program, Random(0), most=1, tries=FEW):
            break
    return "random", program


def depth_of(sop: SOp) -> int:
    """How many reads stand upon one another: about the layers that the program needs."""
    depths: dict[Node, int] = {}
    for node in in_order(sop):
        below = max((depths[operand] for operand in operands(node)), default=0)
        depths[node] = below + isinstance(node, Read)
    return depths[sop]


def made(number: int, wanted: Wanted) -> Made | Passed:
    """The model of this number with everything that goes with it, or why there is none."""
    origin, program = proposed(number, wanted.seed, wanted.layers)
    if not any(isinstance(node, Read) for node in in_order(program.sop)):
        return Passed("no head")
    tests = tests_of(program, Random(f"tests {wanted.seed}:{number}"))
    if (reason := dull(tests)) is not None:  # before the compilation, which takes longer
        return Passed(reason)
    changing = pairs(program, Random(f"pairs {wanted.seed}:{number}"))
    if not changing:
        return Passed("nothing depends on tokens")
    asked, keep = program.asked, list[str]()
    if wanted.distractors:
        if any(isinstance(token, str | bool) for _, answer in tests for token in answer):
            return Passed("answers are no numbers, so distractors have no place")
        program, keep = distracted(program, wanted.distractors, Random(f"heads {wanted.seed}:{number}"))
    try:
        model = compile(
            program.sop,
            *(asked.vocab, asked.max_length, asked.causal),
            keep=keep,
            style=wanted.style,
            progress=no_advice,
        )
    except CompileError:
        return Passed("refused")
    if model.size.parameters > LARGEST:
        return Passed("too large")
    found = facts(model)
    if found["heads"] < max(1, wanted.heads):
        return Passed("no head" if not found["heads"] else "too few heads")
    if found["layers"] < wanted.layers:
        return Passed("too few layers")
    if found["idle_heads"] < wanted.distractors:
        return Passed("too few distractors")
    if found["edges"] == found["carrying"] and not wanted.only_true:
        return Passed("only true edges")
    if not found["varying"]:
        return Passed("nothing depends on tokens")
    if answers(model, [one for one, _ in tests]) != [answer for _, answer in tests]:
        return Passed(f"number {number} answers wrongly", wrong=True)
    if wanted.style == "exact" and recheck(model).problem is not None:
        return Passed("certified, but not proved again")
    behaviour = fingerprint(program)
    files = {
        **storage.contents(model.config, model.weights, model.certificate, model.program),
        CIRCUIT: dumps(to_json(model.circuit())),
        CONNECTIONS: dumps(to_json(model.connections())),
        TESTS_FILE: dumps([{"input": to_data(one), "answer": to_data(answer)} for one, answer in tests]),
        PAIRS_FILE: dumps(changing),
    }
    told = {"number": number, "origin": origin, "tests": len(tests), **found}
    return Made(files, told, behaviour, digest(program, [answer for _, answer in tests]) + behaviour)


def no_advice(underway: Underway) -> None:
    """Ends a compilation that is refused before it looks for what would work instead."""
    if underway.step.startswith(REFUSED):
        raise CompileError(underway.step)


def facts(model: Model) -> dict[str, Any]:
    """What is told of a model in the list of all."""
    edges = [data | {"to": target} for _, target, data in model.connections().edges(data=True)]
    heard = reaching(model)
    return {
        "layers": model.size.layers,
        "heads": sum(layer.w_q.shape[0] for layer in model.weights.layers),
        "idle_heads": len(idle_heads(model)),
        "parameters": model.size.parameters,
        "edges": len(edges),
        "carrying": sum(data["carries"] for data in edges),
        "varying": sum(data["varies"] and data["to"] in heard for data in edges),
        "vocab": to_data(model.config.vocab),
        "max_length": model.config.max_length,
        "causal": model.config.causal,
        "certified": model.certificate.certified,
    }


Answered = list[tuple[list[Atom], list[Atom]]]


def tests_of(program: RandomProgram, rng: Random) -> Answered:
    """Inputs on which the program has an answer, with that of the interpreter."""
    asked = program.asked
    answered = (
        (one, expected(program.sop, one, asked.causal))
        for one in random_inputs(rng, asked.vocab, asked.max_length, TRIES)
    )
    return list(itertools.islice(((one, answer) for one, answer in answered if answer is not None), TESTS))


def dull(tests: Answered) -> str | None:
    """Why nothing can be learned from a program that answers like this."""
    given = [(type(token), token) for _, answer in tests for token in answer]
    if len(tests) < TESTS // 2:
        return "hardly any answers"
    most = max(map(given.count, set(given)))
    if most > MOSTLY * len(given):
        return "constant output" if most == len(given) else "nearly constant"
    return "identity" if all(one == answer for one, answer in tests) else None


def answers(model: Model, inputs: Sequence[Sequence[Atom]]) -> list[list[Atom]]:
    """What the weights answer, by NumPy: JAX compiles each new shape."""
    return tokens.decode_batch(
        model.config.output, *numpy_forward.logits_of(model.config, model.weights, inputs)
    )


def pairs(program: RandomProgram, rng: Random, most: int = PAIRS, tries: int = TRIES) -> list[dict[str, Any]]:
    """Pairs of inputs of one length that are answered otherwise, for interchanges."""
    asked = program.asked
    found: list[dict[str, Any]] = []
    for _ in range(tries):
        length = rng.randint(1, asked.max_length)
        clean, other = (rng.choices(asked.vocab, k=length) for _ in range(2))
        answer, change = (expected(program.sop, one, asked.causal) for one in (clean, other))
        if answer is not None and change is not None and answer != change:
            told = {"clean": clean, "other": other, "answer": answer, "other_answer": change}
            found.append({name: to_data(value) for name, value in told.items()})
        if len(found) == most:
            break
    return found


def short_inputs(vocab: Sequence[Atom]) -> list[list[Atom]]:
    """Inputs on which programs over a vocabulary are compared, the same for all of them."""
    rng = Random(json.dumps(to_data(vocab)))
    return [rng.choices(list(vocab), k=1 + each % SHORT) for each in range(64)]


def fingerprint(program: RandomProgram) -> str:
    """What a program answers on short inputs, in few letters."""
    asked, known = program.asked, dict[tuple[Atom, ...], list[Atom] | None]()
    for one in map(tuple, short_inputs(asked.vocab)):
        if one not in known:
            known[one] = expected(program.sop, one, asked.causal)
    return digest(program, [known[tuple(one)] for one in short_inputs(asked.vocab)])


def digest(program: RandomProgram, answers: Sequence[list[Atom] | None]) -> str:
    """These answers in few letters; by value, so that 1 and 1.0 are one."""
    values = [None if answer is None else list(map(_by_value, answer)) for answer in answers]
    text = json.dumps([to_data(program.asked.vocab), values])
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _by_value(value: Atom) -> str:
    return f"'{value}" if isinstance(value, str) else str(Fraction(value))


def dumps(data: Any) -> bytes:
    """JSON, the same bytes for the same data."""
    return (json.dumps(data, ensure_ascii=True, sort_keys=True, allow_nan=False) + "\n").encode()
