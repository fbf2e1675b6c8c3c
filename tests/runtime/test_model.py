"""The model: a transformer and everything it needs to answer."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from rasp.errors import InputError
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


@pytest.mark.parametrize(
    ("options", "said"),
    [({"length": "3"}, "takes 1 to"), ({"length": 99}, "takes 1 to"), ({"batch": None}, "and None")],
)
def test_a_pass_of_another_kind(options: dict[str, Any], said: str) -> None:
    with pytest.raises(InputError, match=said):
        model(COUNT).running(**options)


def test_a_title_is_a_string() -> None:
    with pytest.raises(InputError, match="a title is a string, not 5"):
        model(COUNT).view("ab", 5)  # type: ignore[arg-type]
