"""Random programs compiled and compared: reference interpreter, batched oracle and model must agree.

Models run through the NumPy twin of the forward pass, as JAX takes half a second to compile each new shape;
some of them also run through JAX. Programs are numbered: the one numbered s is the same in every run.
"""

from __future__ import annotations

import re
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Literal

import rasp
from compiler.certificate import certify
from compiler.generator import RandomProgram, random_program
from compiler.oracle import Oracle
from compiler.pipeline import Compiled, compile, run
from compiler.shrinking import Case, shrink_case, shrink_input
from compiler.source import program_text
from compiler.verification import expected
from rasp.errors import CompileError, RaspError
from rasp.sops import Atom, Map, in_order
from runtime import Model, numpy_model, tokens
from runtime.weights import named_arrays

Status = Literal["ok", "refused", "mismatch", "crash"]

INPUTS = 20
"""Inputs on which each program is compared."""

THROUGH_JAX = 200
"""Every so many programs one also runs through JAX."""

WHOLE = 10
"""Every so many programs one is compiled with all that a model carries, and its text is read back."""

ATTEMPTS = 400
"""How many smaller variants of a failing program are tried at most."""


@dataclass(frozen=True)
class Outcome:
    """What became of one program, and why; `compared` inputs came out equal, in a model of so many
    `parameters`.
    """

    status: Status
    detail: str = ""
    compared: int = 0
    undefined: int = 0
    inputs: tuple[Atom, ...] | None = None
    parameters: int = 0

    @property
    def signature(self) -> tuple[str, str]:
        """What a smaller program must share with this one to show the same mistake."""
        if self.status != "crash":
            return self.status, ""
        error = self.detail.strip().rpartition("\n")[2].split(":")[0]
        return self.status, " ".join([*re.findall(r", in (\S+)", self.detail)[-1:], error])


@dataclass(frozen=True)
class Failure:
    """A program that went wrong, shrunk, as RASP that can be run."""

    seed: int
    status: Status
    detail: str
    case: Case
    text: str

    def report(self) -> str:
        """The program with what to know about it as comments."""
        case = self.case
        setting = [
            f"# {self.status}: seed {self.seed}",
            f"# vocabulary {list(map(str, case.vocab))}, maximum length {case.max_length}"
            + (", causal" if case.causal else "")
            + ("" if case.optimize else ", not optimized"),
            *(f"# {line}" for line in self.detail.strip().splitlines()),
        ]
        return "\n".join(setting) + "\n" + self.text


@dataclass
class Tally:
    """What a run of the fuzzer has done so far."""

    seed: int
    programs: int = 0
    compared: int = 0
    undefined: int = 0
    through_jax: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    failures: list[Failure] = field(default_factory=list)
    slowest: tuple[float, int] = (0.0, 0)
    """Seconds that the slowest program took, and its number."""
    seconds: float = 0.0

    def line(self) -> str:
        """The state in one line."""
        share = 100 * self.refused.total() / max(1, self.programs)
        return (
            f"{self.programs:,} programs, {self.compared:,} inputs compared, {self.undefined:,} undefined, "
            f"{share:.1f}% refused, {len(self.failures)} failures, {self.seconds:.0f} s"
        )


def fuzz(
    seed: int,
    count: int | None = None,
    seconds: float | None = None,
    progress: Callable[[Tally], None] | None = None,
) -> Iterator[Failure]:
    """Check programs numbered from `seed` on, so many or for so long; yields what fails, shrunk.

    `progress` is called with the state after every program, and its last one is the result.
    """
    tally = Tally(seed)
    start = time.perf_counter()
    while (count is None or tally.programs < count) and (seconds is None or tally.seconds < seconds):
        number = seed + tally.programs
        before = time.perf_counter()
        failure = _one(number, tally)
        tally.slowest = max(tally.slowest, (time.perf_counter() - before, number))
        tally.programs += 1
        tally.seconds = time.perf_counter() - start
        if failure is not None:
            tally.failures.append(failure)
            yield failure
        if progress is not None:
            progress(tally)


def _one(number: int, tally: Tally) -> Failure | None:
    """Check one program, optimized and not, and note what became of it."""
    program, inputs = numbered_program(number)
    for optimize in (True, False):
        outcome = check(program, inputs, optimize)
        if outcome.status == "ok":
            tally.compared += outcome.compared
            tally.undefined += outcome.undefined
        elif outcome.status == "refused":
            if optimize:
                tally.refused[reason(outcome.detail)] += 1
        else:
            return shrunk(number, program, inputs, optimize, outcome)
    if number % THROUGH_JAX == 0 and outcome.status == "ok":
        tally.through_jax += 1
        outcome = check(program, inputs, True, through_jax=True)
        if outcome.status != "ok":
            case = Case(program.sop, program.vocab, program.max_length, program.causal)
            return Failure(number, outcome.status, "through JAX: " + outcome.detail, case, source(case))
    if number % WHOLE == 0:
        return _check_whole(number, program, inputs)
    return None


def numbered_program(number: int) -> tuple[RandomProgram, list[list[Atom]]]:
    """The program of this number and its inputs."""
    rng = Random(number)
    program = random_program(rng)
    return program, program.inputs(rng, INPUTS)


