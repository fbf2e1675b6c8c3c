"""The steps of a model's way to its answers, as the page goes through them."""

from __future__ import annotations

from runtime.inspection.duties import Duties
from runtime.inspection.quoting import Quoting
from runtime.view.steps import steps
from tests.support.worked import COUNT, assert_text, lines, model


def test_a_sentence_for_what_each_sublayer_makes() -> None:
    made = model(COUNT).apart
    found = steps(Duties(made.config, made.weights, Quoting(made.program, made.config.statements)))
    told = [
        "".join(part if isinstance(part, str) else part["code"] for part in each["told"]) for each in found
    ]
    assert_text(
        lines(told),
        """
        Layer 1 counts copies, from which layer 1 computes copies == 2.
        2 neurons compute copies == 2, from which the answer is read.
        """,
    )
    assert [(each["sublayer"], each["heads"], each["line"]) for each in found] == [
        (1, [0], "copies = selector_width(select(tokens, tokens, ==));"),
        (2, [], "copies == 2"),
    ]
