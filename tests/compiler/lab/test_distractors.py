"""Distractors: there, proved, and no part of the circuit; no answer is another one for them."""

from __future__ import annotations

from random import Random

import compiler
import rasp
from compiler.fuzzing.generator import RandomProgram
from compiler.lab.candidates import Made, Passed, Wanted, library, made
from compiler.lab.discovery import METHODS, scored
from compiler.lab.distractors import distracted, idle_heads
from compiler.lab.patching import all_edges, random_pairs, true_edges
from compiler.rechecking.proof import recheck
from compiler.request import Request


def test_a_distractor_is_proved_and_no_part_of_the_circuit() -> None:
    source = 'a = selector_width(select(tokens, "a", ==)); x = a + indicator(tokens == "b");'
    plain = RandomProgram(rasp.parse(source).main, Request(tuple("abc"), 4))
    program, names = distracted(plain, 1, Random(0))
    model = compiler.compile(program.sop, "abc", 4, keep=names)
    assert recheck(model).problem is None
    assert [model(one) for one in ("abca", "b")] == [plain.sop(one) for one in ("abca", "b")]
    [idle] = idle_heads(model)
    assert idle in {target for _, target, _ in all_edges(model)}
    assert not [edge for edge in true_edges(model) if idle in edge]
    pairs = random_pairs(model, 16, seed=0)
    found = scored(model, METHODS["ACDC"](model, pairs))
    assert (found.precision, found.recall) == (1, 1)


def test_a_set_may_ask_for_them() -> None:
    asked = Wanted(distractors=1)
    found = made(library().index("running_count"), asked)
    assert isinstance(found, Made)
    assert found.facts["idle_heads"] >= 1
    without = made(library().index("running_count"), Wanted())
    assert isinstance(without, Made)
    assert (without.facts["idle_heads"], without.behaviour) == (0, found.behaviour)
    reason = "answers are no numbers, so distractors have no place"
    assert made(library().index("reverse"), asked) == Passed(reason)
