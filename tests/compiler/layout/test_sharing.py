"""Columns that take over the place of others: the model is smaller, and nothing else about it changes."""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import compiler
import rasp
import runtime
from compiler.fuzzing.loop import answers, numbered_program
from compiler.layout import sharing
from compiler.layout.schedule import Schedule
from compiler.pipeline import run
from rasp.errors import InputError, ModelError, RaspError
from runtime import Model
from runtime.places import changes, share
from runtime.transformer.numpy_forward import forward
from runtime.transformer.tokens import padded
from runtime.weights import named_arrays
from tests.support.program_cases import CASES
from tests.support.sweeps import sweep
from tests.whole.test_large_programs import bookkeeping

BY_NAME = {case.name: case for case in CASES}
SHARING = ["addition", "auto_addition", "auto_induction", "auto_reverse"]


def compiled(name: str) -> Model:
    case = BY_NAME[name]
    main = rasp.load(name).main
    return compiler.compile(main, case.large.vocab, case.large.max_length, causal=case.causal)


@pytest.fixture(scope="module", params=sweep(SHARING, SHARING[1:]))
def model(request: pytest.FixtureRequest) -> Model:
    return compiled(request.param)


@pytest.fixture(scope="module")
def induction() -> Model:
    return compiled("auto_induction")


def inputs_for(model: Model, count: int = 40) -> list[list[rasp.Atom]]:
    rng = random.Random(1)
    lengths = [rng.randint(1, model.config.max_length) for _ in range(count)]
    return [rng.choices(model.config.vocab, k=length) for length in lengths]


def test_sharing_saves_a_tenth(model: Model) -> None:
    assert model.size.d_model < model.apart.size.d_model == len(model.config.columns)
    assert model.size.parameters <= 0.9 * model.apart.size.parameters


def test_taken_apart_it_computes_the_same(model: Model) -> None:
    encoded = [model.encode(tokens) for tokens in inputs_for(model)]
    batch = padded(encoded, len(encoded), 1 + model.config.max_length)
    mine, other = (forward(m.weights, *batch, causal=m.config.causal) for m in (model, model.apart))
    assert np.array_equal(mine, other)


def test_every_column_can_be_traced(model: Model) -> None:
    mine, other = (m.trace(inputs_for(model)[0]) for m in (model, model.apart))
    for column in model.config.columns:
        assert np.array_equal(mine[column.name], other[column.name]), column.name


def test_put_together_again_it_is_the_same(model: Model) -> None:
    config, weights = share(model.apart.config, model.apart.weights, model.config.places)
    assert config == model.config
    mine, other = named_arrays(model.weights), named_arrays(weights)
    assert mine.keys() == other.keys()
    assert all(np.array_equal(mine[name], other[name]) for name in mine)


def test_saving(model: Model, tmp_path: Path) -> None:
    model.save(tmp_path / "m")
    loaded = runtime.load(tmp_path / "m")
    assert loaded.config == model.config
    assert compiler.recheck(loaded).ok


@pytest.mark.parametrize("programs", sweep([40, 400], [40]))
def test_random_programs_with_all_the_sharing_there_can_be(
    programs: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sharing, "WORTH", 10.0)
    shared = 0
    for seed in range(programs):
        program, inputs = numbered_program(seed)
        try:
            mine = run(program.sop, program.asked)
        except RaspError:
            continue
        if not mine.stored.config.places:
            continue
        shared += 1
        monkeypatch.setattr(sharing, "WORTH", 0.0)
        other = run(program.sop, program.asked)
        monkeypatch.setattr(sharing, "WORTH", 10.0)
        assert answers(mine, inputs) == answers(other, inputs), seed
    assert shared >= programs / 12


@pytest.mark.slow
def test_a_large_program_becomes_small_and_is_proved() -> None:
    main = rasp.parse(bookkeeping(200, seed=3)).main
    model = compiler.compile(main, "abcdef", 8)
    assert model.size.d_model < 0.6 * model.apart.size.d_model
    assert compiler.recheck(model).ok


