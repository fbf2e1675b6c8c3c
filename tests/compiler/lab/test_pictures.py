"""Figures of experiments: what they name, and the same bytes for the same numbers."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import compiler
import rasp
from compiler.lab.compressing import Compression, Squeezed
from compiler.lab.pictures import Picture, attention, capped, curve, overlap
from rasp.errors import ModelError


def compressions() -> list[Compression]:
    model = compiler.compile(rasp.parse("x = tokens_asis;").main, "a$", 2, style="soft", basis="one-hot")
    width = model.config.width
    return [
        Compression(model, d, (Squeezed(0, np.eye(width)[:, :d], d / width, 0.1, 0.2, {}, ()),), 6)
        for d in (1, 2)
    ]


def test_accuracy_and_overlap() -> None:
    pytest.importorskip("matplotlib")
    found = compressions()
    drawn = curve(found)
    assert "tokens right, %" in drawn.svg
    assert drawn == curve(found)
    assert "d = 2" in overlap(found[1]).svg


def test_what_is_read_larger_than_it_was_written_counts_as_one() -> None:
    projection = np.array([[3.0, 0], [0.6, 0.8], [0, 0.1]])
    assert np.allclose(capped(projection), [[1, 0.6, 0], [0.6, 1, 0.08], [0, 0.08, 0.01]])


def test_heads() -> None:
    pytest.importorskip("matplotlib")
    assert "learned" in attention({"learned": np.eye(3)}, ["BOS", "a", "b"]).svg


def test_what_cannot_be_written(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="cannot write"):
        Picture("<svg/>").save(tmp_path / "missing" / "file.svg")
