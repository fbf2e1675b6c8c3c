"""Tracr's programs taken over: its own library and test cases, and predicates of every kind."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from typing import Any

import pytest

import compiler
import rasp
from rasp.graph.atoms import to_atom
from rasp.graph.sops import Operation, Selector, SelectorAnd, SOp
from rasp.importers.predicates import Keys, selector_of_table
from rasp.importers.symbolic import trace
from rasp.words import Atom, Operator

try:
    from tracr.compiler import lib, test_cases
    from tracr.rasp import causal_eval
    from tracr.rasp import rasp as peer
except ImportError:
    test_cases = None

needs_tracr = pytest.mark.skipif(
    test_cases is None, reason="Tracr is not installed (pip install 'rasp-compiler[tracr]')"
)
CASES = {case["testcase_name"]: case for case in (test_cases.TEST_CASES if test_cases else [])}
INPUTS = 40


def inputs_for(vocab: Sequence[Atom], longest: int, distinct: bool = False) -> list[list[Atom]]:
    """Random inputs of all lengths, the same ones in every run."""
    generator = random.Random(7)
    lengths = [generator.randint(1, longest) for _ in range(INPUTS)]
    if distinct:
        return [generator.sample(list(vocab), min(n, len(vocab))) for n in lengths]
    return [[generator.choice(list(vocab)) for _ in range(n)] for n in lengths]


def agree(ours: Sequence[Atom], theirs: Sequence[Any], none: Atom) -> bool:
    """Equal values, up to the rounding of Tracr's floats; None is the declared value."""
    expected = [none if value is None else value for value in theirs]
    return all(
        value == wanted if isinstance(value, str) else abs(float(value) - float(wanted)) < 1e-9
        for value, wanted in zip(ours, expected, strict=True)
    )


def none_for(name: str, vocab: Sequence[Atom]) -> Atom:
    """What None becomes: a string where the program moves strings."""
    moves_tokens = name.startswith(("shift", "reverse", "sort"))
    return "_" if moves_tokens and isinstance(vocab[0], str) else -1


@needs_tracr
@pytest.mark.parametrize("name", CASES)
def test_library_equals_tracr_interpreted_and_compiled(name: str) -> None:
    case = CASES[name]
    vocab, longest = sorted(case["vocab"]), max(case["max_seq_len"], len(case["test_input"]))
    none = none_for(name, vocab)
    sop = rasp.from_tracr(case["program"], none=none)
    inputs = [*inputs_for(vocab, longest, distinct="sort_unique" in name), case["test_input"]]
    answers = compiler.compile(sop, vocab, longest).batch(inputs)
    for given, answer in zip(inputs, answers, strict=True):
        assert answer == sop(given)
        assert agree(answer, case["program"](given), none), given


@needs_tracr
@pytest.mark.parametrize("name", [name for name in CASES if name.startswith(("frac", "shift", "detect"))])
def test_causal_programs_equal_tracr(name: str) -> None:
    case = CASES[name]
    vocab = sorted(case["vocab"])
    none = none_for(name, vocab)
    sop = rasp.from_tracr(case["program"], none=none)
    for given in inputs_for(vocab, case["max_seq_len"]):
        assert agree(sop(given, causal=True), causal_eval.evaluate(case["program"], given), none), given


PREDICATES: dict[str, Callable[[Any, Any], bool]] = {
    "affine": lambda k, q: q == k + 2,
    "mirrored": lambda k, q: 3 - q > k,
    "negated": lambda k, q: not k < q,
    "of the key": lambda k, q: k >= 2,
    "of the query": lambda k, q: q == 1,
    "always": lambda k, q: True,
    "blocks": lambda k, q: k // 2 == q // 2,
    "all but blocks": lambda k, q: k // 2 != q // 2,
    "nested": lambda k, q: k**2 <= q or k in {0},
    "no pattern": lambda k, q: (k * k + 3 * q) % 5 < 2,
    "types": lambda k, q: isinstance(k, int) and k != q,
}


@needs_tracr
@pytest.mark.parametrize("name", PREDICATES)
@pytest.mark.parametrize("keys", ["tokens", "indices"])
def test_any_predicate(name: str, keys: str) -> None:
    select = peer.Select(getattr(peer, keys), peer.indices, PREDICATES[name])
    other = peer.Select(peer.tokens, peer.tokens, peer.Comparison.LEQ)
    program = peer.LinearSequenceMap(
        peer.SelectorWidth(select), peer.SelectorWidth(peer.SelectorOr(select, ~other)), 2, -0.5
    )
    vocab, longest = (0, 1, 2, 3, 4), 5
    sop = rasp.from_tracr(program, vocab=vocab, max_length=longest)
    inputs = inputs_for(vocab, longest)
    for given, answer in zip(inputs, compiler.compile(sop, vocab, longest).batch(inputs), strict=True):
        assert answer == sop(given)
        assert agree(answer, program(given), -1), given


