"""What bounds say of an index and a length, against all indices and lengths."""

from __future__ import annotations

from random import Random

import pytest

from compiler.values import corners
from compiler.values.corners import OfPosition, is_never_negative, of_position

LONGEST = 4


def positions(causal: bool) -> list[tuple[int, int]]:
    """Every index, with the length (causally, of what is seen)."""
    return [(i, n) for n in range(1, LONGEST + 1) for i in range(n) if not causal or n == i + 1]


def refuted(form: OfPosition, bounds: list[OfPosition], causal: bool) -> bool:
    """Whether the form is below 0 somewhere within the bounds."""
    return any(
        form.at(i, n) < 0 for i, n in positions(causal) if all(bound.at(i, n) >= 0 for bound in bounds)
    )


def forms() -> list[tuple[OfPosition, list[OfPosition], bool]]:
    rng, steps = Random(3), (-2, -1, 0, 1, 2)

    def one() -> OfPosition:
        return of_position(rng.choice(steps), rng.choice(steps), rng.choice((*steps, -4, 4)))

    return [(one(), [one() for _ in range(rng.randrange(3))], bool(k % 2)) for k in range(400)]


def test_no_position_refutes_what_is_said() -> None:
    told = [(form, bounds, causal) for form, bounds, causal in forms()]
    said = [each for each in told if is_never_negative(each[0], each[1], LONGEST, each[2])]
    assert len(said) > 80
    assert not any(refuted(*each) for each in said)
    unsaid = [each for each in told if not refuted(*each)]
    assert len(said) > 0.9 * len(unsaid)


@pytest.mark.parametrize("left_out", ["corners", "bounds"])
def test_what_is_left_out_is_missed(left_out: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without some of the corners, or with points that are none, something wrong is said or nothing is."""
    every = corners._corners
    if left_out == "corners":
        monkeypatch.setattr(corners, "_corners", lambda bounds: list(every(bounds))[:1])
        assert any(is_never_negative(f, b, LONGEST, c) and refuted(f, b, c) for f, b, c in forms())
    else:
        monkeypatch.setattr(corners, "_corners", lambda bounds: every(bounds[:3]))
        one = (of_position(1, 0, -1), [of_position(1, 0, -1)], False)
        assert not is_never_negative(one[0], one[1], LONGEST, one[2])
