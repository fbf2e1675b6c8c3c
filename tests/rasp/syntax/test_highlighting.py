"""The Pygments lexer: it knows the library, loses nothing and finds no errors in programs."""

from __future__ import annotations

from importlib.metadata import entry_points

import pytest
from pygments.token import Error, Token

from rasp.elaboration.library import library_names
from rasp.elaboration.scope import BASE_NAMES as BASE
from rasp.session import library_program, library_program_names
from rasp.syntax.highlighting import BASE_NAMES, LIBRARY, RaspLexer, coloured


def word_kinds(text: str) -> list[tuple[str, str]]:
    """Each word of a text with the name of its kind, blanks left out; what does not belong is an `Error`."""
    tokens = RaspLexer(stripnl=False, ensurenl=False).get_tokens(text)
    return [
        (str(kind).removeprefix("Token."), word) for kind, word in tokens if kind is not Token.Text.Whitespace
    ]


def test_it_knows_the_library() -> None:
    assert set(LIBRARY) == set(library_names())
    assert set(BASE_NAMES) == {*BASE, "tokens"} - {"True", "False"}


@pytest.mark.parametrize("name", library_program_names())
def test_programs_have_no_errors_and_lose_nothing(name: str) -> None:
    source = library_program(name)
    tokens = list(RaspLexer(stripnl=False, ensurenl=False).get_tokens(source))
    assert "".join(text for _, text in tokens) == source
    assert not [text for kind, text in tokens if kind is Error]


def test_kinds() -> None:
    assert word_kinds('def f(a) { return select(a, "b", ==) ! 1.5; } # end') == [
        ("Keyword", "def"),
        ("Name.Function", "f"),
        ("Punctuation", "("),
        ("Name", "a"),
        ("Punctuation", ")"),
        ("Punctuation", "{"),
        ("Keyword", "return"),
        ("Name.Builtin", "select"),
        ("Punctuation", "("),
        ("Name", "a"),
        ("Punctuation", ","),
        ("Literal.String.Double", '"b"'),
        ("Punctuation", ","),
        ("Operator", "=="),
        ("Punctuation", ")"),
        ("Error", "!"),
        ("Literal.Number.Float", "1.5"),
        ("Punctuation", ";"),
        ("Punctuation", "}"),
        ("Comment.Single", "# end"),
    ]
    assert word_kinds("s-op example") == [("Keyword.Reserved", "s-op"), ("Keyword.Reserved", "example")]
    assert [kind for kind, _ in word_kinds("s-op")] == ["Name", "Operator", "Name"]


def test_coloured_text_is_the_text_with_escapes() -> None:
    assert "\x1b[" in coloured("x = 1;")


def test_it_is_registered() -> None:
    names = {entry.value for entry in entry_points(group="pygments.lexers")}
    if not entry_points(group="console_scripts", name="rasp"):
        pytest.skip("the package is not installed, only on the path")
    assert "rasp.syntax.highlighting:RaspLexer" in names
