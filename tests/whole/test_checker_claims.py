"""Random claims to the derivation, most of them nearly so: what is not so on some input is never shown."""

from __future__ import annotations

import pytest

from compiler.rechecking.report import Unproved
from rasp.errors import RaspError
from tests.support.checker_claims import KINDS, claim

FEW, MANY = 12, 2_000


def wrongly_shown(kind: str, count: int) -> tuple[list[str], int]:
    """What is shown of so many claims, and is not so; and how many are shown."""
    wrong, shown = list[str](), 0
    for seed in range(count):
        asked = claim(kind, seed)
        try:
            said = asked is not None and asked.shown()
        except (RaspError, Unproved):
            continue
        if asked is not None and said:
            shown += 1
            wrong += [] if asked.so() else [f"{seed}: {asked.text}"]
    return wrong, shown


def test_what_is_not_so_is_not_shown() -> None:
    found = [wrongly_shown(kind, FEW) for kind in KINDS]
    assert not any(wrong for wrong, _ in found)
    assert sum(shown for _, shown in found) >= FEW / 2


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_of_many_claims_none_that_is_not_so_is_shown(kind: str) -> None:
    wrong, shown = wrongly_shown(kind, MANY)
    assert not wrong
    assert shown > MANY / 20
