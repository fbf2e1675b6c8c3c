"""Where things lie: the checkout, the suite and what it compares with."""

from __future__ import annotations

from pathlib import Path

TESTS = Path(__file__).resolve().parent.parent
ROOT = TESTS.parent
CONFORMANCE = TESTS / "conformance"
GOLDEN = TESTS / "golden"
