"""What a compiled model can say about its own correctness, as plain data that the compiler fills in."""

from __future__ import annotations

import html
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from rasp.errors import ModelError
from rasp.records import from_data, to_data


@dataclass(frozen=True, repr=False)
class Certificate:
    """Whether the model is proved right on every input (`certified`), why in one line (`summary`), and each
    step that was checked.

    `items` are plain JSON objects: what was bounded, the bound and the tolerance it has to stay under.
    `claims` say what the columns hold, for whoever checks the weights again (empty: nothing is said).
    """

    certified: bool
    summary: str
    items: tuple[Mapping[str, Any], ...] = ()
    claims: Mapping[str, Any] = field(default_factory=dict, repr=False)

    def __repr__(self) -> str:
        return f"<Certificate: {self.summary}>"

    def __str__(self) -> str:
        """The summary, and each bound with the tolerance that it has, a line each."""
        lines = [f"{one:>12}  {two:>12}  {what}" for one, two, what in self._rows()]
        return "\n".join([self.summary, f"{'bound':>12}  {'tolerance':>12}  of what", *lines])

    def _repr_html_(self) -> str:
        """What notebooks show."""
        rows = [("bound", "tolerance", "of what"), *self._rows()]
        cells = ("".join(f"<td>{html.escape(cell)}</td>" for cell in row) for row in rows)
        table = "".join(f"<tr>{row}</tr>" for row in cells)
        return f"<p>{html.escape(self.summary)}</p><table>{table}</table>"

    def _rows(self) -> list[tuple[str, str, str]]:
        return [
            (f"{item['bound']:.6g}", f"{item['tolerance']:.6g}", f"{item['step']}: {item['what']}")
            for item in self.items
        ]

    def to_json(self) -> str:
        """The certificate as JSON text, with sorted keys: the same certificate gives the same bytes."""
        return json.dumps(to_data(self), sort_keys=True, indent=1, allow_nan=False)

    @staticmethod
    def from_json(text: str) -> Certificate:
        """The certificate that `to_json` wrote as `text`; anything else is a `ModelError`."""
        try:
            data = json.loads(text)
            json.dumps(data, allow_nan=False)
        except (ValueError, RecursionError) as error:
            raise ModelError(f"the certificate is not JSON: {error}") from None
        certificate: Certificate = from_data(Certificate, data, "the certificate")
        if len(data) > len(fields(Certificate)):
            raise ModelError("the certificate holds more than a certificate does")
        return certificate


NOT_CERTIFIED = Certificate(False, "nothing has been proved about this model")
