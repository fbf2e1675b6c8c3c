"""The steps of the library, in programs/machines and programs/fixpoints: what their headers say, each state
against the same machine in plain Python, and their models against both.
"""

from __future__ import annotations

import math
import os
import random
import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest

import compiler
import programs
import rasp
from programs.machines import accumulator, subleq
from rasp.graph.sops import SOp
from rasp.notation import read_vocab
from rasp.syntax.formatter import format_source
from rasp.words import Atom
from runtime.model import Model
from tests.support import machines
from tests.support.paths import GOLDEN, ROOT

STEPS = programs.steps()
SIZES = GOLDEN / "steps.txt"
SUBLEQ, ACCUMULATOR = "machines/subleq", "machines/accumulator"
PRIMES = [n for n in range(2, 100) if all(n % d for d in range(2, n))]
HELLO = (
    "++++++++[>++++[>++>+++>+++>+<<<<-]>+>+>->>+[<]<-]>>.>---."
    "+++++++..+++.>>.<-.<.+++.------.--------.>>+.>++."
)


def step(name: str) -> SOp:
    found = rasp.load(name)["step"]
    assert isinstance(found, SOp)
    return found


def halt(name: str) -> SOp | None:
    found = rasp.load(name).get("halt")
    return found if isinstance(found, SOp) else None


def vocab(name: str) -> list[Atom]:
    return read_vocab(programs.header(name).vocab)


@cache
def model(name: str) -> Model:
    length = programs.header(name).length
    assert length is not None
    return compiler.compile(step(name), vocab(name), length)


def plain(name: str) -> Any:
    """The same machine in plain Python."""
    return getattr(machines, name.partition("/")[2])


def as_plain(name: str, given: list[Any], most: int) -> list[list[Any]]:
    return list(machines.run(plain(name), given, most))


@pytest.mark.parametrize("name", STEPS)
def test_the_header_is_right(name: str) -> None:
    header = programs.header(name)
    assert header.runs
    for said in header.runs:
        most = said.steps if name == "machines/rule110" else said.steps + 1
        run = step(name).iterate(said.input, vocab=vocab(name), halt=halt(name), max_steps=most)
        assert (list(run.state), run.steps) == (list(said.end), said.steps)
        ends = "fixpoint" if halt(name) is None else "halt"
        assert run.reason == ("limit" if name == "machines/rule110" else ends)


@pytest.mark.parametrize("name", STEPS)
def test_nothing_is_to_be_looked_at_again(name: str) -> None:
    assert not rasp.check(rasp.load(name))
    assert format_source(programs.read(name)) == programs.read(name)


