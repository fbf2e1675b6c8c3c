"""Generation by meaning gives what the weights give, in every column."""

from __future__ import annotations

import random

import pytest

import compiler
import rasp
import runtime
from compiler.generation.generator import Meant
from runtime.model import Model
from tests.support.program_cases import CASES, Case

CAUSAL = [case for case in CASES if case.causal]


def model(case: Case) -> Model:
    return compiler.compile(rasp.load(case.name).main, case.large.vocab, case.large.max_length, causal=True)


@pytest.mark.parametrize("case", CAUSAL, ids=lambda case: case.name)
def test_every_column_of_causal_programs_is_the_same(case: Case) -> None:
    made, rng = model(case), random.Random(case.name)
    found = compiler.by_meaning(made).compare(case.sample(rng, case.large))
    assert found.ok, str(found.differences[0])
    assert found.answered
    assert found.numbers


@pytest.mark.slow
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_every_column_of_all_programs_is_the_same_if_they_are_causal(case: Case) -> None:
    """No program of the library has a head for which all positions must be looked at."""
    try:
        made = model(case)
    except rasp.CompileError:
        assert case.name in ("longest_run", "greatest_depth")
        return
    fast, rng = compiler.by_meaning(made), random.Random(case.name)
    for _ in range(3):
        given = case.sample(rng, case.large)
        found = fast.compare(given)
        assert found.ok, str(found.differences[0])
        if found.answered:
            begun = fast.begun()
            assert [begun.append(token) for token in made.encode(given)] == made(given)
    looked_at = [type(each).__name__ for each in fast.begun().prefixes]
    assert "Every" not in looked_at


@pytest.fixture(scope="module")
def reversing() -> Model:
    return compiler.compile(rasp.load("auto_reverse").main, vocab="abc$", max_length=12, causal=True)


def test_it_generates_what_the_model_generates(reversing: Model) -> None:
    fast = compiler.by_meaning(reversing)
    assert fast.generate("abca$", 6, "$", check=True) == ["a", "c", "b", "a", "$"]
    assert "".join(map(str, fast.stream("ab$", 3))) == "ba$"
    with pytest.raises(rasp.InputError, match="the sequence has reached the 12 tokens"):
        fast.generate("abcaaaa$", 9)


def test_a_saved_model_generates_too(reversing: Model, tmp_path: object) -> None:
    reversing.save(f"{tmp_path}/model")
    assert compiler.by_meaning(runtime.load(f"{tmp_path}/model")).generate("ab$", 2) == ["b", "a"]


def test_a_column_that_differs_is_told(reversing: Model, monkeypatch: pytest.MonkeyPatch) -> None:
    fast = compiler.by_meaning(reversing)
    begun = fast.begun

    def wrong(every: bool = False) -> object:
        made = begun(every)
        made.length = 1
        return made

    monkeypatch.setattr(fast, "begun", wrong)
    found = fast.compare("ab$")
    assert not found.ok
    assert "by meaning, and the weights give" in str(found.differences[0])
    with pytest.raises(rasp.ModelError, match=r"^model error: position 0"):
        fast.generate("ab$", 1, check=True)


def test_where_the_program_has_no_answer_the_weights_go_on() -> None:
    program = rasp.parse("s = 6 / (tokens_asis - 2);").main
    made = compiler.compile(program, vocab=[-6, 1, 2, 3, 6], max_length=8, causal=True)
    begun = compiler.by_meaning(made).begin(made.encode([3, 2]))
    assert isinstance(begun, Meant)
    assert begun.by_weights is not None
    begun.append(made.encode([3])[0])
    assert begun.answer() == made([3, 2, 3])[-1] == 6


def test_what_cannot_generate_by_meaning(reversing: Model) -> None:
    both = compiler.compile(rasp.load("reverse").main, vocab="ab", max_length=4)
    with pytest.raises(rasp.InputError, match="only a causal model can generate"):
        compiler.by_meaning(both)
    unproved = Model(reversing.config, reversing.weights, program=reversing.program)
    with pytest.raises(rasp.InputError, match="only a model that is certified"):
        compiler.by_meaning(unproved)
    with pytest.raises(rasp.InputError, match="what generates is a model, not 3"):
        compiler.by_meaning(3)  # type: ignore[arg-type]
