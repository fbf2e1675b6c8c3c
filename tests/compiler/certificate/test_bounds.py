"""Bounds: what must stay below what, so that no rounding makes an answer wrong."""

from __future__ import annotations

from compiler.certificate.bounds import certify
from tests.support.worked import COUNT, assert_text, stages


def test_the_bounds_of_a_count() -> None:
    """Every line is one step, its bound, and the tolerance it must stay under: integers below 2**24, keys
    that are not selected farther off than exp can tell, and a count off by less than one half.
    """
    made = stages(COUNT)
    certificate = certify(made.lowered, made.schedule, made.settled.domains)
    items = [
        f"{item['step']}: {item['what']}: {item['bound']:.4g} < {item['tolerance']:g}"
        for item in certificate.items
    ]
    assert_text(
        "\n".join([certificate.summary, *items]),
        """
        certified: exact on every input of up to 3 tokens that the program answers (7 bounds)
        layer 1 head: copies: queries and keys are exact integers: 3 < 1.67772e+07
        layer 1 head: copies: scores are exact integers (in units of 256): 2 < 1.67772e+07
        layer 1 head: copies: unselected keys fall short by more than exp can tell from 0: 104 < 256
        layer 1 head: copies: values of copies are exact: 2 < 1.67772e+07
        layer 1 head: copies: copies is rounded to the right integer: 0.0011 < 0.5
        layer 1 MLP: (copies == 2): the point on the line is exact: 4 < 1.67772e+07
        output: the code is exact: 0 < 0.5
        """,
    )