def some_state(name: str, rng: random.Random) -> list[Any]:
    """A state that is likely to do something."""
    tokens, length = vocab(name), rng.randint(8, 24)
    match name.partition("/")[2]:
        case "life":
            return rng.choices([0, 1], k=64)
        case "sudoku":
            return rng.choices([511, 3, 1, 2, 4, 64], k=81)
        case "turing":
            tape = rng.choices(["0", "1"], k=length)
            return [*tape[: length // 2], rng.choice([str(t) for t in tokens]), *tape[length // 2 :]]
        case "brainfuck":
            pointers = [
                rng.randint(4, length),
                rng.randint(0, length),
                rng.choice(tokens),
                rng.randint(-1, 1),
            ]
            return [*pointers, *rng.choices(range(9), k=length - 4)]
        case "subleq" | "accumulator":
            return [rng.choice([*range(-2, 26), rng.choice(tokens)]) for _ in range(length)]
    return rng.choices(tokens, k=length)


@pytest.mark.parametrize("name", STEPS)
def test_each_step_is_that_of_the_machine_in_python(name: str) -> None:
    rng = random.Random(name)
    for _ in range(3 if name == "fixpoints/sudoku" else 12):
        given = some_state(name, rng)
        states: list[list[Any]] = []

        def each(_: int, state: tuple[Atom, ...], found: list[list[Any]] = states) -> None:
            found.append([*state])

        step(name).iterate(given, vocab=vocab(name), max_steps=3, each=each)
        assert states == as_plain(name, given, 3)


def numbers(text: str) -> list[int]:
    """What the machine with an accumulator printed, after its title and a blank."""
    return [int(word) for word in text.split()[1:]]


def named(kind: str) -> list[str]:
    """The programs that the documentation says to be closed, or guarded."""
    text = (ROOT / "programs/docs/how-to/iterate.md").read_text()
    (line,) = re.findall(rf"^- {kind}: ([^.;]*)[.;]", text, re.MULTILINE)
    return re.findall("`([a-z0-9_]+)`", line)


@pytest.mark.slow
def test_closed_and_guarded_programs_are_those_that_are_said_to_be() -> None:
    found: dict[bool, list[str]] = {True: [], False: []}
    for name in programs.names():
        header = programs.header(name)
        causal = bool(header.generations)
        loop = compiler.compile(rasp.load(name).main, read_vocab(header.vocab), 16, causal=causal).loop
        if loop.tokens:
            found[loop.closed].append(name)
    assert (found[True], found[False]) == (named("closed"), named("guarded"))
    assert (len(found[True]), len(found[False])) == (32, 8)


TOOLS: list[tuple[list[int], list[int]]] = [
    ([1, 6, 0], [math.factorial(6)]),
    ([2, 48, 36, 2, 17, 5, 0], [math.gcd(48, 36), 1]),
    ([3, 30, 0], PRIMES[:10]),
    ([4, 5, 3, -1, 0, -3, 1, 0], [-3, -1, 0, 1, 3, 0, 1]),
    ([4, 3, 700, -20, 5, 0], [-20, 5, 700, 685, 0]),
    ([5, 2, 0], [1, 2, 1, 3, 2, 3]),
    ([6, 10, 0], [0, 1, 1, 2, 3, 5, 8, 13, 21, 34]),
    ([7, 6, 0], [6, 3, 10, 5, 16, 8, 4, 2, 1]),
]
"""What the toolbox reads, and what it prints."""

PRINTED: dict[str, list[int]] = {
    "hello": [*b"hello"],
    "multiply": [17 * 13],
    "fibonacci": [0, 1, 1, 2, 3, 5, 8, 13, 21, 34, 55, 89, 144],
    "factorial": [math.factorial(5)],
    "sort": sorted([30, -4, 17, 8, 99, 1]),
    "primes": PRIMES,
}
"""What the programs for SUBLEQ print."""


@pytest.mark.parametrize("name", PRINTED)
def test_programs_of_subleq(name: str) -> None:
    assert subleq.printed(as_plain(SUBLEQ, subleq.program(name), 50_000)) == PRINTED[name]


@pytest.mark.parametrize(("given", "said"), TOOLS, ids=str)
def test_the_toolbox(given: list[int], said: list[int]) -> None:
    state = accumulator.assembled(accumulator.source("toolbox"), 768, given)
    assert numbers(accumulator.printed(as_plain(ACCUMULATOR, state, 20_000))) == said


def test_the_toolbox_has_more_than_200_instructions() -> None:
    assert accumulator.instructions(accumulator.source("toolbox")) > 200


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("\nfly a b", "line 2: there is no operation fly"),
        ("x: word 1 2 3\n subleq x x", "the program takes 7 words, and the memory has 4"),
        ("add x", "line 1: add takes 2 operands, not 1"),
        ("word y+1", r"y\+1 is neither a number nor a label"),
    ],
)
def test_what_is_no_program_of_subleq(source: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        subleq.assembled(source, 4)


def test_a_program_of_ones_own(tmp_path: Path) -> None:
    (tmp_path / "mine.subleq").write_text("print x\nhalt\nx: word 7\n")
    states = as_plain(SUBLEQ, subleq.program(str(tmp_path / "mine.subleq"), 9), 9)
    assert subleq.printed(states) == [7]
    with pytest.raises(ValueError, match=r"there is no program nope: give a file \*.acc, or toolbox"):
        accumulator.source("nope")


def test_what_is_no_program_of_the_accumulator() -> None:
    with pytest.raises(ValueError, match="no operation FLY"):
        accumulator.assembled("FLY 3", 20)
    with pytest.raises(ValueError, match="the program takes 6 words, and the memory has 5"):
        accumulator.assembled("SET 3\nADDI 4\nOUT", 10)


def test_names_of_steps() -> None:
    assert rasp.load("machines/life").name == "life"
    with pytest.raises(rasp.LoadError, match="no program called machines/lief"):
        rasp.load("machines/lief")


# The models ---------------------------------------------------------------------------------------------


def size_line(name: str) -> str:
    """Length, attention layers and all, heads of each, width and parameters."""
    made = model(name)
    heads = [layer.w_q.shape[0] for layer in made.weights.layers]
    attention = sum(count > 0 for count in heads)
    its = made.size
    shown = "+".join(map(str, heads))
    return f"{name} {made.config.max_length} {attention} {its.layers} {shown} {its.d_model} {its.parameters}"


@pytest.mark.slow
def test_no_model_of_a_step_is_larger_than_recorded() -> None:
    measured = [size_line(name) for name in STEPS]
    if os.environ.get("RASP_UPDATE_GOLDEN"):
        SIZES.write_text("".join(f"{line}\n" for line in measured))
    recorded = SIZES.read_text().splitlines()
    for mine, theirs in zip(measured, recorded, strict=True):
        assert mine.split()[0] == theirs.split()[0]
        for figure in (2, 3, 6):
            assert int(mine.split()[figure]) <= int(theirs.split()[figure]), (mine, theirs)


@pytest.mark.slow
@pytest.mark.parametrize("name", STEPS)
def test_the_models_are_certified_and_closed(name: str) -> None:
    """A run of any number of steps is exact."""
    assert model(name).certificate.certified
    assert model(name).loop.closed
    for said in programs.header(name).runs:
        run = model(name).iterate(said.input, max_steps=said.steps + 1)
        assert run == step(name).iterate(said.input, vocab=vocab(name), max_steps=said.steps + 1)


def brainfuck(text: str, cells: int) -> list[int]:
    """The state that a program in Brainfuck begins with."""
    codes = [1 + "><+-.[]".index(character) for character in text]
    return [4, 5 + len(codes), -1, 0, *codes, 8, *[0] * cells]


def digits(count: int) -> list[int]:
    rng = random.Random(1)
    return [0, *(rng.randint(0, 9) + rng.randint(0, 9) for _ in range(count - 1))]


def tree(count: int) -> list[int]:
    rng = random.Random(2)
    return [rng.randint(max(0, node - 3), max(0, node - 1)) for node in range(count)]


def walls() -> list[str]:
    rng = random.Random(3)
    return ["*", *("#" if rng.random() < 0.3 else "." for _ in range(127))]


GLIDER = [int((i // 8, i % 8) in {(0, 1), (1, 2), (2, 0), (2, 1), (2, 2)}) for i in range(64)]

LONG: list[tuple[str, list[Any]]] = [
    *((SUBLEQ, subleq.program(name)) for name in ("hello", "multiply", "fibonacci", "factorial")),
    ("machines/brainfuck", brainfuck(HELLO, 8)),
    ("machines/turing", [*["0"] * 10, "A0", *["0"] * 5]),
    ("machines/life", GLIDER),
    ("machines/rule110", [*[0] * 63, 1]),
    ("fixpoints/addition", digits(1000)),
    ("fixpoints/dyck2", [*"([" * 20, *"])" * 20, *"()[]" * 9]),
    ("fixpoints/maze", walls()),
    ("fixpoints/parity", random.Random(4).choices([0, 1], k=1000)),
    ("fixpoints/reachable", [64, *random.Random(5).choices(range(64), k=63)]),
    ("fixpoints/roots", tree(1000)),
    ("fixpoints/sort", random.Random(6).choices(range(128), k=128)),
    (ACCUMULATOR, accumulator.assembled(accumulator.source("toolbox"), 768, [2, 48, 36, 0])),
]
"""Steps with inputs that keep them busy."""


def compare(name: str, given: list[Any], most: int) -> list[list[Any]]:
    """Every state of the model's run is that of the machine in Python."""
    wanted = as_plain(name, given, most)
    seen: list[list[Any]] = []
    run = model(name).iterate(given, max_steps=most, each=lambda _, state: seen.append([*state]))
    assert seen == wanted
    assert run.steps == len(wanted) - 1
    return seen


@pytest.mark.slow
@pytest.mark.parametrize(("name", "given"), LONG, ids=lambda value: value if isinstance(value, str) else "")
def test_models_run_step_by_step(name: str, given: list[Any]) -> None:
    compare(name, given, 250)


@pytest.mark.by_hand
@pytest.mark.parametrize("name", PRINTED)
def test_subleq_on_a_model_to_the_end(name: str) -> None:
    assert subleq.printed(compare(SUBLEQ, subleq.program(name), 50_000)) == PRINTED[name]


@pytest.mark.by_hand
def test_brainfuck_on_a_model_to_the_end() -> None:
    states = compare("machines/brainfuck", brainfuck(HELLO, 8), 5000)
    assert "".join(chr(state[2]) for state in states if state[2] >= 0) == "Hello World!\n"


@pytest.mark.by_hand
@pytest.mark.parametrize(("given", "said"), TOOLS, ids=str)
def test_the_toolbox_on_a_model_to_the_end(given: list[int], said: list[int]) -> None:
    state = accumulator.assembled(accumulator.source("toolbox"), 768, given)
    assert numbers(accumulator.printed(compare(ACCUMULATOR, state, 20_000))) == said


@pytest.mark.by_hand
@pytest.mark.parametrize("name", STEPS)
def test_the_models_are_proved_again(name: str) -> None:
    assert compiler.recheck(model(name)).ok
