"""Random programs compiled and compared: reference interpreter, batched oracle and model must agree.

Models run through the NumPy twin of the forward pass, as JAX takes half a second to compile each new shape;
some of them also run through JAX. Programs are numbered: the one numbered s is the same in every run.
"""

from __future__ import annotations

import itertools
import re
import time
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from random import Random

import numpy as np

import rasp
from compiler.fuzzing.failures import Failure, Status
from compiler.fuzzing.generator import RandomProgram, random_program
from compiler.fuzzing.shrinking import Case, shrink_case
from compiler.pipeline import ROUNDED, Compiled, attempt, compile
from compiler.program.writing import write_program
from compiler.request import Request
from compiler.verification.comparison import expected
from compiler.verification.localizing import wrong_stage
from compiler.verification.oracle import Oracle
from compiler.verification.report import AROSE
from compiler.workers import ALONE, Crew, results
from rasp.errors import CompileError, EvaluationError, RaspError, TooLargeError
from rasp.graph.sops import Map, SOp, in_order
from rasp.inputs import shrink
from rasp.words import Atom
from runtime.model import Model
from runtime.transformer import numpy_forward, tokens
from runtime.weights import named_arrays

INPUTS = 20
"""Inputs on which each program is compared."""

THROUGH_JAX = 200
"""Every so many programs one also runs through JAX."""

WHOLE = 10
"""Every so many programs one is compiled with all that a model carries, and its text is read back."""

STEPS, STEPPED = 3, 4
"""How often answers that are tokens are taken as the next input, and from how many inputs on."""

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
    reason: str = ""
    """Of a refusal, what kind it is."""

    @property
    def signature(self) -> tuple[str, str]:
        """What a smaller program must share with this one to show the same mistake."""
        if self.status != "crash":
            return self.status, ""
        error = self.detail.strip().rpartition("\n")[2].split(":")[0]
        return self.status, " ".join([*re.findall(r", in (\S+)", self.detail)[-1:], error])


@dataclass(frozen=True)
class Refusals:
    """So many programs refused for one reason; the first of them, by its number, and all it was told."""

    programs: int
    seed: int
    message: str


@dataclass(frozen=True)
class Checked:
    """What became of one program: compiled optimized, then as written, then perhaps run through JAX."""

    number: int
    outcomes: tuple[Outcome, ...]
    through_jax: bool = False
    failure: Failure | None = None


@dataclass(frozen=True)
class Tally:
    """What a run of the fuzzer has done so far; of programs that it finished, so that it may be stopped."""

    seed: int
    programs: int = 0
    compared: int = 0
    undefined: int = 0
    through_jax: int = 0
    refused: Mapping[str, Refusals] = field(default_factory=dict)
    refused_as_written: Mapping[str, Refusals] = field(default_factory=dict)
    """Programs that compile, but not if they are left unoptimized."""
    failures: tuple[Failure, ...] = ()
    slowest: tuple[float, int] = (0.0, 0)
    """Seconds that the slowest program took, and its number."""
    seconds: float = 0.0

    def line(self) -> str:
        """The state in one line."""
        share = 100 * self.refusals / max(1, self.programs)
        return (
            f"{self.programs:,} programs, {self.compared:,} inputs compared, {self.undefined:,} undefined, "
            f"{share:.1f}% refused, {len(self.failures)} failures, {self.seconds:.0f} s"
        )

    @property
    def refusals(self) -> int:
        """How many programs were refused."""
        return sum(group.programs for group in self.refused.values())

    def plus(self, checked: Checked) -> Tally:
        """With one more program."""
        first, *others = (outcome.status == "refused" for outcome in checked.outcomes)
        refused, as_written = self.refused, self.refused_as_written
        if first:
            refused = _noted(refused, checked.number, checked.outcomes[0])
        elif any(others):
            as_written = _noted(as_written, checked.number, checked.outcomes[1])
        return replace(
            self,
            programs=self.programs + 1,
            compared=self.compared + sum(outcome.compared for outcome in checked.outcomes),
            undefined=self.undefined + sum(outcome.undefined for outcome in checked.outcomes),
            through_jax=self.through_jax + checked.through_jax,
            refused=refused,
            refused_as_written=as_written,
            failures=self.failures if checked.failure is None else (*self.failures, checked.failure),
        )


def _noted(refused: Mapping[str, Refusals], number: int, outcome: Outcome) -> dict[str, Refusals]:
    """With one more refusal."""
    known = refused.get(outcome.reason, Refusals(0, number, outcome.detail))
    return {**refused, outcome.reason: replace(known, programs=known.programs + 1)}


