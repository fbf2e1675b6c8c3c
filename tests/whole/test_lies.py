"""A compiler that lies, about one thing in each: its models answer wrongly, and are not proved."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product
from typing import Any, NamedTuple

import pytest

import compiler
import rasp
from compiler.graph import patterns
from compiler.lowering import demands, evaluation
from compiler.ranges.domains import int_domain, make_domain
from compiler.selections.facts import Selections
from compiler.values import inference, transfer
from compiler.values.inference import Domains
from compiler.values.positional import Positional
from compiler.values.relations import Relations
from compiler.verification.comparison import expected
from tests.support.tampering import answers

VOCAB, LENGTH = (0, 1, 2), 4
TOKENS = "tokens = tokens_asis; same = select(tokens, tokens, ==); before = select(indices, indices, <);"


class Lie(NamedTuple):
    """Where the truth is told, what is told instead, and the program (its last s-op) that comes out wrong."""

    home: Any
    name: str
    told: Callable[[Any], Any]
    program: str


def always(answer: object) -> Callable[[Any], Any]:
    return lambda truth: lambda *given, **named: answer


def changed(change: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """The true answer, changed."""
    return lambda truth: lambda *given, **named: change(truth(*given, **named))


LIES = {
    "all that is selected holds one value": Lie(
        Selections, "at_most_one_value", always(True), "x = aggregate(same, indices);"
    ),
    "something is always selected": Lie(
        Relations, "always", always(True), "x = aggregate(select(indices, indices - 1, ==), tokens, 9);"
    ),
    "no query selects itself": Lie(Relations, "never_all", always(True), "x = selector_width(same);"),
    "a literal never holds": Lie(Relations, "decided", always(False), "x = has_focus(before and same);"),
    "counts are smaller": Lie(Domains, "_infer_width", always(int_domain(0, 2)), "x = selector_width(same);"),
    "sums are smaller": Lie(
        Domains, "_infer_sum", always(int_domain(0, 3)), "x = length * aggregate(full_s, tokens);"
    ),
    "the answer has fewer values": Lie(
        Domains, "_tried", always(make_domain([0, 1])), "x = tokens + indices;"
    ),
    "what positions decide has fewer values": Lie(
        Positional, "values", always({0, 1}), "x = indices * indices + tokens;"
    ),
    "sums have fewer values": Lie(
        transfer, "_sum_domain", changed(lambda found: found and int_domain(0, 3)), "x = tokens + indices;"
    ),
    "all combinations give one of two values": Lie(
        inference, "tried_values", always({0, 1}), "x = tokens + 2 * indices;"
    ),
    "every number is the one of a rule": Lie(
        patterns, "is_constant", always(True), "x = tokens * indices + (2 * tokens) ^ 2;"
    ),
    "nothing selected is told as something": Lie(
        demands, "default_of", always(1), "x = aggregate(select(indices, indices - 1, ==), tokens, 9);"
    ),
    "a mean is of fewer positions": Lie(
        Domains, "_mean_domain", always(int_domain(0, 2)), "x = aggregate(full_s, tokens);"
    ),
    "a read picks one key": Lie(Domains, "_picks", always(True), "x = aggregate(same, tokens + indices);"),
    "a computed table is another": Lie(
        evaluation, "applied", changed(lambda found: found[::-1]), "x = (tokens * 5 + indices) % 4;"
    ),
}


@pytest.mark.parametrize("lie", LIES.values(), ids=LIES.keys())
def test_a_model_of_a_compiler_that_lies_is_not_proved(lie: Lie, monkeypatch: pytest.MonkeyPatch) -> None:
    main = rasp.parse(f"{TOKENS} {lie.program}").main
    monkeypatch.setattr(lie.home, lie.name, lie.told(getattr(lie.home, lie.name)))
    model = compiler.compile(main, VOCAB, LENGTH)
    monkeypatch.undo()
    inputs = [list(x) for n in range(1, LENGTH + 1) for x in product(VOCAB, repeat=n)]
    right = [expected(main, x, False) for x in inputs]
    pairs = zip(answers(model, inputs) or [], right, strict=True)
    assert any(given != answer for given, answer in pairs if answer is not None)
    assert not compiler.recheck(model).ok