def test_kept_columns_stay() -> None:
    main = rasp.load("auto_induction").main
    case = BY_NAME["auto_induction"]
    model = compiler.compile(main, case.large.vocab, 12, causal=True, keep=["previous", "matches"])
    assert len(model.config.kept) == 2
    kept = {column for entry in model.config.kept for column in entry.columns}
    assert not kept & {change.old for change in changes(model.config)}


def test_a_column_whose_place_is_taken_cannot_be_looked_at(induction: Model) -> None:
    change = changes(induction.config)[0]
    trace = induction.trace(inputs_for(induction)[0])
    old, new = (induction.config.columns[c].name for c in (change.old, change.new))
    assert trace.column(old, after=2 * change.layer - 1) is not None
    with pytest.raises(InputError, match="gives its place to") as error:
        trace.column(old, after=2 * change.layer)
    assert new in error.value.message


def test_a_place_taken_too_early_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    case = BY_NAME["addition"]

    def nothing_is_read(lowered: object, schedule: Schedule) -> dict[object, float]:
        return {}

    monkeypatch.setattr(sharing, "last_reads", nothing_is_read)
    with pytest.raises(ModelError, match="used while its place belongs to another"):
        compiler.compile(rasp.load("addition").main, case.large.vocab, case.large.max_length)


def test_neurons_that_clear_are_checked(induction: Model) -> None:
    change = changes(induction.config)[0]
    layers = list(induction.weights.layers)
    layer = layers[change.layer - 1]
    w_out = layer.w_out.copy()
    w_out[-1] *= 0.5
    layers[change.layer - 1] = replace(layer, w_out=w_out)
    broken = replace(induction, weights=replace(induction.weights, layers=tuple(layers)))
    with pytest.raises(ModelError, match="neurons that clear shared places"):
        _ = broken.apart
    assert not compiler.recheck(broken).ok


def test_changes_since_it_was_taken_apart_are_noticed() -> None:
    model = compiled("auto_induction")
    assert compiler.recheck(model.apart).ok
    model.weights.layers[changes(model.config)[0].layer - 1].w_out[-1] *= 0.5
    assert not compiler.recheck(model).ok


def test_what_bos_leaves_behind_is_checked() -> None:
    source = """
    first = aggregate(select(indices, 0, ==), tokens_int);
    copied = aggregate(select(indices, first * indices, ==), tokens_int, 0);
    answer = aggregate(select(copied, indices, ==), copied, 0);
    """
    model = compiler.compile(rasp.parse(source).main, "0123", 4)
    change = next(c for c in changes(model.config) if model.config.columns[c.old].name == "first")
    layer = model.weights.layers[0]
    head, dim = np.argwhere(layer.w_o[:, :, change.place])[0]
    w_v = layer.w_v.copy()
    w_v[head, 0, dim] = 0.25  # only BOS holds anything in column 0, and a quarter cannot be cleared
    layers = (replace(layer, w_v=w_v), *model.weights.layers[1:])
    broken = replace(model, weights=replace(model.weights, layers=layers))
    assert broken("1") != model("1") == broken.apart("1")
    assert "cannot be cleared" in compiler.recheck(broken).summary()


def test_places_that_cannot_be(induction: Model) -> None:
    places = induction.config.places
    for wrong, said in [
        (places[:-1], "every column needs a place"),
        (tuple(place + (place > 2) for place in places), "without gaps"),
    ]:
        with pytest.raises(ModelError, match=said):
            replace(induction, config=replace(induction.config, places=wrong))
    first = induction.config.columns.index(next(c for c in induction.config.columns if c.written == 0))
    crowded = tuple(places[first] if c in (first, first + 1) else place for c, place in enumerate(places))
    with pytest.raises(ModelError, match="cannot share a place"):
        changes(replace(induction.config, places=crowded))
