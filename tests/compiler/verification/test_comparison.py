"""Verification: which inputs are tried, what is found, how it is shown."""

from __future__ import annotations

import dataclasses
import itertools
import json
import os
import subprocess
import sys
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import compiler
import rasp
import runtime
from compiler.verification.comparison import FEW_ROWS, Comparison, Progress
from compiler.verification.report import Mismatch, Report
from compiler.verification.sampling import (
    ascending,
    count_inputs,
    edge_inputs,
    every_input,
    numbered_inputs,
    random_inputs,
)
from rasp import tokens
from rasp.commands.verifying import time_left, what_there_is
from rasp.errors import InputError
from rasp.graph.sops import SOp
from runtime import Model
from runtime.weights import named_arrays
from tests.support.command_line import assert_refused, rasp_command
from tests.support.sweeps import sweep
from tests.support.tampering import with_array

VOCAB = (0, 1, 2, 3)


@pytest.fixture(scope="module")
def sort() -> SOp:
    main = rasp.load("sort").main
    assert isinstance(main, SOp)
    return main


@pytest.fixture(scope="module")
def model(sort: SOp) -> Model:
    return compiler.compile(sort, VOCAB, 5)


def changed(model: Model, layer: int, name: str, change: Callable[[Any], Any]) -> Model:
    """The model with one array of one layer changed."""
    layers = list(model.weights.layers)
    layers[layer] = dataclasses.replace(layers[layer], **{name: change(getattr(layers[layer], name).copy())})
    return dataclasses.replace(model, weights=dataclasses.replace(model.weights, layers=tuple(layers)))


def weakened(array: Any) -> Any:
    """The last entry that is not 0, halved."""
    array[tuple(np.argwhere(array)[-1])] *= 0.5
    return array


def test_every_input_once() -> None:
    found = [tuple(row) for ids in every_input(3, 4, 10) for row in ids.tolist()]
    assert found == [one for n in range(1, 5) for one in itertools.product(range(3), repeat=n)]
    assert count_inputs(3, 4) == len(found)


@pytest.mark.parametrize("start", [0, 7**30 - 3, 7**39 + 12345])
def test_inputs_by_number_beyond_64_bits(start: int) -> None:
    rows = numbered_inputs(7, 41, start, start + 5)
    assert [int("".join(map(str, row)), 7) for row in rows.tolist()] == list(range(start, start + 5))


def test_numbers_across_a_carry() -> None:
    base = 2**40  # the digits that vary fastest are made together
    rows = numbered_inputs(2, 50, base - 3, base + 3)
    assert [int("".join(map(str, row)), 2) for row in rows.tolist()] == list(range(base - 3, base + 3))


def test_edge_cases() -> None:
    edges = {tuple(row) for ids in edge_inputs(np.arange(4), 6) for row in ids.tolist()}
    assert {(0,), (3,), (0,) * 6, (3,) * 6, (0, 1, 2, 3), (3, 2, 1, 0)} <= edges
    ascending = [one for one in edges if len(one) == 6 and list(one) == sorted(one) and len(set(one)) > 1]
    assert ascending
    assert ascending[0][::-1] in edges


def test_edge_cases_are_sorted_by_value(sort: SOp) -> None:
    vocab = (3, 1, 7, 2)
    order = ascending(vocab)
    edges = [[vocab[place] for place in row] for ids in edge_inputs(order, 4) for row in ids.tolist()]
    assert [1, 2, 3, 7] in edges
    assert [7, 3, 2, 1] in edges
    assert [7, 7, 7, 7] in edges


def test_random_inputs_are_mixed_and_seeded() -> None:
    def drawn(seed: int) -> list[tuple[int, ...]]:
        return [tuple(row) for ids in random_inputs(np.arange(5), 7, 300, seed, 64) for row in ids.tolist()]

    assert drawn(1) == drawn(1)
    assert drawn(1) != drawn(2)
    edges = sum(map(len, edge_inputs(np.arange(5), 7)))
    assert len(drawn(1)) == 300 + edges
    assert {len(one) for one in drawn(1)} == set(range(1, 8))
    assert all(0 <= token < 5 for one in drawn(1) for token in one)
    assert any(len(set(one)) == 2 for one in drawn(1) if len(one) == 7)


