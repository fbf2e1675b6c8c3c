"""Neurons re-checked: at every value that they depend on, they give what is claimed."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pytest

import compiler
import rasp
from compiler import ways
from compiler.lowering import plan
from compiler.rechecking import neurons
from compiler.rechecking.neurons import check_neurons
from compiler.rechecking.report import Steps, Unproved
from runtime.model import Model
from tests.support.forging import with_layer, with_weights
from tests.support.tampering import answers
from tests.support.worked import COUNT, assert_text, claims_of, lines, stages, stream_of


def test_the_neurons_of_a_count() -> None:
    """All that is added up at the three counts is at most 4, far from where float32 would round."""
    made = stages(COUNT)
    steps = Steps()
    check_neurons(stream_of(made), 1, claims_of(made).hidden, steps)
    assert_text(
        lines(f"{step.what}: {step.bound:.4g} < {step.tolerance:.6g}" for step in steps.done),
        """
        sums are exact (in units of their lowest bit): 4 < 1.67772e+07
        """,
    )


def test_neurons_that_give_something_else() -> None:
    """Twice the weights: the tent at 2 is 2 high, and the column is claimed to hold 1 there."""
    made = stages(COUNT)
    stream = stream_of(made)
    layer = stream.weights.layers[0]
    stream.weights = replace(stream.weights, layers=(replace(layer, w_out=2 * layer.w_out),))
    with pytest.raises(Unproved) as refused:
        check_neurons(stream, 1, claims_of(made).hidden, Steps())
    assert_text(
        str(refused.value),
        """
        (copies == 2) is not exact: off by up to 1
        """,
    )


# Gates, proved case by case ---------------------------------------------------------------------------

LARGER = """
    tokens = tokens_asis;
    other = aggregate(select(indices, length - 1 - indices, ==), tokens);
    main = max(tokens, other);
"""
"""Over the tokens -2 to 3 its layer adds up 5 at most for each of two numbers, and starts at -2."""

VOCAB = (-2, 0, 1, 3)
DIFFERENCE = {"tokens feature": 1.0, "other feature": -1.0}
AT_BOS = {"bos": 5.0}


@pytest.fixture
def gate(monkeypatch: pytest.MonkeyPatch) -> Model:
    """The larger of two numbers as neurons over both, for which no value is tried."""
    monkeypatch.setattr(plan, "COMFORTABLE_POINTS", 0)
    monkeypatch.setattr(neurons, "MAX_TRIED", 0)
    monkeypatch.setattr(ways, "others", lambda settled, gated: [])
    return compiler.compile(rasp.parse(LARGER).main, VOCAB, 3)


def with_neurons(
    model: Model, reads: Mapping[str, float], bias: float, weights: list[float], column: str = "main"
) -> Model:
    """The model with more neurons, which all read the same and write to the column of a gate."""
    names = [each.name for each in model.config.columns]
    number = (model.config.columns[names.index(column)].written - 1) // 2
    old, count = model.weights.layers[number], len(weights)
    w_in, w_out = np.zeros((len(names), count)), np.zeros((count, len(names)))
    for name, factor in reads.items():
        w_in[names.index(name)] = factor
    w_out[:, names.index(column)] = weights
    arrays = {
        "w_in": np.hstack([old.w_in, w_in]).astype(np.float32),
        "b_in": np.append(old.b_in, [bias] * count).astype(np.float32),
        "w_out": np.vstack([old.w_out, w_out]).astype(np.float32),
    }
    return with_weights(model, lambda before: with_layer(before, number, **arrays))


EVERY = [list(tokens) for length in (1, 2, 3) for tokens in itertools.product(VOCAB, repeat=length)]


@pytest.mark.parametrize(
    ("reads", "bias", "weight"),
    [
        (DIFFERENCE, 0.0, 1e6),  # 2 * 5 * 1,000,000 is added up at most, below 2^24
        (DIFFERENCE, -4.0, 2.0**23 - 8),  # only 2 * 1 * (2^23 - 8) and 12, just below 2^24
        (DIFFERENCE, -5.0, 2.0**30),  # 0 at most: such neurons are never on
        (AT_BOS, -1.0, 1000.0),  # on at BOS alone, and far from where float32 would round
    ],
)
def test_neurons_that_cancel_exactly(
    gate: Model, reads: Mapping[str, float], bias: float, weight: float
) -> None:
    """Two more neurons that take each other away, in whatever order float32 adds up."""
    forged = with_neurons(gate, reads, bias, [weight, -weight])
    proved = compiler.recheck(forged)
    assert proved.ok, proved.summary()
    assert answers(forged, EVERY) == answers(gate, EVERY)


@pytest.mark.parametrize(
    ("reads", "bias", "weights", "message"),
    [
        (DIFFERENCE, 0.0, [2e6, -2e6], "sums are exact"),
        (DIFFERENCE, -4.0, [2.0**23 - 6, 6 - 2.0**23], "sums are exact"),  # 2^24 in all, no longer below
        (DIFFERENCE, -4.0, [1.0], "off by up to 1"),  # on at a single pair of values, 3 and -2
        (DIFFERENCE, -4.0, [2.0**30], "sums are exact"),
        ({"bos": 2.0**30}, 0.0, [2.0**30], "what BOS holds in main may overflow"),
    ],
)
def test_neurons_that_may_not_cancel(
    gate: Model, reads: Mapping[str, float], bias: float, weights: list[float], message: str
) -> None:
    """Just beyond what float32 adds up exactly; wrong at one pair of values; or too large at BOS."""
    refused = compiler.recheck(with_neurons(gate, reads, bias, weights))
    assert not refused.ok
    assert message in refused.summary()


AGAIN = LARGER.replace("main", "most") + "main = aggregate(select(indices, length - 1 - indices, ==), most);"


@pytest.mark.parametrize("weights", [[2.0**30, -(2.0**30)], [2.0**30], [0.125]])
def test_what_bos_holds_is_certain_where_tokens_read_it(gate: Model, weights: list[float]) -> None:
    """Neurons that are on at BOS alone change no answer of the last layer. Where another one reads the
    column, its heads may see what BOS holds.
    """
    forged = with_neurons(gate, AT_BOS, -1.0, weights)
    proved = compiler.recheck(forged)
    assert proved.ok, proved.summary()
    assert answers(forged, EVERY) == answers(gate, EVERY)
    read = compiler.compile(rasp.parse(AGAIN).main, VOCAB, 3)
    refused = compiler.recheck(with_neurons(read, AT_BOS, -1.0, weights, "most"))
    assert "what is read at BOS is not exact" in refused.summary()


def test_neurons_that_write_nothing_may_not_overflow_at_bos() -> None:
    """Infinity times 0 is no number, in any column that BOS has."""
    made = stages("main = selector_width(select(tokens, tokens, ==)) % 2;")
    stream, layer = stream_of(made), stream_of(made).weights.layers[0]
    stream.lose(0, 2.0**58)
    w_in = np.zeros_like(layer.w_in)
    neurons._update_bos(stream, replace(layer, w_in=w_in, w_out=np.zeros_like(layer.w_out)), {})
    w_in[0] = 2.0**30
    with pytest.raises(Unproved, match="neurons may overflow at BOS"):
        neurons._update_bos(stream, replace(layer, w_in=w_in, w_out=np.zeros_like(layer.w_out)), {})
