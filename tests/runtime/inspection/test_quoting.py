"""The program's lines, as a person would quote them."""

from __future__ import annotations

import pytest

from runtime.inspection.quoting import Quoting, closes_at, cut, unbracketed
from runtime.sources import users_lines
from runtime.statements import Mention, Statement
from tests.support.worked import COUNT, FIRST, assert_text, lines, model

ORDER = """
    def rank_of(seq) {
        smaller = select(seq, seq, <);
        return selector_width(smaller or (select(seq, seq, ==) and select(indices, indices, <)));
    }
    placed = rank_of(tokens);
    first = aggregate(select(placed, 0, ==), tokens, "(");
    answer = first == "a" or tokens == "b";
"""
"""Names within a function, formulas without one, and a bracket in a string."""


def quoting(program: str) -> Quoting:
    made = model(program)
    return Quoting(made.program, made.config.statements)


def test_a_count_and_what_is_selected() -> None:
    config = model(COUNT).config
    of = {column.sop: column.of for column in config.columns}
    assert_text(
        lines(quoting(COUNT).lines(of["copies"])),
        """
        copies = selector_width(select(tokens, tokens, ==));
        """,
    )


def test_what_has_no_name_is_written_out_and_what_has_one_is_quoted() -> None:
    quoted = quoting(ORDER)
    numbers = sorted({column.of for column in model(ORDER).config.columns if column.of is not None})
    assert_text(
        lines(dict.fromkeys(line for of in numbers for line in quoted.lines(of))),
        """
        smaller = select(tokens, tokens, <);
        placed = selector_width(smaller or (select(tokens, tokens, ==) and select(indices, indices, <)));
        first = aggregate(select(placed, 0, ==), tokens, "(");
        answer = first == "a" or tokens == "b";
        """,
    )


def test_the_name_is_the_programs() -> None:
    config = model(FIRST).config
    quoted = quoting(FIRST)
    assert {quoted.name(column.of) for column in config.columns} == {"", "first", "answer"}


def test_a_library_name_is_written_as_users_know_it() -> None:
    text = "length_ = selector_width(full_s_);"
    [line] = Quoting(text, [Statement("length_", 0, len(text), (0,))]).lines(0)
    assert str(line) == "length = selector_width(full_s_);"
    both = Quoting(f"length = 1;\n{text}", [Statement("length", 0, 11), Statement("length_", 12, 46, (0,))])
    assert both.name(0) == "length_"


def test_brackets_where_they_are_needed() -> None:
    text = "step1 = (a - b);\nstep2 = f(step1, 2);\nz = (c - step1);"
    made = Quoting(
        text,
        [
            Statement("step1", 0, 16),
            Statement("step2", 17, 37, (0,), (Mention(27, 32, 0),)),
            Statement("z", 38, 54, (1,), (Mention(47, 52, 0),)),
        ],
    )
    assert [str(line) for line in made.lines(0)] == ["f(a - b, 2)"]
    assert [str(line) for line in made.lines(1)] == ["z = c - (a - b);"]


def quoted_lines(text: str) -> list[str]:
    """The lines of all s-ops of a program, as they are quoted of the text that was written."""
    made = model(text)
    quoted = Quoting(made.program, made.config.statements, users_lines(made.sources(made.config)))
    numbers = sorted({column.of for column in made.config.columns if column.of is not None})
    return [str(line) for line in dict.fromkeys(x for of in numbers for x in quoted.lines(of)) if line.name]


def test_the_users_own_line_is_quoted_where_it_says_what_is_computed() -> None:
    """With its brackets, and without its comments; a line that takes a parameter or a loop's name is not."""
    text = (
        "back = aggregate(select(indices,  # a comment; = nothing\n  ((length-1) - indices), ==), tokens);\n"
        'for i in [1, 2] { seen = indices == i; }\nanswer = back == "#;" or seen;'
    )
    assert_text(
        "\n".join(quoted_lines(text)),
        """
        full_s = select(1, 1, ==);
        length = selector_width(full_s);
        back = aggregate(select(indices, ((length-1) - indices), ==), tokens);
        seen = indices == 2;
        answer = back == "#;" or seen;
        """,
    )


def test_calls_of_the_library_are_quoted_as_calls() -> None:
    """Also within a function of the user, with what it was called with."""
    text = (
        'def more(x) { return count(tokens, x) > count(tokens, "b"); }\n'
        'last = mark_last_instance(tokens, "a");\n'
        'answer = more("a") and last;\n'
    )
    assert quoted_lines(text) == [
        'later = select(tokens, "a", ==) and select(indices, indices, >);',
        'last = mark_last_instance(tokens, "a");',
        'answer = count(tokens, "a") > count(tokens, "b") and last;',
    ]


def test_a_saved_model_quotes_calls_as_well() -> None:
    made = model("answer = load_from_location(sort(tokens, tokens), length - 1);")
    quoted = Quoting(made.program, made.config.statements)
    assert str(quoted.line(len(made.config.statements) - 1)) == (
        "answer = load_from_location(sort(tokens, tokens), length - 1);"
    )
    assert quoted.unfolded(len(made.config.statements) - 1).startswith("aggregate(select(indices, ")
    found = {line.name: line.within for line in map(quoted.line, range(len(made.config.statements)))}
    assert (found["rank"], found["length"]) == ("sort(tokens, tokens)", "")


def test_plain_values_of_the_user_stand_before_the_line_that_mentions_them() -> None:
    made = model('unused = 2; up = {"a": "A", "b": "B"}; answer = up[tokens];')
    [line] = users_lines(made.sources(made.config))
    quoted = Quoting(made.program, made.config.statements, [line])
    assert quoted.line(line.statement).before == ('up = {"a": "A", "b": "B"};',)
    assert str(quoted.line(line.statement)) == "answer = up[tokens];"


def test_of_long_tables_the_ends_are_quoted() -> None:
    table = "{" + ", ".join(f'"{c}": "{c.upper()}"' for c in "abcdefghijk") + "}"
    assert cut(f"{table}[tokens]", 100) == '{"a": "A", "b": "B", ..., "k": "K"}[tokens]'
    assert cut('["a, b", "c"][indices]', 100) == '["a, b", "c"][indices]'
    assert cut("x" * 20, 10) == "x" * 9 + "\u2026"


def test_nothing_is_quoted_of_what_is_not_known() -> None:
    assert Quoting("", []).lines(0) == ()
    assert Quoting("", []).name(None) == ""


@pytest.mark.parametrize(
    ("text", "bare"),
    [("(a)", "a"), ("(a) + (b)", "(a) + (b)"), ('(")")', '")"'), ('("\\")" + a', '("\\")" + a')],
)
def test_one_pair_of_brackets_is_taken_off(text: str, bare: str) -> None:
    assert unbracketed(text) == bare


def test_a_bracket_that_does_not_close() -> None:
    assert closes_at("((a)", 0) == -1
