"""The margin of a soft model, and what is said of it."""

from __future__ import annotations

import numpy as np
import pytest

import compiler
import rasp
import runtime
from compiler.soft.choosing import MARGINS, lead
from rasp.errors import CompileError, InputError
from rasp.words import Atom
from runtime.weights import named_arrays
from tests.support.disturbed import cases

PROGRAMS: dict[str, tuple[Atom, ...]] = {
    "hist": (*"abc",),
    "sort": (0, 1, 2, 3),
    "frac_prevs": (*"wxyz",),
    "dyck1_ptf": (*"()",),
}


@pytest.mark.parametrize("name", PROGRAMS)
def test_soft_models_are_right_and_have_small_weights(name: str) -> None:
    sop = rasp.load(name).main
    model = compiler.compile(sop, PROGRAMS[name], 5, style="soft")
    others = [(tuple(inputs), wanted) for inputs, wanted in cases(sop, PROGRAMS[name], 5, 100, seed=5)]
    assert lead(model.config, model.weights, others) > 0.5
    assert max(float(np.abs(a).max()) for a in named_arrays(model.weights).values() if a.size) < 20


def test_what_was_tried_is_said_where_a_certificate_would_stand() -> None:
    model = compiler.compile(rasp.load("hist").main, "ab", 4, style="soft")
    assert not model.certificate.certified
    assert "tried (score margin 8)" in model.certificate.summary
    assert "soft, tried, not certified" in repr(model)
    proof = compiler.recheck(model)
    assert not proof.ok
    assert "a soft model is tried on inputs, never proved" in proof.summary()


def test_exact_is_the_default_and_knows_no_basis() -> None:
    sop = rasp.load("hist").main
    assert compiler.compile(sop, "ab", 4).config.style == "exact"
    with pytest.raises(CompileError, match="only a soft model"):
        compiler.compile(sop, "ab", 4, basis="one-hot")
    with pytest.raises(CompileError, match="no style"):
        compiler.compile(sop, "ab", 4, style="smooth")  # type: ignore[arg-type]


def test_a_kept_s_op_of_a_soft_model_can_be_replaced() -> None:
    sop = rasp.parse('h = selector_width(select(tokens, tokens, ==)); y = "many" if h > 1 else "one";').main
    model = compiler.compile(sop, "ab", 4, style="soft", keep=["h"])
    assert model("aab") == ["many", "many", "one"]
    assert model.intervene("aab", {"h": {0: 1, 2: 3}}) == ["one", "many", "many"]


def test_a_wrong_answer_has_no_lead() -> None:
    model = compiler.compile(rasp.load("hist").main, "ab", 4, style="soft")
    assert lead(model.config, model.weights, [(("a", "a"), [2, 2])]) > 0.8
    assert lead(model.config, model.weights, [(("a", "a"), [2, 1])]) < 0
    assert lead(model.config, model.weights, [(("a",), ["no answer of this model"])]) == -1
    assert (MARGINS[0], MARGINS[-1]) == (8, 16)


def test_soft_models_are_saved_and_turned(tmp_path: object) -> None:
    model = compiler.compile(rasp.load("hist").main, "ab", 4, style="soft")
    turned = model.rotate(3)
    turned.save(f"{tmp_path}/turned")
    loaded = runtime.load(f"{tmp_path}/turned")
    assert loaded.config.style == "soft"
    assert loaded("abaa") == model("abaa") == [3, 1, 3, 3]
    with pytest.raises(InputError, match="only a soft model"):
        compiler.compile(rasp.load("hist").main, "ab", 4).rotate(3)


def test_the_stages_of_a_soft_compilation() -> None:
    sop = rasp.load("hist").main
    assert "selector_width" in compiler.emit(sop, "graph", "ab", 4, style="soft")
    assert "hist" in compiler.emit(sop, "domains", "ab", 4, style="soft")
    assert compiler.emit(sop, "weights", "ab", 4, style="soft")
    with pytest.raises(CompileError, match="no stage layout"):
        compiler.emit(sop, "layout", "ab", 4, style="soft")
