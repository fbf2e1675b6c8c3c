"""The library programs: their headers, their examples, and their answers against independent oracles."""

from __future__ import annotations

import json
import random
from typing import Any

import pytest

import programs
import rasp
from compiler.verification.oracle import Oracle
from rasp.notation import read_vocab, to_json
from tests.support.program_cases import CASES, Case
from tests.support.program_oracles import Tokens

RANDOM_INPUTS = 100


def by_name(case: Case) -> str:
    return case.name


def as_json(answer: Any) -> str:
    return json.dumps(to_json(answer))


def test_every_program_has_a_case() -> None:
    assert sorted(map(by_name, CASES)) == programs.names()


@pytest.mark.parametrize("name", programs.names())
def test_examples_in_the_header(name: str) -> None:
    header = programs.header(name)
    main = rasp.load(name).main
    assert header.examples
    assert header.source
    for example in header.examples:
        answer = main(example.input, causal=bool(header.generations))
        assert as_json(answer) == as_json(example.output)


@pytest.mark.parametrize("name", programs.names())
def test_the_suggested_vocabulary_holds_the_examples(name: str) -> None:
    header = programs.header(name)
    assert set(header.examples[0].input) <= set(read_vocab(header.vocab))


@pytest.mark.parametrize("name", [n for n in programs.names() if programs.header(n).generations])
def test_generations_in_the_header(name: str) -> None:
    header = programs.header(name)
    main = rasp.load(name).main
    for generation in header.generations:
        tokens = list(generation.input)
        for expected in generation.output:
            tokens.append(main(tokens, causal=True)[-1])
            assert tokens[-1] == expected


@pytest.mark.parametrize("case", CASES, ids=by_name)
def test_program_equals_its_oracle(case: Case) -> None:
    """On all small inputs by the compiler's oracle, on some large ones by the interpreter."""
    main = rasp.load(case.name).main
    rng = random.Random(case.name)
    inputs: list[Tokens] = [tokens for tokens in case.small.inputs() if case.valid(tokens)]
    answers = Oracle(main, case.small.vocab, case.causal)(inputs)
    for tokens, answer in zip(inputs, answers, strict=True):
        assert answer == list(case.oracle(tokens)), tokens
    for _ in range(RANDOM_INPUTS):
        tokens = case.sample(rng, case.large)
        assert main(tokens, causal=case.causal) == list(case.oracle(tokens)), tokens
