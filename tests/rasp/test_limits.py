"""Limits: what a program may take."""

from __future__ import annotations

import sys

import pytest

from rasp.errors import LimitError
from rasp.limits import Fuel, deep_recursion


def test_fuel_runs_out() -> None:
    fuel = Fuel(3)
    fuel.spend(3)
    with pytest.raises(LimitError, match="takes more than 3 steps to build"):
        fuel.spend(1)


def test_recursion_is_put_back() -> None:
    before = sys.getrecursionlimit()

    def forever() -> None:
        forever()

    with pytest.raises(LimitError, match="the program nests too deeply"), deep_recursion(10):
        forever()
    assert sys.getrecursionlimit() == before
