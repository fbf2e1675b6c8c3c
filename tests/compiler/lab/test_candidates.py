"""What becomes of numbered programs: the same every time, and nothing dull or wrong among what is taken."""

from __future__ import annotations

import json
from random import Random

import pytest

import compiler
import rasp
from compiler.fuzzing.generator import RandomProgram
from compiler.lab import candidates
from compiler.lab.candidates import (
    CONNECTIONS,
    PAIRS_FILE,
    TESTS_FILE,
    Made,
    Passed,
    Wanted,
    answers,
    depth_of,
    dull,
    fingerprint,
    library,
    made,
    pairs,
    proposed,
)
from compiler.rechecking.report import Recheck
from compiler.request import Request
from rasp.words import Atom


def program(source: str, vocab: str = "abc", length: int = 5) -> RandomProgram:
    return RandomProgram(rasp.parse(source).main, Request(tuple(vocab), length))


def test_a_library_program_with_all_its_files() -> None:
    found = made(library().index("hist"), Wanted())
    assert isinstance(found, Made)
    assert (found.facts["origin"], found.facts["heads"], found.facts["certified"]) == ("hist", 1, True)
    assert {"model.safetensors", "program.rasp", "certificate.json", TESTS_FILE} <= found.files.keys()
    edges = json.loads(found.files[CONNECTIONS])["edges"]
    assert (len(edges), sum(edge["carries"] for edge in edges)) == (3, 2)
    for pair in json.loads(found.files[PAIRS_FILE]):
        assert len(pair["clean"]) == len(pair["other"])
        assert pair["answer"] != pair["other_answer"]


def test_what_is_asked_for_is_held() -> None:
    hist = library().index("hist")
    assert made(hist, Wanted(layers=2)) == Passed("too few layers")
    assert made(hist, Wanted(heads=2)) == Passed("too few heads")
    assert made(library().index("length"), Wanted()) == Passed("nothing depends on tokens")


def test_what_is_not_proved_again_is_no_model_of_the_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(candidates, "recheck", lambda model: Recheck((), "no reason"))
    assert made(library().index("hist"), Wanted()) == Passed("certified, but not proved again")


def test_a_random_program_follows_from_seed_and_number() -> None:
    number = len(library()) + 5
    (origin, one), (_, again), (_, other) = (proposed(number, seed) for seed in (1, 1, 2))
    assert origin == "random"
    assert one.asked == again.asked
    assert fingerprint(one) == fingerprint(again)
    assert (one.asked, fingerprint(one)) != (other.asked, fingerprint(other))


def test_random_programs_are_as_deep_as_asked() -> None:
    number = len(library())
    deep = [depth_of(proposed(number + n, 0, layers=3)[1].sop) for n in range(6)]
    assert sum(depth >= 3 for depth in deep) > 3
    assert depth_of(rasp.load("reverse").main) == 2


def test_programs_of_one_behaviour_have_one_fingerprint() -> None:
    counted = program("hist = selector_width(select(tokens, tokens, ==)); x = hist == 1;", length=5)
    looked = program(
        "once = selector_width(select(tokens, tokens, ==) and select(indices, indices, !=)) == 0;", length=7
    )
    other = program("x = selector_width(select(tokens, tokens, ==)) == 2;")
    assert fingerprint(counted) == fingerprint(looked)
    assert fingerprint(counted) != fingerprint(other)


def test_dull_programs() -> None:
    a: list[Atom] = ["a"] * 4
    b: list[Atom] = ["b", "a"] * 2
    assert dull([(b, a)] * 20) == "constant output"
    assert dull([(a, a), (b, b)] * 10) == "identity"
    assert dull([(a, b), (b, a)] * 3) == "hardly any answers"
    assert dull([(b, a)] * 40 + [(a, b)]) == "nearly constant"
    assert dull([(a, b), (b, a)] * 10) is None


def test_answers_and_pairs() -> None:
    counting = program("hist = selector_width(select(tokens, tokens, ==));")
    model = compiler.compile(counting.sop, "abc", 5)
    assert answers(model, [["a", "b", "a"], ["c"]]) == [[2, 1, 2], [1]]
    found = pairs(counting, Random(0))
    assert found == pairs(counting, Random(0))
    assert len(found) == 8
    assert found[:1] == pairs(counting, Random(0), most=1, tries=4)
    assert pairs(program("x = length;"), Random(0)) == []
    assert all(answers(model, [pair["clean"], pair["other"]])[0] == pair["answer"] for pair in found)
