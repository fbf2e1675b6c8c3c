"""Targets: the way from a model to an exported folder."""

from __future__ import annotations

from pathlib import Path

import pytest

import runtime
from rasp.errors import ModelError
from runtime.exports.report import ExportError
from runtime.exports.targets import TARGETS, export
from tests.support.worked import COUNT, assert_text, lines, model


def test_a_folder_that_is_checked(tmp_path: Path) -> None:
    """Beside the target's own files lie the program, its configuration, the certificate and a README."""
    report = export(model(COUNT), "safetensors", tmp_path / "out", check=True)
    assert report.comparison is not None
    assert report.comparison.ok
    assert_text(
        lines(report.files),
        """
        README.md
        certificate.json
        model.safetensors
        program.rasp
        rasp_config.json
        """,
    )


def test_a_model_is_not_replaced_by_its_export(tmp_path: Path) -> None:
    """All of its files are called as some export's are; it was lost once."""
    model(COUNT).save(tmp_path / "saved")
    with pytest.raises(ModelError, match="holds other files"):
        export(model(COUNT), "safetensors", tmp_path / "saved")
    assert runtime.load(tmp_path / "saved").config == model(COUNT).config
    export(model(COUNT), "safetensors", tmp_path / "out")
    with pytest.raises(ModelError, match="is an export, for other tools"):
        runtime.load(tmp_path / "out")


def test_what_is_no_target(tmp_path: Path) -> None:
    with pytest.raises(ExportError, match="there is no export to 'pdf'; there are gpt2, bert"):
        export(model(COUNT), "pdf", tmp_path)
    assert {target.module.split(".")[0] for target in TARGETS.values()} == {"runtime"}
