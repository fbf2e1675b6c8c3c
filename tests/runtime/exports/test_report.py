"""What is said about an export."""

from __future__ import annotations

from pathlib import Path

from runtime.exports.report import Comparison, ExportReport
from tests.support.worked import assert_text


def test_a_report_of_an_export() -> None:
    """What was written where, and how it compares; one wrong answer, and it is not all right."""
    comparison = Comparison("onnxruntime 1.0", inputs=100, equal=99, max_difference=0.5)
    report = ExportReport("onnx", Path("out"), "ONNX graph", ("model.onnx", "README.md"), comparison)
    assert not comparison.ok
    assert_text(
        str(report),
        """
        onnx: ONNX graph, 2 files in out
        onnxruntime 1.0: 99 of 100 answers equal, largest logit difference 0.5
        """,
    )