def fuzz(
    seed: int,
    count: int | None = None,
    seconds: float | None = None,
    progress: Callable[[Tally], None] | None = None,
    crew: Crew = ALONE,
) -> Iterator[Failure]:
    """Check programs numbered from `seed` on, so many or for so long, with the workers of `crew`; yields what
    fails, shrunk.

    `progress` is called with the state after every program, and its last one is the result.
    """
    tally = Tally(seed)
    start = time.perf_counter()
    found = results(_timed if crew == ALONE else _without_failure, itertools.count(seed), crew)
    while (count is None or tally.programs < count) and (seconds is None or tally.seconds < seconds):
        number = seed + tally.programs
        checked, taken = next(found)
        if checked is None:  # programs that fail do not travel: functions given in Python are in them
            checked = _check_number(number)
        slowest = max(tally.slowest, (taken, number))
        tally = replace(tally.plus(checked), slowest=slowest, seconds=time.perf_counter() - start)
        if progress is not None:
            progress(tally)
        if checked.failure is not None:
            yield checked.failure
    found.close()


def _timed(number: int) -> tuple[Checked | None, float]:
    """What becomes of a program, and the seconds that this took."""
    before = time.perf_counter()
    return _check_number(number), time.perf_counter() - before


def _without_failure(number: int) -> tuple[Checked | None, float]:
    """The same, with None for a program that fails."""
    checked, seconds = _timed(number)
    return None if checked is None or checked.failure else checked, seconds


def _check_number(number: int) -> Checked:
    """Check one program, optimized and not, and now and then in other ways too."""
    program, given = numbered_program(number)
    inputs = with_steps(program.sop, program.asked, given)
    outcomes: list[Outcome] = []
    for optimize in (True, False):
        asked = replace(program.asked, optimize=optimize)
        outcome = check(replace(program, asked=asked), inputs)
        outcomes.append(outcome)
        if outcome.status not in ("ok", "refused"):
            failure = shrunk(number, Case(program.sop, asked, outcome.inputs), inputs, outcome)
            return Checked(number, tuple(outcomes), failure=failure)
    through_jax = number % THROUGH_JAX == 0 and outcomes[0].status == "ok"
    found = _check_jax(number, program, inputs) if through_jax else None
    if found is None and number % WHOLE == 0:
        found = _check_whole(number, program, inputs)
    return Checked(number, tuple(outcomes), through_jax, found)


def _check_jax(number: int, program: RandomProgram, inputs: Sequence[Sequence[Atom]]) -> Failure | None:
    """Run the model as users do; all else has been found right."""
    outcome = check(program, inputs, through_jax=True)
    if outcome.status == "ok":
        outcome = check_runs(program, inputs)
    if outcome.status == "ok":
        return None
    case = Case(program.sop, program.asked, outcome.inputs)
    return Failure(number, outcome.status, "through JAX: " + outcome.detail, case, source(case))


def check_runs(program: RandomProgram, inputs: Sequence[Sequence[Atom]]) -> Outcome:
    """Compare whole runs, which the model takes on the device."""
    asked = program.asked
    compiled, certificate = attempt(program.sop, asked)
    model = Model(compiled.stored.config, compiled.stored.weights, certificate)
    for one in inputs[:STEPPED]:
        try:
            run = program.sop.iterate(one, vocab=asked.vocab, max_steps=STEPS, causal=asked.causal)
        except EvaluationError:
            continue
        if (got := model.iterate(one, max_steps=STEPS)) != run:
            return Outcome("mismatch", f"{one!r}: expected {run!r}, got {got!r}", inputs=tuple(one))
    return Outcome("ok")


def numbered_program(number: int) -> tuple[RandomProgram, list[list[Atom]]]:
    """The program of this number and its inputs."""
    rng = Random(number)
    program = random_program(rng)
    return program, program.inputs(rng, INPUTS)


def check(program: RandomProgram, inputs: Sequence[Sequence[Atom]], through_jax: bool = False) -> Outcome:
    """Compile one program and compare all three answers on these inputs."""
    asked = program.asked
    wanted = [expected(program.sop, one, asked.causal) for one in inputs]
    try:
        foretold = Oracle(program.sop, asked.vocab, asked.causal)(inputs)
        compiled, certificate = attempt(program.sop, asked)
        if not certificate.certified:
            return Outcome("refused", certificate.summary, reason=ROUNDED)
        defined = [one for one, answer in zip(inputs, wanted, strict=True) if answer is not None]
        model = iter(answers(compiled, defined, through_jax))
    except CompileError as error:
        return Outcome("refused", error.message, reason=reason(error))
    except Exception:  # whatever it is, it is what the fuzzer looks for
        return Outcome("crash", traceback.format_exc(limit=-3))
    for one, answer, other in zip(inputs, wanted, foretold, strict=True):
        if other != answer:
            return Outcome("mismatch", f"{one!r}: expected {answer!r}, oracle {other!r}", inputs=tuple(one))
        if answer is not None and (got := next(model)) != answer:
            detail = f"{one!r}: expected {answer!r}, got {got!r}\n{arose(compiled, one)}"
            return Outcome("mismatch", detail, inputs=tuple(one))
    parameters = sum(array.size for array in named_arrays(compiled.stored.weights).values())
    return Outcome("ok", "", len(defined), len(inputs) - len(defined), parameters=parameters)


