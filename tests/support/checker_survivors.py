"""Faults in the checker's code that nothing shows, each with the reason why it cannot, or why not yet."""

from __future__ import annotations

from collections.abc import Mapping

SURVIVORS: Mapping[str, str] = {}
