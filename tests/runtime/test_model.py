"""The model: a transformer and everything it needs to answer."""

from __future__ import annotations

from pathlib import Path

from runtime.model import load
from tests.support.worked import COUNT, assert_text, lines, model


def test_answers_position_by_position() -> None:
    """Of abb the b comes twice; BOS, at position 0 inside, has no answer."""
    counts = model(COUNT)
    assert counts("abb") == ["not", "twice", "twice"]
    assert counts.batch(["aa", "b"]) == [["twice", "twice"], ["not"]]
    assert_text(
        lines([repr(counts.size), counts.certificate.summary, list(counts.encode("abb"))]),
        """
        Size(layers=1, heads=1, d_model=4, d_head=3, d_mlp=2, parameters=121, nonzeros=28)
        certified: exact on every input of up to 3 tokens that the program answers (7 bounds)
        [1, 2, 2]
        """,
    )


def test_saved_and_loaded(tmp_path: Path) -> None:
    model(COUNT).save(tmp_path / "count")
    again = load(tmp_path / "count")
    assert again("abb") == ["not", "twice", "twice"]
    assert again.program == model(COUNT).program
