"""The circuit that goes with an export: the model's own, counted in the blocks of the export."""

from __future__ import annotations

import json
from typing import Any

import pytest

import compiler
import rasp
from runtime import Model
from runtime.exports import gpt2, llama, transformer_lens
from runtime.exports.circuits import CIRCUIT
from runtime.exports.spacing import spaced
from tests.support.worked import DIGITS, sop_of

Edges = dict[tuple[Any, Any], dict[str, Any]]


def compiled(name: str, causal: bool) -> Model:
    return compiler.compile(rasp.load(name).main, "abc", 4, causal=causal).apart


def edges_of(files: Any) -> Edges:
    data = json.loads(files[CIRCUIT])
    return {(tuple(edge["from"]), tuple(edge["to"])): edge for edge in data["edges"]}


def own_edges(model: Model) -> Edges:
    """The model's own, with layers counted from 0."""

    def from_0(part: tuple[Any, ...]) -> tuple[Any, ...]:
        return (part[0], part[1] - 1, *part[2:]) if len(part) > 1 else part

    found = model.connections().edges(data=True)
    return {(from_0(source), from_0(target)): data for source, target, data in found}


@pytest.mark.parametrize("name", ["hist", "hist2"])
def test_gpt2_has_the_model_s_own_circuit(name: str) -> None:
    model = compiled(name, causal=True)
    own, exported = own_edges(model), edges_of(gpt2.build(model).files)
    assert own.keys() <= exported.keys()
    for edge, told in exported.items():
        assert told["varies"] is own.get(edge, {"varies": False})["varies"], edge
    mine, theirs = own[("embedding",), ("head", 0, 0)], exported[("embedding",), ("head", 0, 0)]
    assert set(mine["roles"]["query"]) <= set(theirs["roles"]["query"])


def test_transformer_lens_has_it_in_its_own_blocks() -> None:
    model = compiled("sort", causal=False)
    places = spaced(model.weights).places

    def in_block(part: tuple[Any, ...]) -> tuple[Any, ...]:
        if len(part) == 1:
            return part
        place = places[2 * part[1] + (part[0] == "mlp")]
        assert place is not None
        return (part[0], place // 2, *part[2:])

    exported = edges_of(transformer_lens.build(model).files)
    varying = {edge for edge, told in exported.items() if told["varies"]}
    own = {edge for edge, told in own_edges(model).items() if told["varies"]}
    assert varying == {(in_block(source), in_block(target)) for source, target in own}
    assert any(target[:2] == ("head", 2) for _, target in varying), "sort has a block more in this form"


def test_llama_finds_out_positions_first() -> None:
    exported = edges_of(llama.build(compiled("sort", causal=True)).files)
    assert not exported[("embedding",), ("head", 0, 0)]["varies"]
    assert exported[("embedding",), ("head", 2, 0)]["varies"]


@pytest.mark.parametrize(("build", "heads"), [(gpt2.build, 2), (llama.build, 2)])
def test_heads_of_one_read_are_told_to_be(build: Any, heads: int) -> None:
    """Two heads count the keys below, each by a digit, in the blocks of the export too."""
    model = compiler.compile(sop_of(DIGITS), range(16), 4, causal=True).apart
    parts = json.loads(build(model).files[CIRCUIT])["parts"]
    assert [part["part_of"] for part in parts if "part_of" in part] == [["less"]] * heads