@needs_tracr
def test_none_is_passed_on_by_every_elementwise_program() -> None:
    shifted = lib.shift_by(1, peer.tokens)
    program = peer.SequenceMap(
        lambda x, y: x + y, peer.Map(lambda x: x * x, shifted), lib.shift_by(2, shifted)
    )
    sop = rasp.from_tracr(program, none=-7)
    assert sop([1, 2, 3, 4, 5]) == [-7, -7, -7, 10, 18]
    assert program([1, 2, 3, 4, 5]) == [None, None, None, 10, 18]


@needs_tracr
def test_a_result_that_stands_for_none_is_no_answer() -> None:
    sop = rasp.from_tracr(peer.Map(lambda x: x - 3, lib.shift_by(1, peer.tokens)), none=-1)
    with pytest.raises(rasp.RaspError, match="stands for None"):
        sop([2, 2])


@needs_tracr
def test_predicates_that_need_the_values_say_so() -> None:
    program = peer.SelectorWidth(peer.Select(peer.tokens, peer.tokens, PREDICATES["blocks"]))
    with pytest.raises(rasp.RaspError, match="no comparison") as caught:
        rasp.from_tracr(program)
    assert "maximum length" in str(caught.value)


@needs_tracr
def test_what_is_no_program_is_refused() -> None:
    with pytest.raises(rasp.RaspError, match="not Select"):
        rasp.from_tracr(peer.Select(peer.tokens, peer.tokens, peer.Comparison.EQ))
    with pytest.raises(rasp.RaspError, match="ConstantSOp"):
        rasp.from_tracr(peer.ConstantSOp([1, 2]))


@needs_tracr
def test_names_are_kept() -> None:
    assert rasp.from_tracr(lib.make_hist()).name == "hist"


@pytest.mark.skipif(test_cases is not None, reason="Tracr is installed")
def test_without_tracr_the_extra_is_named() -> None:
    with pytest.raises(rasp.RaspError, match=r"\[tracr\]"):
        rasp.from_tracr(None)


@pytest.mark.parametrize("seed", range(30))
def test_any_relation_is_a_selector_of_comparisons(seed: int) -> None:
    generator = random.Random(seed)
    every: tuple[Atom, ...] = tuple(range(5))
    table = {q: frozenset(k for k in every if generator.random() < 0.5) for q in every}
    selector = selector_of_table(rasp.tokens, rasp.tokens, every, table)
    for given in inputs_for(every, 6):
        assert selector(given) == [[key in table[query] for key in given] for query in given]


@pytest.mark.parametrize(
    ("relation", "comparison"),
    [
        (lambda k, q: k > q, ">"),
        (lambda k, q: k % 3 == q % 3, "=="),
        (lambda k, q: k % 3 != q % 3, "!="),
        (lambda k, q: k % 4 <= q, "<="),
    ],
)
def test_relations_of_one_comparison_are_one_select(
    relation: Callable[[int, int], bool], comparison: str
) -> None:
    numbers = range(8)
    table: dict[Atom, Keys] = {q: frozenset(k for k in numbers if relation(k, q)) for q in numbers}
    selector: Selector = selector_of_table(rasp.tokens, rasp.tokens, numbers, table)
    assert isinstance(selector, rasp.graph.sops.Select)
    assert selector.comparison.value == comparison


def test_relations_without_a_pattern_need_few_parts() -> None:
    sets = ({0}, {0, 1}, {2}, {2, 3})
    table: dict[Atom, Keys] = {query: frozenset(keys) for query, keys in enumerate(sets)}
    selector = selector_of_table(rasp.tokens, rasp.tokens, range(4), table)
    assert isinstance(selector, SelectorAnd)
    assert not isinstance(selector.left, SelectorAnd), "two chains, so two selects"


TRACED: dict[str, Callable[..., Any]] = {
    "arithmetic": lambda x, y: 2 * x - y / 4 + 1,
    "and": lambda x, y: x < 3 and y == 2,
    "or": lambda x, y: x < 3 or y == 2,
    "not": lambda x, y: not x,
    "choice": lambda x, y: x if y > 2 else -y,
    "membership": lambda x, y: x in (1, 3) or y,
    "smaller": lambda x, y: min(x, y % 3),
}


@pytest.mark.parametrize("name", TRACED)
def test_functions_are_read_as_expressions(name: str) -> None:
    function = TRACED[name]
    traced = trace(function, to_atom, rasp.tokens, rasp.indices)
    assert isinstance(traced, Operation)
    given = [4, 1, 3, 0, 2]
    assert traced(given) == [function(x, i) for i, x in enumerate(given)]


@pytest.mark.parametrize(
    "function",
    [
        lambda x: {1: 2}[x],
        lambda x: isinstance(x, str),
        lambda x: x.upper(),
        lambda x: f"{x}!",
        lambda x: (x, x),
        lambda x: x // 2,
        lambda x: sum(x == i for i in range(9)) and all(x != i for i in range(99)),
    ],
)
def test_what_a_symbol_cannot_follow_stays_python(function: Callable[[Any], Any]) -> None:
    assert trace(function, to_atom, rasp.tokens) is None


def test_a_negation_is_read_as_one() -> None:
    traced: SOp | None = trace(lambda x: not x < 1, to_atom, rasp.tokens)
    assert isinstance(traced, Operation)
    assert traced.operator is Operator.NOT
