"""Every library program, compiled at two settings, against the reference interpreter."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator

import pytest

import compiler
import programs
import rasp
from compiler.fuzzing.loop import answers
from compiler.verification.oracle import Oracle
from rasp.graph.sops import (
    Aggregate,
    Elementwise,
    Node,
    Read,
    Select,
    SelectorAnd,
    SelectorNot,
    SelectorOr,
    SOp,
    in_order,
)
from runtime.weights import size
from tests.support.compiled import compiled, layers_and_parameters, with_fewest_heads
from tests.support.program_cases import CASES, Case, Setting, any_tokens
from tests.support.program_oracles import Tokens
from tests.support.sweeps import sweep

MOST_INPUTS = 4000  # up to here, all are tried
RANDOM_INPUTS = 500
LEAST_INPUTS = 60
"""Inputs on which each program must have a value, and on which the interpreter itself is asked."""


def inputs_for(case: Case, setting: Setting) -> list[Tokens]:
    """All inputs if they are few; else random ones, half of them such as the program is meant for."""
    if setting.count() <= MOST_INPUTS:
        return list(setting.inputs())
    rng = random.Random(case.name)
    samplers = [case.sample, any_tokens]
    inputs = [samplers[number % 2](rng, setting) for number in range(RANDOM_INPUTS)]
    edges = [setting.vocab[:1], setting.vocab[-1:], setting.vocab[:1] * setting.max_length]
    return [*map(list, edges), *inputs]


def defined_answers(case: Case, setting: Setting) -> list[tuple[Tokens, Tokens]]:
    """The inputs on which the program has a value, each with that value: by the oracle, which is held against
    the interpreter on some.
    """
    main, inputs = rasp.load(case.name).main, inputs_for(case, setting)
    answers = Oracle(main, setting.vocab, case.causal)(inputs)
    found = [(one, answer) for one, answer in zip(inputs, answers, strict=True) if answer is not None]
    assert len(found) >= LEAST_INPUTS
    for tokens, answer in found[:: len(found) // LEAST_INPUTS]:
        assert main(tokens, causal=case.causal) == answer, tokens
    return found


def assert_equals_interpreter(case: Case, setting: Setting, through_jax: bool) -> None:
    expected = defined_answers(case, setting)
    found = answers(compiled(case, setting), [tokens for tokens, _ in expected], through_jax)
    for (tokens, right), answer in zip(expected, found, strict=True):
        assert answer == right, tokens


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_model_equals_the_interpreter(case: Case) -> None:
    """By the forward pass in NumPy, which JAX's is held against elsewhere: JAX compiles each length anew."""
    assert_equals_interpreter(case, case.small, through_jax=False)
    assert_equals_interpreter(case, case.large, through_jax=False)


@pytest.mark.parametrize("case", sweep(CASES, CASES[::8]), ids=lambda case: case.name)
def test_a_small_model_equals_the_interpreter_through_jax(case: Case) -> None:
    assert_equals_interpreter(case, case.small, through_jax=True)


@pytest.mark.slow
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_large_model_equals_the_interpreter_through_jax(case: Case) -> None:
    assert_equals_interpreter(case, case.large, through_jax=True)


@pytest.mark.slow
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_models_are_proved_from_their_weights(case: Case) -> None:
    for setting in (case.small, case.large):
        main = rasp.load(case.name).main
        model = compiler.compile(main, setting.vocab, setting.max_length, causal=case.causal)
        assert model.certificate.certified
        assert compiler.recheck(model).problem is None


def depths_of(node: Node) -> dict[Node, int]:
    """The layer of everything in a program by the rule with which the original draws its flow graphs."""
    depths: dict[Node, int] = {}
    for each in in_order(node):
        match each:
            case Elementwise(args=args):
                depths[each] = max((depths[arg] for arg in args), default=0)
            case Select(keys=keys, queries=queries):
                depths[each] = 1 + max(depths[keys], depths[queries])
            case SelectorAnd(left=left, right=right) | SelectorOr(left=left, right=right):
                depths[each] = max(depths[left], depths[right])
            case SelectorNot(operand=operand):
                depths[each] = depths[operand]
            case Aggregate(selector=selector, values=values):
                depths[each] = max(depths[selector], 1 + depths[values])
            case Read(selector=selector):
                depths[each] = depths[selector]
            case _:
                depths[each] = 0
    return depths


def heads_by_rule(main: SOp) -> Counter[int]:
    """By layer: one head for each selector that is read, plus one for each `or` in it."""
    depths = depths_of(main)
    read: set[tuple[Node, int]] = set()
    for node in depths:
        if isinstance(node, Read):
            read.add((node.selector, depths[node]))
    heads: Counter[int] = Counter()
    for selector, layer in read:
        heads[layer] += 1 + sum(isinstance(part, SelectorOr) for part in parts_of(selector))
    return heads


def parts_of(selector: Node) -> Iterator[Node]:
    """A selector and what it is combined from."""
    yield selector
    match selector:
        case SelectorAnd(left=left, right=right) | SelectorOr(left=left, right=right):
            yield from parts_of(left)
            yield from parts_of(right)
        case SelectorNot(operand=operand):
            yield from parts_of(operand)


RULED = [case for case in CASES if case.name != "auto_subleq"]
"""For the rule, whatever happens between two selectors is one table. What a computer does with a word has no
table that could be written down: it takes a hidden layer for each choice.
"""


@pytest.mark.parametrize("case", RULED, ids=lambda case: case.name)
def test_no_more_layers_than_the_depth_rule_gives(case: Case) -> None:
    main = rasp.load(case.name).main
    layers, _ = layers_and_parameters(case, case.large)
    assert layers <= max(1, depths_of(main)[main])


@pytest.mark.parametrize("case", RULED, ids=lambda case: case.name)
def test_no_more_heads_in_a_layer_than_the_rule_gives(case: Case) -> None:
    main = rasp.load(case.name).main
    ours = Counter(layer for layer, _ in with_fewest_heads(case.name, case.large).schedule.heads)
    assert ours <= heads_by_rule(main)


@pytest.mark.slow
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_digits_take_no_more_layers_and_no_more_entries(case: Case) -> None:
    """Than one head for each disjoint part of a selector."""
    layers, parameters = layers_and_parameters(case, case.large)
    fewest = with_fewest_heads(case.name, case.large)
    assert layers <= fewest.schedule.depth
    assert parameters <= size(fewest.stored.weights).parameters


GENERATING = [name for name in programs.names() if programs.header(name).generations]


@pytest.mark.parametrize("name", sweep(GENERATING, GENERATING[::3]))
def test_model_generates_what_the_header_says(name: str) -> None:
    case = next(case for case in CASES if case.name == name)
    main = rasp.load(name).main
    model = compiler.compile(main, vocab=case.large.vocab, max_length=case.large.max_length, causal=True)
    for generation in programs.header(name).generations:
        if set(generation.input) <= set(case.large.vocab):
            wanted = list(generation.output)
            assert model.generate(generation.input, len(wanted)) == wanted
