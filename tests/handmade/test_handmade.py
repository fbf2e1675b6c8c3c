"""The handmade transformer: the post's test, the compiled twin, the saved model and the page about both.

After a change on purpose, `RASP_UPDATE_GOLDEN=1 pytest tests/handmade/test_handmade.py` writes model and page
anew.
"""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest

import compiler
import programs
import rasp
import runtime
from rasp.errors import InputError
from runtime.weights import named_arrays
from tests.handmade.handmade import CONTEXT, completed, handmade, next_character, post_test
from tests.handmade.page import page

FOLDER = Path(programs.__file__).parent / "handmade"
INPUTS = ["".join(text) for size in range(1, 6) for text in itertools.product("ab", repeat=size)]


@cache
def compiled(max_length: int = CONTEXT) -> runtime.Model:
    main = rasp.load("aab_next").main
    return compiler.compile(main, vocab="ab", max_length=max_length, causal=True)


@cache
def by_hand() -> runtime.Model:
    return handmade(programs.read("aab_next"))


@pytest.mark.parametrize("model", [by_hand, compiled])
def test_27_of_27_on_the_posts_test(model: Callable[[], runtime.Model]) -> None:
    assert post_test(model()) == (27, 27)


@pytest.mark.parametrize("model", [by_hand, compiled])
def test_greedy_from_a(model: Callable[[], runtime.Model]) -> None:
    assert completed(model(), "a", 26) == "aba" * 9
    assert completed(model(), "aab", 24) == "aab" * 9


def test_the_window_moves_along_the_text() -> None:
    assert [next_character(by_hand(), text) for text in ("bbbbbbaa", "aaaaaaab")] == ["b", "a"]
    assert completed(by_hand(), "b", 0) == "b"
    with pytest.raises(InputError, match="empty"):
        completed(by_hand(), "", 1)
    with pytest.raises(InputError, match="not in the vocabulary"):
        completed(by_hand(), "c", 1)
    with pytest.raises(InputError, match="at least 0"):
        completed(by_hand(), "a", -1)


def test_the_test_notices_a_wrong_model() -> None:
    always_a = compiler.compile(rasp.parse('x = "a" if indices > -1 else "b";').main, "ab", 5, causal=True)
    assert post_test(always_a) == (18, 27)


def test_same_answers_as_the_program_and_its_compiled_model() -> None:
    expected = [rasp.load("aab_next").main(text, causal=True) for text in INPUTS]
    assert len(expected) == 62
    assert by_hand().batch(INPUTS) == expected
    assert compiled().batch(INPUTS) == expected


def test_the_posts_numbers() -> None:
    size = by_hand().size
    assert (size.layers, size.heads, size.d_model, size.d_head, size.d_mlp) == (1, 1, 8, 8, 0)
    weights = by_hand().weights
    (layer,) = weights.layers
    assert np.array_equal(weights.unembedding, weights.token_embedding[1:].T)
    assert np.allclose(np.unique(layer.w_q * np.sqrt(8)), [0, 1024])
    assert (layer.w_o[0, 7, 5], layer.w_o[0, 7, 6], layer.b_o[5]) == (-1024, 1024, 1024)
    assert (layer.w_v[0, 5, 7], layer.w_v[0, 6, 7]) == (1, -1)


def test_nobody_attends_to_bos_and_all_attention_is_exact() -> None:
    for text in INPUTS:
        ((pattern,),) = by_hand().trace(text).attention
        size = len(text)
        expected = (np.eye(size) + np.eye(size, k=-1)) / 2
        expected[0, 0] = 1
        assert np.array_equal(pattern[1:, 1:], expected)
        assert not pattern[1:, 0].any()


def test_compiled_positions_cost_the_same_at_every_length() -> None:
    assert compiled(200).size.d_model == compiled().size.d_model


def test_the_saved_model_is_this_one() -> None:
    if os.environ.get("RASP_UPDATE_GOLDEN"):
        by_hand().save(FOLDER / "model")
    saved = runtime.load(FOLDER / "model")
    assert (saved.config, saved.certificate, saved.program) == (
        by_hand().config,
        by_hand().certificate,
        by_hand().program,
    )
    ours = named_arrays(by_hand().weights)
    stored = named_arrays(saved.weights)
    assert ours.keys() == stored.keys()
    assert all(np.array_equal(ours[name], stored[name]) for name in ours)


def test_the_saved_model_computes_the_program_beside_it() -> None:
    saved = runtime.load(FOLDER / "model")
    report = compiler.verify(rasp.parse(saved.program).main, saved, exhaustive=True)
    assert (report.inputs, report.differing) == (62, 0)


def test_the_page_is_what_the_weights_say() -> None:
    text = page(by_hand(), compiled(), programs.read("aab_next"))
    path = FOLDER / "README.md"
    if os.environ.get("RASP_UPDATE_GOLDEN"):
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8")


def test_the_page_follows_the_weights() -> None:
    weights = by_hand().weights
    (layer,) = weights.layers
    bias = np.where(layer.b_o == 1024, np.float32(-7), layer.b_o)
    changed = replace(weights, layers=(replace(layer, b_o=bias),))
    text = page(replace(by_hand(), weights=changed), compiled(), "x = 1;")
    assert "its bias adds -7 to a" in text
    assert "9 of 27 are right" in text
