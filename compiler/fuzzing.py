"""Random programs compiled and compared: reference interpreter, batched oracle and model must agree."""

from __future__ import annotations

import traceback
from collections.abc import Sequence
from dataclasses import dataclass

from compiler.generator import RandomProgram
from compiler.pipeline import Compiled, run
from rasp.errors import CompileError, EvaluationError, RaspError
from rasp.sops import Atom, SOp
from runtime import numpy_model, tokens


@dataclass(frozen=True)
class Outcome:
    """What became of one program: "ok", "refused", "mismatch" or "crash", and why."""

    status: str
    detail: str = ""
    compared: int = 0
    undefined: int = 0


def answers(compiled: Compiled, inputs: Sequence[Sequence[Atom]]) -> list[list[Atom]]:
    """What the compiled weights answer, by the NumPy twin of the forward pass."""
    config = compiled.config
    ids = tokens.token_ids(config)
    encoded = [tokens.encode(config, ids, one) for one in inputs]
    batch, lengths = tokens.padded(encoded, len(encoded), 1 + max(map(len, encoded)))
    logits = numpy_model.forward(compiled.weights, batch, lengths, config.causal)
    return [tokens.decode(config.output, row[: len(one)]) for row, one in zip(logits, encoded, strict=True)]


def expected(sop: SOp, one: Sequence[Atom], causal: bool) -> list[Atom] | None:
    try:
        answer: list[Atom] = sop(list(one), causal=causal)
    except EvaluationError:
        return None
    return answer


def check(program: RandomProgram, inputs: Sequence[list[Atom]], optimize: bool = True) -> Outcome:
    """Compile one program and compare it on these inputs."""
    wanted = [(one, expected(program.sop, one, program.causal)) for one in inputs]
    defined = [(one, answer) for one, answer in wanted if answer is not None]
    undefined = len(wanted) - len(defined)
    try:
        compiled = run(program.sop, program.vocab, program.max_length, program.causal, optimize)
    except CompileError as error:
        return Outcome("refused", error.message, 0, undefined)
    except Exception:
        return Outcome("crash", traceback.format_exc(limit=-3), 0, undefined)
    if not defined:
        return Outcome("ok", "", 0, undefined)
    try:
        given = answers(compiled, [one for one, _ in defined])
    except RaspError as error:
        return Outcome("crash", str(error), 0, undefined)
    for (one, answer), got in zip(defined, given, strict=True):
        if got != answer:
            return Outcome("mismatch", f"{one!r}: expected {answer!r}, got {got!r}", len(defined), undefined)
    return Outcome("ok", "", len(defined), undefined)