def check(
    program: RandomProgram,
    inputs: Sequence[Sequence[Atom]],
    optimize: bool = True,
    through_jax: bool = False,
) -> Outcome:
    """Compile one program and compare all three answers on these inputs."""
    wanted = [expected(program.sop, one, program.causal) for one in inputs]
    try:
        foretold = Oracle(program.sop, program.vocab, program.causal)(inputs)
        compiled = run(program.sop, program.vocab, program.max_length, program.causal, optimize)
        certificate = certify(compiled.lowered, compiled.schedule, compiled.domains)
        if not certificate.certified:
            return Outcome("refused", certificate.summary)
        defined = [one for one, answer in zip(inputs, wanted, strict=True) if answer is not None]
        model = iter(answers(compiled, defined, through_jax))
    except CompileError as error:
        return Outcome("refused", error.message)
    except Exception:  # whatever it is, it is what the fuzzer looks for
        return Outcome("crash", traceback.format_exc(limit=-3))
    for one, answer, other in zip(inputs, wanted, foretold, strict=True):
        if other != answer:
            return Outcome("mismatch", f"{one!r}: expected {answer!r}, oracle {other!r}", inputs=tuple(one))
        if answer is not None and (got := next(model)) != answer:
            return Outcome("mismatch", f"{one!r}: expected {answer!r}, got {got!r}", inputs=tuple(one))
    parameters = sum(array.size for array in named_arrays(compiled.weights).values())
    return Outcome("ok", "", len(defined), len(inputs) - len(defined), parameters=parameters)


def answers(
    compiled: Compiled, inputs: Sequence[Sequence[Atom]], through_jax: bool = False
) -> list[list[Atom]]:
    """What the compiled weights answer, by the NumPy twin of the forward pass or by JAX."""
    config = compiled.config
    if through_jax:
        return Model(config, compiled.weights).batch(inputs)
    ids = tokens.token_ids(config)
    encoded = [tokens.encode(config, ids, one) for one in inputs]
    if not encoded:
        return []
    batch, lengths = tokens.padded(encoded, len(encoded), 1 + max(map(len, encoded)))
    logits = numpy_model.forward(compiled.weights, batch, lengths, config.causal)
    return [tokens.decode(config.output, row[: len(one)]) for row, one in zip(logits, encoded, strict=True)]


def _check_whole(number: int, program: RandomProgram, inputs: Sequence[Sequence[Atom]]) -> Failure | None:
    """Compile as a user would; the program that the model carries as text must mean the same."""
    case = Case(program.sop, program.vocab, program.max_length, program.causal)
    try:
        text = compile(program.sop, program.vocab, program.max_length, program.causal).program
        again = rasp.parse(text).main
        differ = [
            one for one in inputs if expected(again, one, case.causal) != expected(case.sop, one, case.causal)
        ]
    except CompileError:
        return None
    except Exception:  # whatever it is, it is what the fuzzer looks for
        return Failure(number, "crash", traceback.format_exc(limit=-3), case, source(case))
    if not differ:
        return None
    detail = f"the model's program means something else on {differ[0]!r}"
    return Failure(number, "mismatch", detail, case, text)


def shrunk(
    number: int, program: RandomProgram, inputs: Sequence[list[Atom]], optimize: bool, outcome: Outcome
) -> Failure:
    """The same mistake in a smaller program."""

    def outcome_of(case: Case) -> Outcome:
        candidate = RandomProgram(case.sop, case.vocab, case.max_length, case.causal)
        fitting = [one for one in inputs if set(one) <= set(case.vocab) and len(one) <= case.max_length]
        try:
            return check(candidate, fitting if case.inputs is None else [case.inputs], case.optimize)
        except RaspError:  # the variant is no sensible program
            return Outcome("refused")

    def failing(case: Case) -> bool:
        return outcome_of(case).signature == outcome.signature

    case = Case(program.sop, program.vocab, program.max_length, program.causal, optimize, outcome.inputs)
    if outcome.inputs is not None:
        case = Case(
            *(program.sop, program.vocab, program.max_length, program.causal, optimize),
            shrink_input(outcome.inputs, lambda some: next((x for x in some if failing(_on(case, x))), None)),
        )
    case = shrink_case(case, failing, ATTEMPTS)
    return Failure(number, outcome.status, outcome_of(case).detail, case, source(case))


def _on(case: Case, inputs: tuple[Atom, ...]) -> Case:
    return Case(case.sop, case.vocab, case.max_length, case.causal, case.optimize, inputs)


def source(case: Case) -> str:
    """The program as RASP text; functions given in Python become look-ups over the values they met."""
    values = Oracle(case.sop, case.vocab, case.causal)
    rng = Random(0)
    program = RandomProgram(case.sop, case.vocab, case.max_length, case.causal)
    values([*program.inputs(rng, 200), *([case.inputs] if case.inputs else [])])
    arguments = {arg for node in in_order(case.sop) if isinstance(node, Map) for arg in node.args}
    return program_text(case.sop, {arg: values.table(arg).atoms for arg in arguments})


def reason(message: str) -> str:
    """A refusal's reason without the names and numbers of its program."""
    return re.sub(r"(?:[^\s]*[^\sa-zA-Z,:;][^\s]*\s*)+", "… ", message).strip()[:100]
