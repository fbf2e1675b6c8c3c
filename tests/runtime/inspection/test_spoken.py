"""Sentences with the program's own words in them."""

from __future__ import annotations

from runtime.inspection.spoken import Code, listed, plain, printable


def test_a_list_in_words() -> None:
    told = listed([(Code("a"),), (Code("b"),), ("2 more",)])
    assert told == (Code("a"), ", ", Code("b"), " and ", "2 more")
    assert plain(told) == "a, b and 2 more"
    assert plain(listed([("to count",), ("to add",)], "; and ", "; ")) == "to count; and to add"


def test_what_does_not_print() -> None:
    assert printable("a\x1bb") == "a\ufffdb"
