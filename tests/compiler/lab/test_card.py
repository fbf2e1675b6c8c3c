"""What tells of a set, for people and for tools."""

from __future__ import annotations

import hashlib
from collections import Counter

from compiler.lab.candidates import Wanted
from compiler.lab.card import FIELDS, croissant, readme, scores_of, with_scores

TAKEN = [
    {"part": "train", "layers": 1, "origin": "hist"},
    {"part": "test", "layers": 3, "origin": "random"},
    {"part": "train", "layers": 3, "origin": "random"},
]


def test_the_card_counts() -> None:
    text = readme(TAKEN, Counter({"no head": 2}), Wanted(seed=5))
    assert "3 transformers compiled from RASP programs (1 of the library, the others random),\nseed 5" in text
    assert "test: 1, train: 2" in text
    assert "- layers: 1: 1, 3: 2" in text
    assert "- left out: no head: 2" in text


def test_croissant_names_the_index_and_its_fields() -> None:
    data = croissant(TAKEN, b"index")
    [index, weights] = data["distribution"]
    assert index["sha256"] == hashlib.sha256(b"index").hexdigest()
    assert weights["includes"] == "models/*/model.safetensors"
    [records] = data["recordSet"]
    assert [field["name"] for field in records["field"]] == list(FIELDS)
    assert data["conformsTo"] == "http://mlcommons.org/croissant/1.0"


def test_scores_are_the_last_section_and_take_the_place_of_others() -> None:
    text = readme(TAKEN, Counter(), Wanted())
    assert "`rasp bench score DIR --count 100`" in text
    assert scores_of(text) == ""
    once, twice = with_scores(text, "ACDC 0.9", 7, 48), with_scores(text, "ACDC 0.8", 1_234, 48)
    assert once.startswith(text)
    assert "first 7 models, each on 48 random pairs" in once
    assert with_scores(once, "ACDC 0.8", 1_234, 48) == twice == text + scores_of(twice)
