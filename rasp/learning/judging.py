"""Whether a program solves an exercise: tried on many inputs against the reference, then measured."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from rasp.errors import CompileError, EvaluationError, RaspError
from rasp.graph.sops import SOp
from rasp.inputs import shrink
from rasp.learning.exercise import MEASURES, Exercise, ExerciseError
from rasp.learning.inputs import Tokens, inputs_to_try
from rasp.limits import deep_recursion
from rasp.notation import dump_json, to_json
from rasp.session import parse
from rasp.syntax.parser import parse_statements
from rasp.syntax.tree import Load, Name, Syntax, children
from rasp.words import Atom

SEED = 1
LONGEST_SHOWN = 300
"""Characters of a message in one line."""

CORRECT, TOO_LARGE, WRONG, ERROR, STOPPED = "correct", "too large", "wrong", "error", "stopped"
"""What a verdict can be; the last is for a program that ran out of time or memory."""

Size = dict[str, int]

Measure = Callable[[SOp, Exercise], Size]
"""The size of the transformer that a program compiles to at the exercise's vocabulary and length, by measure.
Raises CompileError if it cannot be compiled.
"""


@dataclass(frozen=True)
class Failure:
    """An input on which a program is not right: it gives another answer, or none because of an error."""

    input: list[Any]
    expected: list[Any]
    got: list[Any] | None
    error: str | None = None


@dataclass(frozen=True)
class Verdict:
    """What came out of a check; `tried` counts the inputs.

    `size` is that of the compiled program and `best` that of the compiled reference, both by measure; they
    are there if the program is right and could be compiled. Everything in it is ready for JSON.
    """

    verdict: str
    message: str = ""
    tried: int = 0
    failure: Failure | None = None
    size: Size | None = None
    best: Size | None = None


def judge(exercise: Exercise, source: str, file: str, measure: Measure) -> Verdict:
    """Try a program, then measure it if it is right."""
    try:
        sop = solution(exercise, source, file)
    except RaspError as error:
        return Verdict(ERROR, str(error))
    tried = 0
    for tokens, expected in answers(exercise):
        if compare(sop, tokens, expected, exercise.causal) is not None:
            failure = smallest_failure(exercise, sop, tokens)
            return Verdict(WRONG, reason(failure), tried=tried + 1, failure=failure)
        tried += 1
    return graded(exercise, sop, tried, measure)


def reason(failure: Failure | None) -> str:
    """Why an answer is wrong where its type is a reason, and what mends it where that is the only one; empty
    where it is not.
    """
    if failure is None or failure.got is None or len(failure.got) != len(failure.expected):
        return ""
    got, wanted = (kind_of(values) for values in (failure.got, failure.expected))
    if got == wanted or not got or not wanted:
        return ""
    same = [shown_alike(value) for value in failure.got] == [shown_alike(value) for value in failure.expected]
    if not same:
        return f"Your s-op has {got}, and {wanted} are asked for."
    ways = {
        (TEXT, NUMBERS): "; `tokens_asis` keeps numbers, and `tokens_int` makes numbers of text",
        (NUMBERS, TEXT): "; `tokens_str` makes text",
        (TRUTH, NUMBERS): "; `indicator` makes numbers of truth values",
        (NUMBERS, TRUTH): "; a comparison such as `x == 1` makes truth values",
    }
    return f"Your s-op has {got}, and {wanted} are asked for{ways.get((got, wanted), '')}."


TEXT, NUMBERS, TRUTH = "text", "numbers", "truth values"


def kind_of(values: list[Any]) -> str:
    """What the values of an answer are in JSON; empty if they are not all of one kind."""
    kinds = {
        TRUTH if isinstance(each, bool) else TEXT if isinstance(each, str) else NUMBERS for each in values
    }
    return kinds.pop() if len(kinds) == 1 else ""


def shown_alike(value: Any) -> str:
    """A value without its type: 1, "1" and true are alike."""
    return str(int(value)) if isinstance(value, bool) else str(value)


def graded(exercise: Exercise, sop: SOp, tried: int, measure: Measure) -> Verdict:
    """The verdict on a program that answers rightly: its size, beside the reference's."""
    best = measure(reference(exercise), exercise)
    try:
        size = measure(sop, exercise)
    except CompileError as error:
        verdict = TOO_LARGE if exercise.budget else CORRECT
        return Verdict(verdict, f"It cannot be compiled, though: {error}", tried, best=best)
    over = [key for key, limit in exercise.budget.items() if size[key] > limit]
    message = " ".join(f"It may have {amount(exercise.budget[key], key)} at most." for key in over)
    return Verdict(TOO_LARGE if over else CORRECT, message, tried, size=size, best=best)


def solution(exercise: Exercise, source: str, file: str) -> SOp:
    """The s-op of a learner's program that is named like the exercise.

    Raises RaspError if the program fails, has none of that name, or uses what the exercise does not allow.
    """
    statements = parse_statements(source, file)
    with deep_recursion():
        for statement in statements:
            _check_allowed(statement, exercise)
    program = parse(source, file=file, name=exercise.name)
    answer = program.get(exercise.name)
    if not isinstance(answer, SOp):
        last = program.main.name
        raise ExerciseError(
            f"there is no s-op called `{exercise.name}`, which is the answer's name",
            hint=f"add the line `{exercise.name} = {last};`" if last else None,
        )
    return answer


