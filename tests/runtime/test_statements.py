"""Statements: what a model knows of its program's text."""

from __future__ import annotations

from runtime.statements import Call, Mention, Statement, by_names, fits
from tests.support.worked import FIRST, assert_text, lines, model


def test_which_statement_became_which_s_op() -> None:
    """S-ops by number, as the columns carry it; the selector has none, as a head reads with it."""
    made = model(FIRST)
    assert_text(
        lines(
            f"{made.program[each.start : each.end]}  s-ops {each.sops}, names "
            f"{[made.program[m.start : m.end] for m in each.mentions]}"
            for each in made.config.statements
        ),
        """
        step1 = select(indices, 0, ==);  s-ops (), names ['indices']
        first = aggregate(step1, tokens_str);  s-ops (2,), names ['step1', 'tokens_str']
        answer = (first == tokens_str);  s-ops (3,), names ['first', 'tokens_str']
        """,
    )


def test_old_models_go_by_name() -> None:
    """Where nothing is said of statements, one whose name is that of an s-op is taken for it."""
    found = by_names("a = tokens;\nb = indices;\n", ["b", "tokens"])
    assert [(each.name, each.sops) for each in found] == [("a", ()), ("b", (0,))]


def test_which_call_gave_a_value_and_within_which_one_was_made() -> None:
    made = model("n = sort(tokens, indices); answer = n;")
    assert_text(
        lines(
            f"{each.name}: {each.called and each.called.text}, within {each.within}"
            for each in made.config.statements
        ),
        """
        smaller: None, within 7
        step1: None, within 7
        step2: None, within 7
        equal_before: None, within 7
        step3: None, within 7
        rank: None, within 7
        step4: None, within 7
        n: sort(tokens_str, indices), within None
        """,
    )


def test_calls_name_only_statements_before_them_and_what_is_within_one_stands_before_it() -> None:
    first = Statement("a", 0, 1, within=1)
    assert fits([first, Statement("b", 2, 3, called=Call("f(a)", (Mention(2, 3, 0),)))])
    assert not fits([first, Statement("b", 2, 3)])
    assert not fits([first])
    assert not fits([Statement("a", 0, 1, called=Call("f(a)", (Mention(2, 3, 0),)))])
