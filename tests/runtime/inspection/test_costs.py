"""What a model costs, s-op by s-op: every stored entry is counted once, and belongs to whom it should."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import compiler
import rasp
import runtime
from runtime import Model
from runtime.inspection.costs import OUTPUT, Cost, Costs
from tests.support.program_cases import CASES, Case
from tests.support.random_models import random_model

SHARING = "auto_induction"
"""A program in whose large model columns share places."""


def compiled(case: Case, large: bool = False) -> Model:
    setting = case.large if large else case.small
    return compiler.compile(rasp.load(case.name).main, setting.vocab, setting.max_length, case.causal)


def add_up(model: Model) -> None:
    """All entries, heads, neurons and columns of the model are somewhere, and nowhere twice."""
    costs, size = model.costs(), model.size
    assert sum(row.parameters for row in costs.rows) == costs.parameters == size.parameters
    assert sum(row.nonzeros for row in costs.rows) == costs.nonzeros == size.nonzeros
    assert sum(row.share for row in costs.rows) == pytest.approx(1)
    assert sum(row.heads for row in costs.rows) == sum(len(layer.w_q) for layer in model.weights.layers)
    assert sum(row.neurons for row in costs.rows) == sum(len(layer.b_in) for layer in model.weights.layers)
    assert sum(row.columns for row in costs.rows) == len(model.config.columns)
    assert len({(row.name, row.of) for row in costs.rows}) == len(costs.rows)


def by_name(costs: Costs) -> dict[str, Cost]:
    return {row.name: row for row in costs.rows}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_shares_add_up_to_the_model(case: Case) -> None:
    add_up(compiled(case))


def test_shares_add_up_where_columns_share_places() -> None:
    model = compiled(next(case for case in CASES if case.name == SHARING), large=True)
    assert model.config.places
    add_up(model)
    mine, apart = (by_name(each.costs()) for each in (model, model.apart))
    assert {name: (row.heads, row.dims, row.columns) for name, row in mine.items()} == {
        name: (row.heads, row.dims, row.columns) for name, row in apart.items()
    }
    assert sum(row.neurons for row in mine.values()) > sum(row.neurons for row in apart.values())


@pytest.mark.parametrize("seed", range(20))
def test_shares_of_any_model_add_up(seed: int) -> None:
    """No s-op of its columns is known, and its heads and neurons write anything."""
    add_up(random_model(seed))


def test_every_kind_of_entry_belongs_to_whom_it_should() -> None:
    program = "n = selector_width(select(tokens, tokens, ==));\nodd = n > 2;"
    model = compiler.compile(rasp.parse(program).main, "abc", 6)
    (layer,) = model.weights.layers
    rows, width = by_name(model.costs()), model.size.d_model
    assert rows["n"].line == 1
    assert rows["odd"].line == 2
    assert rows["odd"].of is not None
    assert rows[OUTPUT].parameters == model.weights.unembedding.size + model.weights.unembedding_bias.size
    along_a_place = (1 + 3) + (1 + 6) + 2  # both embeddings, and the biases of attention and MLP
    assert rows["odd"].parameters == along_a_place + len(layer.b_in) * (2 * width + 1)
    assert rows["BOS"].parameters == along_a_place
    assert rows["tokens"].parameters == rows["tokens"].columns * along_a_place
    assert rows["n"].parameters == along_a_place + layer.w_q.size * 4 + layer.b_q.size * 3
    assert (rows["n"].heads, rows["n"].layers, rows["tokens"].layers) == (1, (1,), (0,))
    assert rows["n"].dims == layer.w_q.shape[2]
    assert [row.parameters for row in model.costs().rows] == sorted(
        (row.parameters for row in rows.values()), reverse=True
    )


def test_padding_belongs_to_the_widest_head() -> None:
    """Counting a token takes one product, an order of tokens one for each; both heads are stored alike."""
    program = "v = tokens_int; a = selector_width(select(v, 3, ==)); b = selector_width(select(v, v, <)); "
    model = compiler.compile(rasp.parse(program + "x = a * 100 + b;").main, range(20), 6, heads="fewest")
    (layer,) = model.weights.layers
    rows = by_name(model.costs())
    heads, width, dims = layer.w_q.shape
    assert heads == 2
    assert rows["a"].dims == 2 < rows["b"].dims == dims
    along_a_place = (1 + 20) + (1 + 6) + 2
    assert rows["a"].parameters == along_a_place + 2 * (4 * width + 3)
    assert rows["b"].parameters == along_a_place + (2 * dims - 2) * (4 * width + 3)


def test_heads_that_score_alike_are_one_and_each_pays_for_what_it_hands_on() -> None:
    program = "right = select(indices, indices + 1, ==); a = aggregate(right, tokens_int); "
    program += "b = aggregate(right, indices); x = 100 * a + b;"
    model = compiler.compile(rasp.parse(program).main, range(5), 6)
    rows, (layer,) = by_name(model.costs()), model.weights.layers
    width = model.size.d_model
    assert len(layer.w_q) == 1
    assert {rows["a"].heads, rows["b"].heads} == {0, 1}
    other = min(rows["a"], rows["b"], key=lambda row: row.heads)
    assert other.parameters == (1 + 5) + (1 + 6) + 2 + 2 * width + 1
    add_up(model)


def test_a_loaded_model_knows_its_costs_by_the_lines_of_its_own_program(tmp_path: Path) -> None:
    source = "\n\n\nn = selector_width(select(tokens, tokens, ==));\ntwice = n > 1;"
    model = compiler.compile(rasp.parse(source).main, "abc", 6)
    model.save(tmp_path / "model")
    loaded = runtime.load(tmp_path / "model")
    there, here = model.costs(), loaded.costs()
    assert [replace(row, line=None) for row in here.rows] == [replace(row, line=None) for row in there.rows]
    assert by_name(there)["n"].line == 4
    line = by_name(here)["n"].line
    assert line is not None
    assert loaded.program.splitlines()[line - 1].startswith("n = ")


def test_the_table_has_a_line_for_each_and_the_sum() -> None:
    model = compiler.compile(rasp.load("sort").main, range(10), 16)
    costs = model.costs()
    head, *lines, total = str(costs).splitlines()
    titles = ["s-op", "line", "layer", "heads", "dims", "neurons", "columns", "parameters", "non-zeros"]
    assert head.split() == titles
    assert [line.split()[0] for line in lines] == [row.name for row in costs.rows]
    assert all(line.endswith(f"{row.share:.1%}") for line, row in zip(lines, costs.rows, strict=True))
    assert total.split() == ["all", f"{model.size.parameters:,}", f"{model.size.nonzeros:,}", "100.0%"]


def test_what_is_zero_counts_as_stored_and_not_as_non_zero() -> None:
    model = compiler.compile(rasp.load("hist").main, "abc", 6)
    emptied = replace(model.weights, token_embedding=np.zeros_like(model.weights.token_embedding))
    costs, before = replace(model, weights=emptied).costs(), model.costs()
    assert costs.parameters == before.parameters
    assert costs.nonzeros == before.nonzeros - np.count_nonzero(model.weights.token_embedding)