def _check_allowed(node: Syntax, exercise: Exercise) -> None:
    """Raise ExerciseError at a `load` and at names that the exercise is to be solved without."""
    if isinstance(node, Load):
        raise ExerciseError("an exercise is solved in one file, without `load`", span=node.span)
    if isinstance(node, Name) and node.text in exercise.without:
        raise ExerciseError(f"this exercise is to be solved without `{node.text}`", span=node.span)
    for child in children(node):
        _check_allowed(child, exercise)


def reference(exercise: Exercise) -> SOp:
    """The s-op of the reference."""
    return parse(exercise.reference, file="reference", name=exercise.name).main


def answers(exercise: Exercise) -> Iterator[tuple[Tokens, list[Atom]]]:
    """The inputs to try, the shortest first, with the right answers."""
    right = Oracle(exercise)
    examples = [example.input for example in exercise.examples]
    drawn = inputs_to_try(exercise.vocab, exercise.max_length, exercise.inputs, SEED)
    for tokens in sorted(dict.fromkeys([*examples, *drawn]), key=len):
        answer = right(tokens)
        if answer is not None:
            yield tokens, answer


class Oracle:
    """The reference's answer to an input, None where the exercise asks for none.

    A reference may say which inputs are meant by an s-op `valid` that holds everywhere on them.
    """

    def __init__(self, exercise: Exercise) -> None:
        program = parse(exercise.reference, file="reference", name=exercise.name)
        valid = program.get("valid")
        self._sop = program.main
        self._valid = valid if isinstance(valid, SOp) else None
        self._causal = exercise.causal

    def __call__(self, tokens: Tokens) -> list[Atom] | None:
        try:
            if self._valid is not None and not all(self._valid(list(tokens))):
                return None
            return self._sop(list(tokens), causal=self._causal)
        except EvaluationError:
            return None


def smallest_failure(exercise: Exercise, sop: SOp, failing: Tokens) -> Failure | None:
    """How the program fails on the smallest input that is found from one on which it fails."""
    right = Oracle(exercise)

    def failure(tokens: Tokens) -> Failure | None:
        expected = right(tokens)
        return None if expected is None else compare(sop, tokens, expected, exercise.causal)

    return failure(shrink(failing, exercise.vocab, lambda some: next(filter(failure, some), None)))


def compare(sop: SOp, tokens: Tokens, expected: list[Atom], causal: bool) -> Failure | None:
    """How a program's answer to one input is not the expected one, None if it is."""
    given, wanted = to_json(list(tokens)), to_json(expected)
    try:
        got = sop(list(tokens), causal=causal)
    except RaspError as error:
        return Failure(given, wanted, None, str(error))
    return None if got == expected else Failure(given, wanted, to_json(got))


def amount(number: int, measure: str) -> str:
    """`1 layer`, `2 layers`."""
    return f"{number:,} {measure if number != 1 else measure[:-1]}"


def summary(verdict: Verdict) -> str:
    """One sentence about a verdict: whether the program is right, and how it compares with the best known."""
    size, best = verdict.size, verdict.best
    if verdict.verdict in (CORRECT, TOO_LARGE) and size is not None and best is not None:
        word = "Correct" if verdict.verdict == CORRECT else "The answers are right, but it is too large"
        return f"{word}; {comparison(size, best)}."
    return {
        CORRECT: "Correct.",
        TOO_LARGE: "The answers are right, but its size could not be measured.",
        WRONG: "Not yet right.",
        ERROR: "The program does not run.",
        STOPPED: "The check was stopped.",
    }[verdict.verdict]


def comparison(size: Size, best: Size) -> str:
    """A size beside the best known, by the first measure in which they differ."""
    for key in MEASURES:
        if size[key] > best[key]:
            return f"{amount(size[key], key)}, the best known is {best[key]:,}"
        if size[key] < best[key]:
            return f"{amount(size[key], key)}, fewer than the best known, {best[key]:,}"
    return f"{amount(size['layers'], 'layers')}, and as small as the best known"


def one_line(verdict: Verdict) -> str:
    """What there is to say about a verdict, in one line."""
    if verdict.verdict == WRONG and verdict.failure is not None:
        return failure_in_one_line(verdict.failure)
    text = verdict.message.split("\n")[0] if verdict.message else summary(verdict)
    return text[:LONGEST_SHOWN]


def failure_in_one_line(failure: Failure) -> str:
    """Input, expected and given answer."""
    got = (failure.error or "").split("\n")[0] if failure.got is None else dump_json(failure.got)
    shown = f"{dump_json(failure.input)}: expected {dump_json(failure.expected)}, got {got}"
    return shown if len(shown) <= LONGEST_SHOWN else shown[: LONGEST_SHOWN - 3] + "..."