def test_exhaustive(sort: SOp, model: Model) -> None:
    report = compiler.verify(sort, model, exhaustive=True)
    assert report.ok
    assert report.inputs == count_inputs(4, 5) == 1364
    assert report.undefined == 0
    assert "every one of 1,364 inputs" in report.summary()


def test_random(sort: SOp, model: Model) -> None:
    report = compiler.verify(sort, model, samples=700, seed=3)
    assert report.ok
    assert report.seed == 3
    assert report.inputs == 700 + sum(map(len, edge_inputs(np.arange(4), 5)))


def test_nothing_compared_is_no_success() -> None:
    sop = 1 / (tokens - tokens * tokens)
    found = compiler.verify(sop, compiler.compile(1 / (tokens - 1), (0, 1), 3), exhaustive=True)
    assert (found.inputs, found.undefined, found.ok) == (0, 14, False)
    assert "nothing compared: the program has no answer" in found.summary()


def test_a_sweep_that_is_stopped_tells_what_it_found(sort: SOp, model: Model) -> None:
    def stop(state: Progress) -> None:
        if state.done > 300:
            raise KeyboardInterrupt

    found = compiler.verify(sort, model, exhaustive=True, progress=stop)
    assert 300 < found.inputs < found.total == 1364
    assert not found.complete
    assert not found.ok
    assert found.summary().startswith(f"stopped after {found.inputs:,} of 1,364 inputs: equal on all")
    broken = changed(model, 1, "w_q", lambda array: array * 0)
    found = compiler.verify(sort, broken, exhaustive=True, progress=stop)
    assert found.differing
    assert found.smallest is not None
    assert "stopped before the end: 1,364 were to be tried" in found.summary()


def test_progress_in_numbers_that_people_can_read() -> None:
    assert what_there_is(4, 9) == "349,524 inputs: all of 1 to 9 tokens out of 4"
    assert what_there_is(26, 4000).startswith("about 10^5660 inputs")
    first = Progress(4, 400, 0, 60.0)  # this had to wait for JAX, which says nothing of what comes
    assert time_left(Progress(104, 404, 0, 70.0), first) == "30 s left"
    assert time_left(Progress(104, 6_104, 0, 70.0), first) == "10 min left"
    assert time_left(Progress(104, 100_104, 0, 70.0), first) == "2:46 h left"
    assert time_left(Progress(104, 10_000_104, 0, 70.0), first) == "11 days left"
    assert time_left(Progress(104, 26**4000, 0, 70.0), first) == "more than a century left"
    assert time_left(first, first)


def test_progress(sort: SOp, model: Model) -> None:
    states: list[Progress] = []
    compiler.verify(sort, model, exhaustive=True, progress=states.append)
    assert len(states) > 1
    assert [state.done for state in states] == sorted(state.done for state in states)
    assert states[-1].done == states[-1].total == 1364


def test_certificate(sort: SOp, model: Model) -> None:
    report = compiler.verify(sort, model, certificate=True)
    assert report.ok
    assert report.inputs == 0
    assert report.summary()


def test_the_certificate_of_a_damaged_model_does_not_hold(sort: SOp, model: Model) -> None:
    report = compiler.verify(sort, changed(model, 0, "w_out", weakened), certificate=True)
    assert not report.ok


def test_undefined_inputs_are_counted_apart() -> None:
    inverse = 1 / tokens
    found = compiler.verify(inverse, compiler.compile(inverse, (0, 1, 2), 3), exhaustive=True)
    assert found.ok
    assert found.inputs == 2 + 4 + 8
    assert found.undefined == 39 - 14
    assert "(25 undefined ones left out)" in found.summary()


def test_means_read_from_a_column() -> None:
    mean = rasp.aggregate(rasp.full_s, tokens * tokens)
    model = compiler.compile(mean, range(6), 5)
    assert compiler.verify(mean, model, exhaustive=True).ok
    other = rasp.aggregate(rasp.full_s, tokens * tokens + 1)
    assert (
        compiler.verify(other, model, samples=50).differing
        == compiler.verify(other, model, samples=50).inputs
    )


