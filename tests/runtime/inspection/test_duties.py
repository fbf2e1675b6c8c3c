"""What each layer is there for."""

from __future__ import annotations

from runtime.inspection.duties import Duties, aggregated
from runtime.inspection.quoting import Quoting
from runtime.inspection.spoken import plain
from tests.runtime.inspection.test_formulas import RANKED
from tests.support.worked import COUNT, FIRST, assert_text, lines, model

MEANS = """
    share = aggregate(select(1, 1, ==), indicator(tokens == "a"));
    any = has_focus(select(tokens, "a", ==) and select(indices, indices, <));
    answer = share if any else 0;
"""
"""A mean, and a question; neurons put them together."""


def duties(program: str) -> Duties:
    made = model(program).apart
    return Duties(made.config, made.weights, Quoting(made.program, made.config.statements))


def reasons(program: str) -> str:
    asked = duties(program)
    return lines(plain(asked.why(1 + number)) for number in range(len(asked.weights.layers)))


def test_why_there_are_layers() -> None:
    assert_text(
        lines(map(reasons, (COUNT, FIRST, RANKED, MEANS))),
        """
        Layer 1 is there to compute copies == 2, from which the answer is read.
        Layer 1 is there to compute answer, which is the answer.
        Layer 1 is there to count rank, by which layer 2 chooses where to look for answer.
        Layer 2 is there to fetch answer, which is the answer.
        Layer 1 is there to compute answer, which is the answer.
        """,
    )


def test_what_is_made_and_how() -> None:
    asked = duties(RANKED)
    told = [(made.sublayer, made.name, made.how) for at in range(1, 5) for made in asked.of_sublayer(at)]
    assert told == [(1, "rank", "counts"), (2, "rank", "rewrites"), (3, "answer", "reads")]


def test_what_heads_add_up() -> None:
    """The values of the only `aggregate` of the line; of a count, and of several, it is not told."""
    program = "both = (indices + 1) * aggregate(select(indices, indices, <=), 2 * indices - 1); x = both > 3;"
    asked = duties(program)
    [made] = [each for each in asked.of_sublayer(1) if each.name == "both"]
    assert (made.how, asked.values(made)) == ("adds up", "2 * indices - 1")
    assert not aggregated("selector_width(select(tokens, tokens, ==))")
    assert not aggregated("aggregate(s, a) + aggregate(s, b)")
