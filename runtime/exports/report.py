"""What an export is made of, and what is said about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from rasp.errors import RaspError


class ExportError(RaspError):
    """A model that a target cannot hold, or a target whose package is missing."""

    kind = "export error"


@dataclass(frozen=True)
class Export:
    """The files of one export by their path in the folder, before anything is written.

    `architecture` is the class or format that opens it, `usage` three or so lines of Python that do so, and
    `notes` what a user of this target has to know, as Markdown paragraphs.
    """

    files: Mapping[str, bytes]
    architecture: str
    usage: str
    notes: tuple[str, ...] = ()
    front_matter: Mapping[str, str] | None = None


@dataclass(frozen=True)
class Comparison:
    """An export opened with its own package and run on random inputs, against our model.

    `max_difference` is the largest difference of any logit, in the logits' own unit.
    """

    package: str
    inputs: int
    equal: int
    max_difference: float

    @property
    def ok(self) -> bool:
        """Whether every answer was the same."""
        return self.equal == self.inputs

    def __str__(self) -> str:
        return (
            f"{self.package}: {self.equal} of {self.inputs} answers equal, "
            f"largest logit difference {self.max_difference:.2g}"
        )


@dataclass(frozen=True)
class ExportReport:
    """What was written: `target`, the format; `folder`, and the names of its `files`; `architecture`, the
    class or format that opens it; `comparison`, how its answers compare with the model's, if that was asked
    for.
    """

    target: str
    folder: Path
    architecture: str
    files: tuple[str, ...]
    comparison: Comparison | None = None

    def __str__(self) -> str:
        written = f"{self.target}: {self.architecture}, {len(self.files)} files in {self.folder}"
        return written if self.comparison is None else f"{written}\n{self.comparison}"
