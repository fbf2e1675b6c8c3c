"""What is wrong with the compiler, if anything: programs that together reach nearly all of it.

The library's programs, and directed ones for parts that random programs seldom reach, must compile, answer
like the interpreter and the batched oracle, and take no more parameters than `golden/sizes.txt` says; then
some random programs must be answered right.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from random import Random

import rasp
from compiler.fuzzing.generator import RandomProgram, nodes
from compiler.fuzzing.loop import Outcome, check, numbered_program
from compiler.request import Request
from rasp.graph.sops import SOp
from rasp.inputs import random_inputs
from tests.support.paths import GOLDEN
from tests.support.program_cases import CASES

SIZES = GOLDEN / "sizes.txt"

SHORT, LONG = 5, 17
"""The maximum lengths of directed programs; over 17 positions means have too many denominators for ints."""

INPUTS = 25
"""On so many inputs each program is compared."""

RANDOM_PROGRAMS, MOST_NODES = 80, 25

PREAMBLE = (
    "tokens = tokens_asis; same = select(tokens, tokens, ==); "
    "before = select(indices, indices, <); first = select(indices, 0, ==); "
    "is_first = indicator(indices == 0); mean = aggregate(full_s, tokens); twos = count(tokens, 2); "
    "at = select(indices, tokens, ==); "
    "def sum_of(selectors) { total = 0; for s in selectors { total = total + selector_width(s); } "
    "return total; }"
)

DIRECTED = """
1 - aggregate(full_s, tokens) / 2
aggregate(select(tokens, 1, ==), indices, -1) - 3
(2 - aggregate(full_s, tokens)) == aggregate(select(indices, indices, <=), tokens)
aggregate(select(indices, length - 2 - indices, ==), tokens, 5)
aggregate(select(length - 1, indices, ==), tokens, 7)
aggregate(select(indices + 1, length, ==), tokens)
aggregate(select(selector_width(full_s) - 1, indices, ==), tokens)
aggregate(select(length - indices, indices + 2, ==), tokens, 9)
aggregate(select(indices * 2, indices, ==), tokens, 4)
aggregate(select(indices, indices - 1, >=) and select(indices, indices + 1, <=), tokens)
aggregate(select(indices, 2 * indices - 1, >), tokens, -2)
aggregate(select(tokens, tokens - 1, <), tokens, 3)
aggregate(not select(tokens, 1, !=), indices, 8)
aggregate(select(tokens, indices, <) or select(tokens, indices, ==), indices, 1)
aggregate(select(tokens, tokens, ==) or select(indices, 0, ==), tokens * tokens - indices)
aggregate(select(tokens, tokens, ==) and not select(indices, indices, ==), 2 * indices + 1, -4)
selector_width(select(tokens, tokens, <=) and select(indices, indices, !=)) * 3 - length
selector_width(not (select(tokens, 2, >) or select(indices, tokens, ==)))
length * aggregate(full_s, indicator(tokens == 1)) - count(tokens, 2)
round(length * aggregate(full_s, tokens))
selector_width(select(tokens, tokens, ==)) * aggregate(select(tokens, tokens, ==), indices, 0)
has_focus(select(tokens, tokens + 1, ==)) and contains(tokens, 2)
aggregate(select(tokens, 2, ==), 1, 0) > 0
aggregate(full_s, indicator(tokens > 1)) >= 1 / 2
aggregate(full_s, tokens) < aggregate(full_s, indices)
aggregate(select(indices, indices, <=), tokens) * 0 + 2
(0 - 2) * aggregate(select(indices, indices, <=), tokens) / 3
aggregate(select(tokens, tokens, ==), aggregate(select(indices, indices, <=), tokens) * 0.5, 1)
aggregate(select(indices, 1, ==), tokens, 3) + aggregate(select(1, indices, ==), tokens, 1)
aggregate(select(indices, 2, <=), tokens) - aggregate(select(tokens, 2, ==), 7, 1)
round(aggregate(full_s, tokens * 2 - indices) * 3)
aggregate(full_s, aggregate(select(tokens, tokens, ==), indices))
(aggregate(select(indices, indices, <=), tokens) if tokens > 1 else 1 / 2)
sort(tokens, -tokens)
sort(tokens, tokens % 2)[0]
tokens[-1] * 3 + tokens[1]
shift(tokens, -1, 7) - shift(tokens, 2, 1)
max(tokens, indices) * min(tokens, 2) % 3
mark_first_instance(tokens, 1) or mark_last_instance(tokens, 2)
aggregate(select_from_last(tokens, 1), indices, -1)
aggregate(select_next_identical(tokens), indices, -1)
["a", "b", "c", "d"][tokens] == ["d", "a"][indices % 2]
aggregate(select(indices, indices - 1, ==), "abcd"[tokens], "x")
tokens / (indices + 1) ^ 2
(tokens in [0, 3]) == (indices % 2 == 0)
aggregate(select(1, 2, ==), tokens)
aggregate(select(indices, 1, ==), 5) + selector_width(select(indices, 1, ==))
aggregate(select(indices, indices, <), tokens, 9)
aggregate(select(indices, tokens, ==), tokens, 7)
aggregate(select(tokens, indices, <), tokens)
aggregate(select(tokens, 9, ==), tokens, 1) + aggregate(select(tokens, 9, <), tokens)
has_focus(select(tokens, 5, >)) == has_focus(select(tokens, 1, >))
aggregate(select(tokens, 1, ==) or select(indices, tokens, ==), 5)
aggregate(select(tokens, 1, ==) or select(indices, tokens, ==), 5, 3)
aggregate(select(tokens, indices, <) or select(tokens, indices, >), tokens % 2, 7)
aggregate(select(selector_width(select(tokens, tokens, ==)), 1, ==), tokens)
aggregate(select(selector_width(select(tokens, tokens, <)), 1, ==), tokens)
aggregate(select(selector_width(select(indices, tokens, <)), 1, ==), tokens)
aggregate(select(selector_width(select(tokens, tokens, <) or select(tokens, tokens, ==)), 2, ==), indices)
aggregate(full_s, (tokens % 2 if indices > 0 else tokens == 1))
aggregate(full_s, (tokens == 1 if indices > 0 else tokens % 2)) == 1 / 2
((count(tokens, 1) + count(tokens, 2)) > 100) == (count(tokens, 3) > 1)
5000 * (count(tokens, 1) - count(tokens, 2)) + count(tokens, 3)
(round(length * aggregate(full_s, 3 * indicator(tokens == 1))) / 3) == indices
length * aggregate(full_s, [1, 5, 2, -3][tokens])
length * aggregate(full_s, {0: 4, 1: -1, 2: 1 / 2, 3: 0}[tokens])
length * (aggregate(full_s, tokens) - aggregate(full_s, indices)) + length * -aggregate(full_s, tokens)
1 / aggregate(same or first, is_first)
1 / aggregate(same or first, is_first) - 1 + aggregate(same and first, 1, 7)
1 / aggregate(same or first, is_first) - 1 + aggregate(same and first, 1, 0)
aggregate(select(tokens, 2, ==), 1, 5) > 0
aggregate(select(tokens, tokens + 1, ==), indicator(tokens == 1), 1) == 0
aggregate(select(tokens, 2, ==) or select(indices, tokens, <), tokens, 7)
selector_width(select(tokens, 2, ==)) * aggregate(select(tokens, 2, ==), indices + 1)
length * aggregate(full_s, tokens + 1)
aggregate(select(selector_width(select(tokens, tokens, <) or (same and before)), 1, ==), indices)
aggregate(full_s, (indices > 0) + 0)
(not (tokens == 1)) == (indices > 2)
(not has_focus(select(tokens, tokens + 1, ==))) < (not (indices > 2))
1 - indicator(not (tokens == 1)) - indicator(indices > 2)
aggregate(select(indices, indices / 2, ==), tokens, 7)
aggregate(select(indices, (length - 1) / 2, ==), tokens, 7)
selector_width((same and at) or (select(tokens, indices, <=) and select(indices, tokens, <)))
count(tokens, 1) + sum_of([select(twos, indices + i, >) for i in range(4)])
aggregate(select(2, tokens, ==), indices, -1) + aggregate(select(2, count(tokens, 1), <), indices, -1)
aggregate(select(count(tokens, 1), indices, ==), tokens, 4)
aggregate(select(indices, tokens + 1, ==) and select(1, tokens, <=), tokens, 4)
(selector_width(select(tokens, tokens + 1, ==)) * aggregate(select(tokens, tokens + 1, ==), tokens + 1)) == 0
""".strip().splitlines()
"""One expression each over the tokens 0, 1, 2 and 3, up to length `SHORT`."""

DIRECTED_LONG = """
(0 - 2) * aggregate(full_s, tokens) > 0 - 3
aggregate(full_s, tokens) * (0 - 2) < (0 - 5) / 2
aggregate(full_s, tokens) / (0 - 3) == 0 - 1 / 2
aggregate(full_s, tokens) * 3 > 1 / aggregate(full_s, 2)
aggregate(full_s, tokens) * 2 / 3
1 - aggregate(full_s, tokens) < 1 / 3
aggregate(full_s, tokens) - 1 > 1 / 2
-aggregate(full_s, tokens) < -1
round(aggregate(full_s, tokens) * 3)
aggregate(select(indices, 1, ==), aggregate(full_s, tokens), 1 / 2)
aggregate(select(indices, indices - 1, ==), aggregate(select(tokens, tokens, <), indices, -1), 7)
aggregate(select(tokens, indices, <), tokens)
aggregate(select(indices, 3, <=), tokens, 2) > 1
round(mean * (0 - 2))
mean * 0 == 0
selector_width(same) * aggregate(same, mean)
aggregate(select(indices, (mean > 1)[0] * 3 + tokens, ==), aggregate(full_s, tokens * indices), 7)
""".strip().splitlines()
"""The same up to length `LONG`."""


@dataclass(frozen=True)
class Example:
    """A program to compile, under a name of its own."""

    name: str
    sop: SOp
    vocab: tuple[rasp.Atom, ...]
    max_length: int
    causal: bool
    optimize: bool = True

    def outcome(self, seed: int) -> Outcome:
        """What becomes of it."""
        program = RandomProgram(self.sop, Request(self.vocab, self.max_length, self.causal, self.optimize))
        inputs = random_inputs(Random(seed), self.vocab, self.max_length, INPUTS)
        return check(program, inputs)


def examples() -> Iterator[Example]:
    """The library's programs and the directed ones, causal and not, and some as written, not optimized."""
    for case in CASES:
        setting, main = case.small, rasp.load(case.name).main
        yield Example(case.name, main, setting.vocab, setting.max_length, case.causal)
    for length, lines in ((SHORT, DIRECTED), (LONG, DIRECTED_LONG)):
        for number, text in enumerate(lines):
            main = rasp.parse(f"{PREAMBLE} x = {text};").main
            name = f"{text} up to {length}"
            yield Example(name, main, (0, 1, 2, 3), length, False)
            yield Example(f"{name}, causal", main, (0, 1, 2, 3), length, True)
            if number % 3 == 0:
                yield Example(f"{name}, as written", main, (0, 1, 2, 3), length, False, optimize=False)