def test_a_wrong_model_is_found_shrunk_and_located(sort: SOp, model: Model) -> None:
    broken = changed(model, 0, "w_out", weakened)
    report = compiler.verify(sort, broken, exhaustive=True)
    assert not report.ok
    assert 0 < report.differing < report.inputs
    smallest = report.smallest
    assert smallest is not None
    assert smallest.expected == tuple(sorted(smallest.inputs))
    assert smallest.answer == tuple(broken(list(smallest.inputs)))
    shorter = [m for m in report.mismatches if len(m.inputs) < len(smallest.inputs)]
    assert not shorter
    assert report.difference is not None
    assert (report.difference.sop, report.difference.layer, report.difference.part) == ("rank", 1, "MLP")
    text = report.summary()
    assert "first wrong: rank" in text
    assert "^" in text


def test_the_head_is_named(sort: SOp, model: Model) -> None:
    broken = changed(model, 1, "w_q", lambda array: array * 0)
    difference = compiler.verify(sort, broken, samples=100).difference
    assert difference is not None
    assert (difference.sop, difference.layer, difference.part) == ("sorted_tokens", 2, "attention")
    assert difference.heads == (0,)


def test_the_unembedding_is_named(sort: SOp, model: Model) -> None:
    bias = np.zeros_like(model.weights.unembedding_bias)
    broken = dataclasses.replace(model, weights=dataclasses.replace(model.weights, unembedding_bias=bias))
    difference = compiler.verify(sort, broken, samples=100).difference
    assert difference is not None
    assert difference.part == "unembedding"


@pytest.mark.parametrize(
    ("name", "place", "by", "expected"),
    [
        ("token_embedding", (3, 2), 1.0, ("tokens", 0, "embedding", ())),
        ("layers.0.w_q", (0, 0, 0), 1e30, ("rank", 1, "attention", (0,))),
        pytest.param(
            "position_embedding", (4, 6), 1.0, ("indices", 0, "embedding", ()), marks=pytest.mark.slow
        ),
        pytest.param("layers.0.w_out", (3, 4), 1.0, ("tokens", 1, "MLP", ()), marks=pytest.mark.slow),
        pytest.param("layers.0.b_o", (5,), 1.0, ("indices", 1, "attention", ()), marks=pytest.mark.slow),
    ],
)
def test_a_damaged_saved_model_is_located(
    sort: SOp,
    tmp_path: Path,
    name: str,
    place: tuple[int, ...],
    by: float,
    expected: tuple[str, int, str, tuple[int, ...]],
) -> None:
    """Also by its own program, in which other s-ops have names, and where a sublayer damages what another
    one has written.
    """
    saved = tmp_path / "sort"
    compiler.compile(sort, range(5), 8).save(saved)
    model = runtime.load(saved)
    array = named_arrays(model.weights)[name]
    array = array.copy()
    array[place] += by
    broken = dataclasses.replace(model, weights=with_array(model.weights, name, array))
    for sop in (sort, rasp.parse(model.program).main):
        found = compiler.verify(sop, broken, samples=500).difference
        assert found is not None
        assert (found.sop, found.layer, found.part, found.heads) == expected


def test_located_where_columns_share_places() -> None:
    sop = rasp.load("addition").main
    assert isinstance(sop, SOp)
    model = compiler.compile(sop, "01+=", 5)
    assert model.config.places
    difference = compiler.verify(
        sop, changed(model, 2, "w_q", lambda array: array * 0), samples=100
    ).difference
    assert difference is not None
    assert (difference.layer, difference.part) == (3, "attention")


def test_another_program(sort: SOp, model: Model) -> None:
    report = compiler.verify(tokens, model, samples=200)
    assert not report.ok
    assert report.smallest is not None
    assert report.smallest.inputs in {(1, 0), (2, 0), (2, 1), (3, 0), (3, 1), (3, 2)}


def test_report_as_json(sort: SOp, model: Model) -> None:
    broken = changed(model, 1, "w_q", lambda array: array * 0)
    data = json.loads(compiler.verify(sort, broken, samples=100).to_json())
    assert data["ok"] is False
    assert data["differing"] >= len(data["mismatches"]) > 0
    assert data["smallest"]["input"]
    assert data["first_difference"]["layer"] == 2


