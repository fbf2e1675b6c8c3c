"""From terms to heads and neurons."""

from __future__ import annotations

import pytest

import rasp
from compiler.graph.building import build
from compiler.request import Basis, Request
from compiler.soft.building import soften
from compiler.soft.parts import Softened
from compiler.values.settling import settle
from rasp.errors import TooLargeError


def softened(source: str, vocab: str = "abc", length: int = 4, basis: Basis = "fewest") -> Softened:
    sop = rasp.parse(source).main
    asked = Request(tuple(vocab), length, style="soft", basis=basis)
    settled = settle(build(sop, asked), asked)
    return soften(settled.root, settled.domains, basis)


def test_a_function_of_the_token_takes_nothing() -> None:
    soft = softened('x = tokens == "a";')
    assert (soft.heads, soft.neurons) == ((), ())
    assert soft.labels == ((False, (1, 2)), (True, (0,)))


def test_a_count_is_told_by_the_share_of_bos() -> None:
    soft = softened("x = selector_width(select(tokens, tokens, ==));")
    (head,) = soft.heads
    assert head.bos == 0
    assert len(head.dims) == 3
    assert soft.answer.values == (4, 3, 2, 1)


def test_a_copy_is_the_head_s_and_its_default_what_is_left() -> None:
    soft = softened('x = aggregate(select(indices, indices - 1, ==), tokens, "c");')
    (head,) = soft.heads
    assert soft.neurons == ()
    assert [column.name for _, column in head.values] == ["x = a", "x = b"]
    assert soft.answer.rest == 2


def test_a_sum_is_of_counts_of_each_value() -> None:
    soft = softened(
        'x = aggregate(select(1, 1, ==), 2 if tokens == "a" else 1 if tokens == "b" else 0) * length;'
    )
    assert [head.bos for head in soft.heads] == [0, 0]
    assert {value for value, _ in soft.labels} == set(range(9))


def test_what_is_counted_by_is_exactly_0_where_it_is_not_meant() -> None:
    soft = softened("h = selector_width(select(tokens, tokens, ==)); x = selector_width(select(h, h, ==));")
    clear = [neuron for neuron in soft.neurons if (neuron.gain, neuron.threshold) == (2.0, 0.5)]
    assert len(clear) == 4
    assert max(neuron.sublayer for neuron in soft.neurons) == 6


def test_two_variables_are_a_table_of_neurons() -> None:
    soft = softened('x = tokens == "a" and indices < 2;')
    (neuron,) = soft.neurons
    assert [neuron.threshold, neuron.gain] == pytest.approx([1.125, 8 / 7])
    assert len(softened('x = tokens == "a" and indices < 2;', basis="one-hot").neurons) == 4


def test_too_many_values_are_refused() -> None:
    with pytest.raises(TooLargeError, match="has too many"):
        softened("x = indices;", length=1_001)