def recorded_sizes() -> dict[str, int]:
    """How many parameters each example may have; 0 if it is refused."""
    lines = SIZES.read_text().splitlines()
    return {name: int(size) for size, _, name in (line.partition(" ") for line in lines)}


def measured_sizes() -> dict[str, int]:
    """How many parameters each example has now; 0 if it is refused."""
    return {example.name: example.outcome(0).parameters for example in examples()}


def complaints() -> Iterator[str]:
    """What is wrong, one line each."""
    sizes = recorded_sizes()
    for number, example in enumerate(examples()):
        outcome = example.outcome(number)
        if outcome.status == "refused" and not sizes[example.name]:
            continue
        if outcome.status != "ok":
            yield f"{example.name}: {told(outcome)}"
        elif outcome.parameters > sizes[example.name]:
            yield f"{example.name}: {outcome.parameters} parameters, at most {sizes[example.name]} expected"
    for number in range(RANDOM_PROGRAMS):
        program, given = numbered_program(number)
        if nodes(program.sop) > MOST_NODES:
            continue
        asked = replace(program.asked, optimize=number % 2 == 0)
        outcome = check(replace(program, asked=asked), given)
        if outcome.status not in ("ok", "refused"):
            yield f"program {number}: {told(outcome)}"
    for causal in (True, False):
        program = RandomProgram(rasp.load("hist").main, Request(("a", "b"), 4, causal))
        outcome = check(program, random_inputs(Random(0), "ab", 4, INPUTS), through_jax=True)
        if outcome.status != "ok":
            yield f"through JAX: {told(outcome)}"


def told(outcome: Outcome) -> str:
    """The outcome and its last line."""
    return f"{outcome.status}: {outcome.detail.strip().splitlines()[-1]}"