def test_a_report_of_huge_numbers_as_json() -> None:
    huge = Mismatch((1,), (Fraction(10**400, 3),), (Fraction(1, 4),))
    data = json.loads(Report("random", 1, 0, 1, (huge,), huge, total=1).to_json())
    assert data["smallest"]["expected"] == [round(Fraction(10**400, 3))]
    assert data["smallest"]["answer"] == [0.25]


def test_the_oracle_is_checked_as_well(monkeypatch: pytest.MonkeyPatch, sort: SOp, model: Model) -> None:
    comparison = Comparison(sort, model, FEW_ROWS)
    monkeypatch.setattr(comparison.oracle, "sop", tokens)
    monkeypatch.setitem(
        comparison.oracle._remembered, tokens, comparison.oracle._remembered[rasp.tokens_asis]
    )
    with pytest.raises(AssertionError, match="oracle and interpreter differ"):
        comparison.differing(np.array([[3, 0]]))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"samples": -1}, "samples must be an int"),
        ({"samples": None}, "samples must be an int"),
        ({"samples": True}, "samples must be an int"),
        ({"seed": -1}, "seed must be an int"),
        ({"seed": 1.5}, "seed must be an int"),
        ({"exhaustive": "no"}, "exhaustive must be True or False"),
        ({"exhaustive": True, "certificate": True}, "ask for one"),
        ({"progress": 5}, "progress must be a function"),
        ({"sop": None}, "first argument"),
        ({"sop": rasp.full_s}, "first argument"),
        ({"model": None}, "second argument"),
        ({"sop": "sort", "certificate": True}, "first argument"),
    ],
)
def test_arguments_that_are_none(sort: SOp, model: Model, arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        compiler.verify(**{"sop": sort, "model": model, **arguments})


@pytest.mark.slow
def test_sort_of_four_letters_to_length_nine(sort: SOp) -> None:
    report = compiler.verify(sort, compiler.compile(sort, VOCAB, 9), exhaustive=True)
    assert report.ok
    assert report.inputs == 349_524
    assert report.seconds < 60


SEVERAL_DEVICES = """
import jax, compiler, rasp, runtime.transformer.forward
run, shards = runtime.transformer.forward.run, set()
def spied(weights, ids, lengths, causal):
    shards.add(tuple(len(shard.data) for shard in ids.addressable_shards))
    return run(weights, ids, lengths, causal)
runtime.transformer.forward.run = spied
sort = rasp.load("sort").main
model = compiler.compile(sort, (0, 1, 2), 4)
report = compiler.verify(sort, model, exhaustive=True)
print(report.ok, report.inputs, *[len({*each}) == 1 and len(each) for each in shards])
"""


@pytest.mark.parametrize("devices", sweep([3, 8], [3]))
def test_spread_over_several_devices(devices: int) -> None:
    """Every device has as many rows as the others."""
    flags = {"XLA_FLAGS": f"--xla_force_host_platform_device_count={devices}", "JAX_PLATFORMS": "cpu"}
    command = [sys.executable, "-W", "error", "-c", SEVERAL_DEVICES]
    ran = subprocess.run(
        command, capture_output=True, text=True, timeout=600, check=True, env={**os.environ, **flags}
    )
    assert ran.stdout.split() == ["True", "120", str(devices)]


def test_command_says_how_many_there_are() -> None:
    result = rasp_command("verify", "hist", "--vocab", "ab", "--max-length", "3", "--exhaustive")
    assert result.code == 0, result.err
    assert "14 inputs: all of 1 to 3 tokens out of 2" in result.err
    assert "equal on every one of 14 inputs" in result.out


def test_command_with_a_certificate() -> None:
    result = rasp_command("verify", "hist", "--vocab", "ab", "--max-length", "3", "--certificate", "--json")
    assert result.code == 0
    assert json.loads(result.out)["mode"] == "certificate"


def test_modes_exclude_each_other() -> None:
    assert_refused(
        rasp_command("verify", "hist", "--vocab", "ab", "--max-length", "3", "--exhaustive", "--certificate"),
        "only one of",
    )
