"""Claims as JSON: what stands in the certificate of a saved model."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from compiler.certificate.claims_json import from_data, to_data
from compiler.values.settling import Wording
from rasp.errors import ModelError
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


@pytest.mark.parametrize("wording", [(), ("least",), ("least", "counted"), ("whole",)])
def test_the_wording_there_and_back(wording: tuple[Wording, ...]) -> None:
    claims = replace(claims_of(stages(COUNT)), wording=wording)
    assert from_data(json.loads(json.dumps(to_data(claims)))) == claims


@pytest.mark.parametrize("wording", ["most", "least most", "Least"])
def test_an_unknown_wording_is_refused(wording: str) -> None:
    """The program is settled anew in the way that is claimed, so there has to be such a way."""
    data = to_data(claims_of(stages(COUNT))) | {"wording": wording}
    with pytest.raises(ModelError, match=f"there is no such way to settle a program: {wording}"):
        from_data(data)
