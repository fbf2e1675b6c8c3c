"""Claims as JSON: what stands in the certificate of a saved model."""

from __future__ import annotations

import json

from compiler.certificate.claims_json import from_data, to_data
from tests.support.worked import COUNT, assert_text, claims_of, lines, stages


def test_claims_there_and_back() -> None:
    """One line for each kind of claim; columns, dims and s-ops are numbers, fractions are text."""
    claims = claims_of(stages(COUNT))
    data = json.loads(json.dumps(to_data(claims)))
    assert_text(
        lines(f"{kind}: {json.dumps(one)}" for kind in ("features", "heads", "tables") for one in data[kind]),
        """
        features: {"of": "bos", "columns": "0"}
        features: {"of": "token", "columns": "1", "code": "1 0"}
        features: {"of": 2, "columns": "2", "code": "1 0"}
        features: {"of": 4, "columns": "3", "code": "1 0"}
        heads: {"layer": 1, "head": 0, "term": 2, "literals": ["0 = 0: 0 1"]}
        tables: {"layer": 1, "columns": "3", "over": [{"2": "1"}]}
        """,
    )
    assert from_data(data) == claims


def test_old_claims_are_read() -> None:
    """Those of before there was more to say; what they said besides is not looked at."""
    data = to_data(claims_of(stages(COUNT))) | {"wording": "least"}
    del data["derived"]
    assert from_data(data).derived is None