def with_steps(sop: SOp, asked: Request, inputs: Sequence[list[Atom]]) -> list[list[Atom]]:
    """The inputs, and the states that the program comes to from the first ones if it is taken as a step."""
    found = list(inputs)

    def follow(steps: int, state: tuple[Atom, ...]) -> None:
        if steps:
            found.append(list(state))

    for one in inputs[:STEPPED]:
        with suppress(EvaluationError):
            sop.iterate(one, vocab=asked.vocab, max_steps=STEPS, causal=asked.causal, each=follow)
    return found


def arose(compiled: Compiled, inputs: Sequence[Atom]) -> str:
    """At which stage the answer to an input went wrong."""
    found = wrong_stage(compiled, inputs)
    return f"it arose {AROSE[found.stage if found else 'layout']}" + (f": {found.text()}" if found else "")


def answers(
    compiled: Compiled, inputs: Sequence[Sequence[Atom]], through_jax: bool = False
) -> list[list[Atom]]:
    """What the compiled weights answer, by the NumPy twin of the forward pass or by JAX."""
    config = compiled.stored.config
    if through_jax:
        return Model(config, compiled.stored.weights).batch(inputs)
    logits, lengths = numpy_forward.logits_of(config, compiled.stored.weights, inputs)
    if not np.isfinite(logits).all():
        raise ArithmeticError("the model's logits are not all finite")
    return tokens.decode_batch(config.output, logits, lengths)


def _check_whole(number: int, program: RandomProgram, inputs: Sequence[Sequence[Atom]]) -> Failure | None:
    """Compile as a user would; the program that the model carries as text must mean the same."""
    case = Case(program.sop, program.asked)
    try:
        asked = program.asked
        text = compile(program.sop, asked.vocab, asked.max_length, asked.causal).program
        again = rasp.parse(text).main
        causal = asked.causal
        differ = [one for one in inputs if expected(again, one, causal) != expected(case.sop, one, causal)]
    except CompileError:
        return None
    except Exception:  # whatever it is, it is what the fuzzer looks for
        return Failure(number, "crash", traceback.format_exc(limit=-3), case, source(case))
    if not differ:
        return None
    detail = f"the model's program means something else on {differ[0]!r}"
    return Failure(number, "mismatch", detail, replace(case, inputs=tuple(differ[0])), text)


def shrunk(number: int, case: Case, inputs: Sequence[list[Atom]], outcome: Outcome) -> Failure:
    """The same mistake in a smaller program."""

    def outcome_of(case: Case) -> Outcome:
        candidate = RandomProgram(case.sop, case.asked)
        tokens, longest = set(case.asked.vocab), case.asked.max_length
        fitting = [one for one in inputs if set(one) <= tokens and len(one) <= longest]
        try:
            return check(candidate, fitting if case.inputs is None else [case.inputs])
        except RaspError:  # the variant is no sensible program
            return Outcome("refused")

    def failing(case: Case) -> bool:
        return outcome_of(case).signature == outcome.signature

    if outcome.inputs is not None:

        def first_failing(some: Iterator[tuple[Atom, ...]]) -> tuple[Atom, ...] | None:
            return next((one for one in some if failing(replace(case, inputs=one))), None)

        case = replace(case, inputs=shrink(outcome.inputs, case.asked.vocab, first_failing))
    case = shrink_case(case, failing, ATTEMPTS)
    return Failure(number, outcome.status, outcome_of(case).detail, case, source(case))


def source(case: Case) -> str:
    """The program as RASP text; functions given in Python become look-ups over the values they met."""
    values = Oracle(case.sop, case.asked.vocab, case.asked.causal)
    rng = Random(0)
    program = RandomProgram(case.sop, case.asked)
    values([*program.inputs(rng, 200), *([case.inputs] if case.inputs else [])])
    arguments = {arg for node in in_order(case.sop) if isinstance(node, Map) for arg in node.args}
    return write_program(case.sop, {arg: values.seen(arg).atoms for arg in arguments}).text


def reason(error: CompileError) -> str:
    """A refusal's reason without the names and numbers of its program."""
    if isinstance(error, TooLargeError):
        return error.reason
    return re.sub(r"(?:[^\s]*[^\sa-zA-Z,:;][^\s]*\s*)+", "… ", error.message).strip()[:100]
