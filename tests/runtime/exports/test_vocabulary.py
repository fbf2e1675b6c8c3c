"""Vocabularies of exports: tokens as text."""

from __future__ import annotations

from fractions import Fraction

from runtime.exports.vocabulary import atom_text, texts
from runtime.weights import Atom
from tests.support.worked import assert_text, lines

VOCABULARIES: list[tuple[Atom, ...]] = [("a", "b"), (1, 10), ("in out", "x")]


def described(vocab: tuple[Atom, ...]) -> str:
    given = texts(vocab)
    return f"{given.style}: {given.words}, {given.count} ids, {given.join(vocab)!r}"


def test_how_an_input_is_cut_into_tokens() -> None:
    """By character, by word, or not at all where a token is no word; two ids more, for BOS and padding."""
    assert_text(
        lines(map(described, VOCABULARIES)),
        """
        characters: ('a', 'b'), 4 ids, 'ab'
        words: ('1', '10'), 4 ids, '1 10'
        None: ('in out', 'x'), 4 ids, 'in out x'
        """,
    )


def test_atoms_as_text() -> None:
    assert [atom_text(atom) for atom in ("a", True, Fraction(1, 4), 7)] == ["a", "true", "0.25", "7"]
