"""All heads of a read together: they read its whole selector, and nothing twice."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest

from compiler.certificate.claims import HeadClaim
from compiler.rechecking.coverage import check_coverage
from compiler.rechecking.report import Unproved
from tests.support.worked import claims_of, stages, stream_of

EITHER = 'answer = selector_width(select(tokens, "a", ==) or select(indices, 0, ==));'
"""Two heads: the keys that hold "a", and the first one where it holds something else."""


def test_what_the_compiler_claims_is_the_whole_selector() -> None:
    made = stages(EITHER)
    heads = claims_of(made).heads
    assert len(heads) == 2
    check_coverage(stream_of(made), heads)


Heads = Sequence[HeadClaim]

NOT_ITS_SELECTOR = "do not read its selector"

FORGED: dict[str, tuple[Callable[[Heads], Heads], str]] = {
    "one is missing": (lambda heads: heads[:1], NOT_ITS_SELECTOR),
    "both are the same": (lambda heads: [heads[0], heads[0]], NOT_ITS_SELECTOR),
    "one asks for less": (
        lambda heads: [heads[0], replace(heads[1], literals=heads[1].literals[:-1])],
        NOT_ITS_SELECTOR,
    ),
    "one is there twice": (lambda heads: [*heads, heads[0]], "are not all read, each once"),
}


@pytest.mark.parametrize("what", FORGED)
def test_another_selector_is_refused(what: str) -> None:
    forge, message = FORGED[what]
    made = stages(EITHER)
    with pytest.raises(Unproved, match=message):
        check_coverage(stream_of(made), forge(claims_of(made).heads))
