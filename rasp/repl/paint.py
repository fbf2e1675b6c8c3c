"""Colours of what the dialogue prints."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TextIO

RESET = "\x1b[0m"


@dataclass(frozen=True)
class Paint:
    """Puts text in colours: labels and notes dark grey, values cyan, mistakes red; or leaves it as it is."""

    colours: bool = False

    def note(self, text: str) -> str:
        return self._in("90", text)

    def value(self, text: str) -> str:
        return self._in("36", text)

    def mistake(self, text: str) -> str:
        return self._in("31", text)

    def warning(self, text: str) -> str:
        return self._in("33", text)

    def _in(self, code: str, text: str) -> str:
        return f"\x1b[{code}m{text}{RESET}" if self.colours and text else text


def paint_for(stream: TextIO) -> Paint:
    """Colours where the stream is a terminal that has them and the user has not asked for none."""
    wanted = not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
    return Paint(wanted and stream.isatty())
