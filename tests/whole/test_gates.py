"""Ordinary programs made of choices, comparisons and products with truth values: a few neurons each, at every
length, certified and proved again.
"""

from __future__ import annotations

import random
from dataclasses import dataclass

import pytest

import compiler
import rasp
from rasp.words import Atom
from runtime.weights import LabelOutput

Vocabulary = tuple[Atom, ...]


@dataclass(frozen=True)
class Program:
    """A program with a vocabulary, and the most layers and neurons that it may take at any length."""

    source: str
    vocab: Vocabulary
    layers: int
    neurons: int


NINE_BITS = tuple(range(-256, 256))
ROMAN = 'value = {"I": 1, "V": 5, "X": 10, "L": 50, "C": 100, "D": 500, "M": 1000}[tokens];'
MIRRORED = (
    "tokens = tokens_asis; a = tokens; b = aggregate(select(indices, length - 1 - indices, ==), tokens);"
)
PLACES = """
last = selector_width(select(indices, indices, <=) and select(tokens, "a", ==));
next = selector_width(select(indices, indices, <) and select(tokens, "b", ==));
"""

PROGRAMS = {
    "max": Program(f"{MIRRORED} main = max(a, b);", NINE_BITS, 2, 2),
    "min": Program(f"{MIRRORED} main = min(a, b);", NINE_BITS, 2, 2),
    "distance": Program(f"{MIRRORED} main = a - b if a > b else b - a;", NINE_BITS, 2, 2),
    "clamped": Program(f"{MIRRORED} main = max(0, min(a - b, 100));", NINE_BITS, 2, 2),
    "jump": Program(
        "tokens = tokens_asis; pc = tokens[0]; c = tokens; r = tokens[1] - tokens[2];"
        "main = c if r <= 0 else pc + 3;",
        NINE_BITS,
        1,
        3,
    ),
    "late": Program(
        "tokens = tokens_asis; late = indicator(indices % 5 == 4); jumps = indicator(tokens <= 0);"
        "main = late * (1 - jumps);",
        NINE_BITS,
        1,
        1,
    ),
    "roman": Program(
        f"{ROMAN} next = aggregate(select(indices, indices + 1, ==), value);"
        "main = value - 2 * next if value < next else value;",
        tuple("IVXLCDM"),
        1,
        3,
    ),
    "write": Program(
        "tokens = tokens_asis; here = indices == tokens[0]; r = tokens[1];"
        "write = r if here else 0; old = tokens if here else 0; main = tokens + write - old;",
        tuple(range(32)),
        2,
        8,
    ),
    "overwrite": Program(
        f"{MIRRORED} old = tokens; write = b if a < b else old; main = tokens + write - old;",
        tuple(range(32)),
        2,
        2,
    ),
    "nearer": Program(f"{PLACES} main = (indices - last) < (next - indices);", tuple("abc"), 1, 2),
}
SOME_LENGTHS = (5,)


def check(program: Program, length: int, samples: int) -> None:
    sop = rasp.parse(program.source).main
    model = compiler.compile(sop, program.vocab, length)
    assert model.certificate.certified
    assert model.size.layers <= program.layers
    assert model.size.d_mlp <= program.neurons
    proved = compiler.recheck(model)
    assert proved.ok, proved.summary()
    if samples:
        report = compiler.verify(sop, model, samples=samples)
        assert report.ok, report.mismatches


@pytest.mark.parametrize("length", SOME_LENGTHS)
@pytest.mark.parametrize("name", PROGRAMS)
def test_gates_at_some_lengths(name: str, length: int) -> None:
    check(PROGRAMS[name], length, samples=20)


@pytest.mark.slow
@pytest.mark.parametrize("length", range(2, 65))
@pytest.mark.parametrize("name", PROGRAMS)
def test_gates_at_every_length(name: str, length: int) -> None:
    """Certified and proved at each, and compared at some: JAX compiles each model anew."""
    check(PROGRAMS[name], length, samples=0 if length % 8 else 60)


# Numbers written in digits ----------------------------------------------------------------------------

NUMERAL = "main = round(length * aggregate(full_s, tokens_int * 2 ^ (length - 1 - indices)));"


@pytest.mark.parametrize("length", [2, 5, 12])
def test_digits_have_no_negative_place(length: int) -> None:
    """No position is after the last one, so that no power has a negative exponent."""
    check(Program(NUMERAL, ("0", "1"), 2, length + 1), length, samples=30)


def test_digits_that_float32_does_not_hold_are_refused() -> None:
    sop = rasp.parse(NUMERAL).main
    with pytest.raises(rasp.CompileError, match="more than 2,097,152 times the unit") as refused:
        compiler.compile(sop, "01", 40)
    assert "a maximum length of 19 works" in str(refused.value)


# SUBLEQ the plain way ---------------------------------------------------------------------------------

SUBLEQ = """
tokens = tokens_asis;
LO = -256; HI = 255; M = HI - LO + 1;
pc = tokens[0];                               # negative: halted
run = pc if pc >= 0 else -5;                  # nothing is found there
here = load_from_location(tokens, tokens + 1);
x = load_from_location(here, run + 1);
y = load_from_location(here, run + 2);
b = aggregate(select(indices, run + 2, ==), tokens, -5);
c = aggregate(select(indices, run + 3, ==), tokens, -1);
d = y - x;
result = d + M if d < LO else (d - M if d > HI else d);
following = pc + 3 if pc + 3 <= HI else -1;
next = c if result <= 0 else following;
new = result if indices == b + 1 else tokens;
step = tokens if pc < 0 else (next if indices == 0 else new);
"""


def subleq(state: list[int]) -> list[int]:
    """One step, said in Python: the words wrap around, and what is not in the memory is 0."""
    pc, memory = state[0], state[1:]
    if pc < 0:
        return state

    def word(address: int, nothing: int) -> int:
        return memory[address] if 0 <= address < len(memory) else nothing

    def at(address: int) -> int:
        return word(word(address, -1), 0)

    difference = at(pc + 1) - at(pc)
    result = (difference + 256) % 512 - 256
    target = word(pc + 1, -5)
    after = pc + 3 if pc + 3 < 256 else -1
    following = word(pc + 2, -1) if result <= 0 else after
    changed = [result if address == target else old for address, old in enumerate(memory)]
    return [following, *changed]


def some_states(count: int, cells: int) -> list[list[int]]:
    """Memories with pointers that mostly point into them."""
    rng = random.Random(cells)
    states = []
    for number in range(count):
        memory = [
            rng.randint(0, cells - 1) if rng.random() < 0.7 else rng.randint(-256, 255) for _ in range(cells)
        ]
        states.append([rng.randint(-1, cells - 1) if number % 5 else rng.randint(-256, 255), *memory])
    return states


@pytest.mark.slow
def test_a_subleq_step_written_the_plain_way() -> None:
    sop, cells = rasp.parse(SUBLEQ).main, 256
    model = compiler.compile(sop, NINE_BITS, cells + 1)
    assert model.size.layers <= 3
    assert isinstance(model.config.output, LabelOutput)
    assert set(model.config.output.labels) <= set(NINE_BITS)
    proved = compiler.recheck(model)
    assert proved.ok, proved.summary()
    states = some_states(60, cells)
    assert model.batch(states) == [subleq(state) for state in states]
    small = some_states(30, 11)
    assert [sop(state) for state in small] == [subleq(state) for state in small]
    assert model.batch(small) == [subleq(state) for state in small]
