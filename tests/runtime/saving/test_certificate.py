"""The certificate as it is saved: plain data."""

from __future__ import annotations

import pytest

from rasp.errors import ModelError
from runtime.saving.certificate import Certificate
from tests.support.worked import assert_text


def test_there_and_back() -> None:
    """Sorted keys: the same certificate gives the same bytes."""
    certificate = Certificate(True, "certified", ({"bound": 1, "tolerance": 2},), {"optimize": True})
    assert_text(
        certificate.to_json(),
        """
        {
         "certified": true,
         "claims": {
          "optimize": true
         },
         "items": [
          {
           "bound": 1,
           "tolerance": 2
          }
         ],
         "summary": "certified"
        }
        """,
    )
    assert Certificate.from_json(certificate.to_json()) == certificate


@pytest.mark.parametrize("text", ["", "[]", '{"certified": 1}', '{"certified": NaN}'])
def test_what_is_no_certificate(text: str) -> None:
    with pytest.raises(ModelError, match="the certificate"):
        Certificate.from_json(text)
