"""The text forms of the compiler's stages for three programs, against files under tests/golden.

After a change on purpose, `RASP_UPDATE_GOLDEN=1 pytest tests/house/test_golden.py` writes them anew: read the
difference before committing it.
"""

from __future__ import annotations

import os

import pytest

import compiler
import rasp
from tests.support.paths import GOLDEN

SETTINGS = {"reverse": ("abcd", 5), "sort": ("012", 4), "dyck1_ptf": ("()", 6)}
STAGES = ["graph", "domains", "schedule", "layout"]


@pytest.mark.parametrize("stage", STAGES)
@pytest.mark.parametrize("name", SETTINGS)
def test_stage(name: str, stage: str) -> None:
    vocab, length = SETTINGS[name]
    text = compiler.emit(rasp.load(name).main, stage, vocab=vocab, max_length=length)
    path = GOLDEN / f"{name}.{stage}.txt"
    if os.environ.get("RASP_UPDATE_GOLDEN"):
        path.write_text(text)
    assert text == path.read_text()


def test_every_stage_has_a_text_form() -> None:
    sop = rasp.load("hist").main
    for stage in compiler.STAGES:
        assert compiler.emit(sop, stage, vocab="ab", max_length=3).strip()
    with pytest.raises(rasp.CompileError, match="no stage 'wieghts'"):
        compiler.emit(sop, "wieghts", vocab="ab", max_length=3)
