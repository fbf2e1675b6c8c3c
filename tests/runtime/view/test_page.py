"""The page that shows a model at work: one file, in which no text is ever markup."""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from runtime.view.page import assemble, input_text, number, packed


def test_arrays_by_their_gaps() -> None:
    """Most weights are 0: a page holds how far it is from one of the others to the next."""
    array = np.array([[0, 0, 2.5], [0, -1, 0]], np.float32)
    assert packed(array) == {"shape": [2, 3], "at": [3, 2], "v": [2.5, -1]}
    assert number(np.float32(0.1)) == 0.1


def test_inputs_as_they_are_typed() -> None:
    assert input_text(["a", "b"]) == "ab"
    assert input_text(["ab", "c"]) == '["ab", "c"]'
    assert input_text([1, Fraction(1, 3)]) == "[1, 1/3]"


def test_no_text_is_markup() -> None:
    page = assemble("<b>title</b>", {"vocab": ["</script><script>alert(1)</script>"]})
    assert "<b>title" not in page
    assert "</script><script>alert" not in page
