"""Edges of hist that are cut: what varies moves the logits, and the rest provably does not."""

from __future__ import annotations

import numpy as np
import pytest

import compiler
import rasp
from compiler.lab.patching import Patching, all_edges, random_pairs, true_edges
from runtime import Model


@pytest.fixture(scope="module")
def hist() -> Model:
    return compiler.compile(rasp.load("hist").main, "abc", 4)


def test_the_edges_of_hist(hist: Model) -> None:
    head, embedding = ("head", 1, 0), ("embedding",)
    assert {edge for edge in all_edges(hist) if edge[1] == head} == {
        (embedding, head, role) for role in ("query", "key", "value")
    }
    assert true_edges(hist) == {
        (embedding, head, "query"),
        (embedding, head, "key"),
        (head, ("logits",), "unembeds"),
    }


def test_cutting_nothing_leaves_the_model_as_it_is(hist: Model) -> None:
    pairs = random_pairs(hist, 8, seed=1)
    patching = Patching(hist, pairs)
    assert np.array_equal(patching.clean, hist.run(pairs.clean, np.full(8, 4, np.int32)))
    assert np.array_equal(patching.cut(set()), patching.clean)
    assert patching.damage(set()) == 0


def test_cutting_everything_gives_the_other_answers(hist: Model) -> None:
    pairs = random_pairs(hist, 8, seed=1)
    patching = Patching(hist, pairs)
    assert np.array_equal(patching.cut(all_edges(hist)), patching.other_logits)
    assert patching.damage(all_edges(hist)) == 1


@pytest.mark.parametrize("name", ["hist", "hist2", "dyck1_ptf"])
def test_what_cannot_vary_can_be_cut_and_what_can_cannot(name: str) -> None:
    model = compiler.compile(rasp.load(name).main, "()" if name == "dyck1_ptf" else "abc", 5)
    patching = Patching(model, random_pairs(model, 48, seed=0))
    true, edges = true_edges(model), all_edges(model)
    assert patching.damage([edge for edge in edges if edge not in true]) == 0
    for edge in true:
        assert patching.damage({edge}) > 0, edge


def test_pairs_are_as_their_seed_says(hist: Model) -> None:
    one, again, other = (random_pairs(hist, 5, seed) for seed in (1, 1, 2))
    assert one.clean.shape == one.other.shape == (5, 5)
    assert np.array_equal(one.clean, again.clean)
    assert not np.array_equal(one.clean, other.clean)
    assert (one.clean[:, 0] == 0).all()
    assert (one.clean[:, 1:] > 0).all()
