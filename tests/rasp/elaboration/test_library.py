"""The standard library, written in RASP."""

from __future__ import annotations

import textwrap

from rasp.elaboration.library import full_s, length, library_function, library_names
from tests.support.worked import assert_text


def test_what_the_library_has() -> None:
    """Everything that a program can name without defining it."""
    assert_text(
        textwrap.fill(" ".join(sorted(library_names())), 90),
        """
        average contains count full_s has_focus length load_from_location mark_first_instance
        mark_last_instance max min select_from_first select_from_last select_next_identical
        selector_width shift sort
        """,
    )
    assert length()("abc") == [3, 3, 3]
    assert full_s()("ab") == [[True, True], [True, True]]
    assert library_function("count").signature == "count(seq, atom)"
