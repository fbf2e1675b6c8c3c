"""Sweeps of which a part is tried every time and the rest with `-m slow`."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

import pytest


def sweep(values: Iterable[Any], quick: Collection[Any]) -> list[Any]:
    """The values as parameters of a test, all but the quick ones marked as slow."""
    return [value if value in quick else pytest.param(value, marks=pytest.mark.slow) for value in values]
