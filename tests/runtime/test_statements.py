"""Statements: what a model knows of its program's text."""

from __future__ import annotations

from runtime.statements import by_names
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
