"""Why there is a layer, with the program's lines, and which function a group of neurons is."""

from __future__ import annotations

from runtime.inspection.spoken import plain
from runtime.walkthrough.document import Listing
from runtime.walkthrough.reasons import function_of, tell_why
from runtime.walkthrough.subject import Subject
from tests.runtime.inspection.test_formulas import RANKED
from tests.support.worked import COUNT, assert_text, lines, model


def subject(program: str) -> Subject:
    made = model(program).apart
    return Subject(made, made.trace("abb"), 3)


def functions(program: str) -> str:
    told = subject(program)
    layers = range(1, 1 + len(told.model.weights.layers))
    return lines(plain(function_of(told, m)) for n in layers for m in told.duties.of_sublayer(2 * n))


def test_groups_of_neurons_are_functions() -> None:
    assert_text(
        lines(map(functions, (COUNT, RANKED))),
        """
        2 neurons compute copies == 2 from copies = 2: so copies == 2 is True.
        2 neurons write rank once more, as rank = 1, by which layer 2 chooses where to look for answer.
        """,
    )


def test_a_line_is_quoted_once() -> None:
    told = subject(COUNT)
    quoted: set[int] = set()
    _, listing = tell_why(told, 1, quoted)
    assert isinstance(listing, Listing)
    assert listing.lines[0].startswith("copies = ")
    assert len(list(tell_why(told, 1, quoted))) == 1
