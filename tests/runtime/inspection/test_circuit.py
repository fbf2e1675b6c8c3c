"""The circuit read off the weights: what it says carries nothing can be cut without any effect."""

from __future__ import annotations

import itertools
import json
from dataclasses import replace

import networkx as nx
import numpy as np
import pytest

import compiler
import rasp
from runtime import Model
from runtime.inspection.circuit import to_json
from tests.support.worked import digits


@pytest.fixture(scope="module")
def sort() -> Model:
    return compiler.compile(rasp.load("sort").main, "abc", 4)


def test_edges_of_sort(sort: Model) -> None:
    graph = sort.circuit()
    assert graph.has_edge(("token",), ("column", "tokens = b"))
    assert not graph.has_edge(("position",), ("column", "tokens = b"))
    roles = {role for _, target, role in graph.edges(data="role") if target == ("head", 2, 0)}
    assert roles == {"query", "key", "value"}
    assert nx.has_path(graph, ("token",), ("logits",))
    assert ("program", "rank") in graph


def test_connections_of_sort(sort: Model) -> None:
    graph = sort.connections()
    assert graph.edges[("head", 1, 0), ("head", 2, 0)]["carries"]
    assert graph.edges[("head", 2, 0), ("logits",)]["columns"] == ["sorted_tokens"]
    assert not graph.edges[("head", 1, 0), ("logits",)]["carries"]
    assert not graph.has_edge(("head", 2, 0), ("head", 1, 0))


def without_head(model: Model, layer: int, head: int) -> Model:
    """The model with one head writing nothing."""
    layers = list(model.weights.layers)
    written = layers[layer - 1].w_o.copy()
    written[head] = 0
    layers[layer - 1] = replace(layers[layer - 1], w_o=written)
    return replace(model, weights=replace(model.weights, layers=tuple(layers)))


@pytest.mark.parametrize("name", ["sort", "hist2", "dyck1_ptf"])
def test_a_head_matters_exactly_if_it_reaches_the_logits(name: str) -> None:
    vocab = "()" if name == "dyck1_ptf" else "abc"
    model = compiler.compile(rasp.load(name).main, vocab, 4)
    inputs = [list(x) for x in itertools.product(vocab, repeat=4)]
    graph = model.circuit()
    heads = [part for part in graph if part[0] == "head"]
    assert heads
    for part in heads:
        changed = without_head(model, part[1], part[2]).batch(inputs) != model.batch(inputs)
        assert changed is nx.has_path(graph, part, ("logits",))


@pytest.mark.parametrize("name", ["sort", "hist2", "dyck1_ptf"])
def test_what_varies_is_what_differs_between_inputs_of_one_length(name: str) -> None:
    vocab = "()" if name == "dyck1_ptf" else "abc"
    model = compiler.compile(rasp.load(name).main, vocab, 4).apart
    traces = model.batch_trace(list(x) for x in itertools.product(vocab, repeat=4))
    graph = model.circuit()
    for column in model.config.columns:
        values = np.array([trace[column.name] for trace in traces])
        differs = bool((values != values[:1]).any())
        told = {varies for *_, varies in graph.in_edges(("column", column.name), data="varies")}
        assert (True in told) is differs, column.name


def test_edges_that_cannot_vary(sort: Model) -> None:
    graph = sort.connections()
    first = graph.edges[("embedding",), ("head", 1, 0)]
    assert first["carries"]
    assert set(first["roles"]) <= {"query", "key", "value"}
    assert {name for names in first["roles"].values() for name in names} == set(first["columns"])
    assert set(first["varying"]) < set(first["columns"])
    assert "bos" in set(first["columns"]) - set(first["varying"])
    roles = graph.edges[("head", 1, 0), ("head", 2, 0)]["roles"]
    assert "value" not in roles
    one = compiler.compile(rasp.load("sort").main, ["a"], 4)
    assert not any(varies for *_, varies in one.connections().edges(data="varies"))


def test_json(sort: Model) -> None:
    data = json.loads(json.dumps(to_json(sort.circuit())))
    assert {"from": ["token"], "to": ["column", "tokens = b"], "role": "embeds", "varies": True} in data[
        "edges"
    ]


def test_heads_of_one_read_are_told_to_be() -> None:
    """The program has the read once, its digits hold it, and each head says of which read it has a part."""
    graph, heads = digits().circuit(), [("head", 1, 0), ("head", 1, 1)]
    parts = [("column", f"less, part {number} of 2") for number in (1, 2)]
    assert [target for _, target in graph.out_edges(("program", "less"))] == parts
    assert [graph.nodes[part]["part_of"] for part in parts] == ["less", "less"]
    for told in (graph, digits().connections()):
        assert [told.nodes[head]["part_of"] for head in heads] == [["less"], ["less"]]
    assert not any("part_of" in data for _, data in compiled_whole().circuit().nodes(data=True))


def compiled_whole() -> Model:
    return compiler.compile(rasp.load("rank").main, range(16), 4, heads="fewest")
