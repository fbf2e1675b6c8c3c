"""`rasp fmt`: stable, idempotent, comments kept, meaning unchanged."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import rasp
from rasp.session import library_program, library_program_names
from rasp.syntax.parser import parse_statements, read_words

FORMATTED: list[tuple[str, str]] = [
    ("", ""),
    ("a=1;", "a = 1;\n"),
    ("a = 1; b = 2;", "a = 1;\nb = 2;\n"),
    ("a,b=b,a;", "a, b = b, a;\n"),
    ("x=-a^2*(b+c)%-1;", "x = -a ^ 2 * (b + c) % -1;\n"),
    ("x=not(a==b)and c;", "x = not (a == b) and c;\n"),
    ("x = s-op;", "x = s - op;\n"),
    ('x={"a":1,2:[3]}["a"] ;', 'x = {"a": 1, 2: [3]}["a"];\n'),
    ("x=f (1) (2)[ 3 ];", "x = f(1)(2)[3];\n"),
    ("x=select (a,b,!=);", "x = select(a, b, !=);\n"),
    ("x=[i+j for i,j in zip( a,b )];", "x = [i + j for i, j in zip(a, b)];\n"),
    ("x=1 if a else[2];", "x = 1 if a else [2];\n"),
    ('load"lib";draw(x,"abc");', 'load "lib";\ndraw(x, "abc");\n'),
    ("def f(a){return a;}", "def f(a) {\n    return a;\n}\n"),
    (
        "def f(){for i in {1:2}{x=i;}return x,1;}",
        "def f() {\n    for i in {1: 2} {\n        x = i;\n    }\n    return x, 1;\n}\n",
    ),
    ("for i in [1] { # nothing\n}", "for i in [1] {  # nothing\n}\n"),
    ("for i in [1] {\n# nothing\n}", "for i in [1] {\n    # nothing\n}\n"),
    ("# head\n\n\n\na=1;# tail\n#foot", "# head\n\na = 1;  # tail\n#foot\n"),
    ("a = 1;\n\n\n# why\nb = 2;\nc = 3;", "a = 1;\n\n# why\nb = 2;\nc = 3;\n"),
    ("x = [1, # one\n2];", "x = [\n    1,  # one\n    2\n];\n"),
    ("x = [1,\n# two\n2];", "x = [\n    1,\n    # two\n    2\n];\n"),
    ("x = a + # more\nb;", "x = a +  # more\n    b;\n"),
    ('set  example"abc"\nexit ()', 'set example "abc"\nexit()\n'),
    ("s-op  examples off", "s-op examples off\n"),
    ("\r\na=1;\r\n\tb=2;", "a = 1;\nb = 2;\n"),
]


@pytest.mark.parametrize(("text", "expected"), FORMATTED, ids=[text for text, _ in FORMATTED])
def test_format(text: str, expected: str) -> None:
    assert rasp.format_source(text) == expected
    assert rasp.format_source(expected) == expected


def test_long_lines_break_at_brackets_and_before_and_or() -> None:
    text = (
        "result = aggregate(select(indices, length - 1 - indices, ==) and select(tokens, tokens, ==) "
        'or select(indices, 0, !=), tokens, "a default");'
    )
    assert rasp.format_source(text) == (
        "result = aggregate(\n"
        "    select(indices, length - 1 - indices, ==)\n"
        "        and select(tokens, tokens, ==)\n"
        "        or select(indices, 0, !=),\n"
        "    tokens,\n"
        '    "a default"\n'
        ");\n"
    )


@pytest.mark.parametrize("name", library_program_names())
def test_library_programs_keep_their_meaning(name: str) -> None:
    source = library_program(name)
    formatted = rasp.format_source(source)
    assert rasp.format_source(formatted) == formatted
    assert parse_statements(formatted) == parse_statements(source)


SPACES = st.sampled_from([" ", "\n", "\n\n", "\n\n\n", "  \t", " # why\n", "\n# because\n", "\n\n# so\n\n"])
PROGRAMS = [library_program(name) for name in library_program_names()]


@settings(deadline=None, max_examples=60)
@given(st.sampled_from(PROGRAMS), st.lists(SPACES, min_size=1, max_size=12))
def test_any_spacing_and_any_comments(program: str, spaces: list[str]) -> None:
    words = [word.text for word in read_words(program)[0]]
    text = "".join(word + spaces[i % len(spaces)] for i, word in enumerate(words))
    formatted = rasp.format_source(text)
    assert rasp.format_source(formatted) == formatted
    assert parse_statements(formatted) == parse_statements(program)
    assert [c.text for c in read_words(formatted)[1]] == [c.text for c in read_words(text)[1]]


def test_a_text_with_mistakes_is_refused() -> None:
    with pytest.raises(rasp.RaspSyntaxError):
        rasp.format_source("a = ;")
