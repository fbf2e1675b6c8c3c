"""Claims as JSON, and claims from JSON that may be anything."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fractions import Fraction
from typing import Any

from compiler.certificate import derived_json, needs
from compiler.certificate.claims import (
    Claims,
    ConstantClaim,
    FeatureClaim,
    HeadClaim,
    HiddenClaim,
    LiteralClaim,
)
from compiler.graph.conjunctions import Digit, Part
from rasp.errors import ModelError
from rasp.records import fraction

LONGEST_FRACTION = 100
"""Characters of a fraction in a claim; the compiler's own have far fewer."""


def to_data(claims: Claims) -> dict[str, Any]:
    """Plain JSON data."""
    return {
        "optimize": claims.optimize,
        "features": [_feature_data(f) for f in claims.features],
        "heads": [_head_data(h) for h in claims.heads],
        "tables": [
            {"layer": t.layer, "columns": _words(t.columns), "over": [_over_data(o) for o in t.over]}
            for t in claims.hidden
        ],
        "constants": [{"term": c.term, "over": [_over_data(o) for o in c.over]} for c in claims.constants],
        **({} if claims.needs is None else {"needs": needs.to_data(claims.needs)}),
        **({} if claims.derived is None else {"derived": derived_json.to_data(claims.derived)}),
    }


def _words(numbers: Iterable[object]) -> str:
    return " ".join(map(str, numbers))


def _head_data(claim: HeadClaim) -> dict[str, Any]:
    data: dict[str, Any] = {
        "layer": claim.layer,
        "head": claim.head,
        "term": claim.term,
        "literals": [_literal_data(x) for x in claim.literals],
    }
    if claim.order:
        data["order"] = _words(claim.order)
    if claim.part is not None:
        data["part"] = f"{claim.part.number} {claim.part.size}: {_words(claim.part_dims)}"
    return data


def _literal_data(claim: LiteralClaim) -> str:
    """`keys relation queries: dims`; with a digit, `; number of places` after that."""
    digit = claim.digit
    where = "" if digit is None else f"; {digit.number} of {_words(digit.places)}"
    return f"{claim.keys} {claim.relation} {claim.queries}: {_words(claim.dims)}{where}"


def _feature_data(claim: FeatureClaim) -> dict[str, Any]:
    data: dict[str, Any] = {"of": claim.of, "columns": _words(claim.columns)}
    if claim.slope is not None:
        data["code"] = _words(claim.slope)
    if claim.values is not None:
        data["values"] = claim.values
    if claim.real:
        data["real"] = True
    return data


def _over_data(over: int | str | Mapping[int, Fraction]) -> int | str | dict[str, str]:
    return over if isinstance(over, int | str) else {str(n): str(c) for n, c in over.items()}


def from_data(data: Any) -> Claims:
    """The claims that `to_data` wrote; ModelError if the data is anything else."""
    try:
        return Claims(
            bool(data["optimize"]),
            tuple(_feature(f) for f in data["features"]),
            tuple(_head(h) for h in data["heads"]),
            tuple(
                HiddenClaim(int(t["layer"]), _numbers(t["columns"]), tuple(_over(o) for o in t["over"]))
                for t in data["tables"]
            ),
            tuple(
                ConstantClaim(int(c["term"]), tuple(_over(o) for o in c["over"])) for c in data["constants"]
            ),
            needs.from_data(data["needs"]) if "needs" in data else None,
            derived_json.from_data(data["derived"]) if "derived" in data else None,
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise ModelError(f"the certificate's claims cannot be read: {error!r}") from None


def _numbers(text: str) -> tuple[int, ...]:
    return tuple(int(word) for word in text.split())


def _feature(data: Mapping[str, Any]) -> FeatureClaim:
    slope = None
    if "code" in data:
        a, b = data["code"].split()
        slope = (_fraction(a), _fraction(b))
    values = data.get("values")
    if not isinstance(values, str | None):
        raise TypeError("the values are text")
    return FeatureClaim(data["of"], _numbers(data["columns"]), slope, values, data.get("real", False) is True)


def _head(data: Mapping[str, Any]) -> HeadClaim:
    literals = tuple(_literal(text) for text in data["literals"])
    order = _numbers(data.get("order", ""))
    part, _, dims = data.get("part", "").partition(":")
    made = int(data["layer"]), int(data["head"]), int(data["term"]), literals, order
    return HeadClaim(*made, _part(part), _numbers(dims))


def _part(text: str) -> Part | None:
    if not text:
        return None
    number, size = _numbers(text)
    if number < 0 or size < 1:
        raise ValueError(f"there is no such part of the positions: {text}")
    return Part(number, size)


def _literal(text: str) -> LiteralClaim:
    compared, _, scored = text.partition(":")
    keys, relation, queries = compared.split()
    dims, _, where = scored.partition(";")
    return LiteralClaim(int(keys), int(queries), relation, _numbers(dims), _digit(where))


def _digit(text: str) -> Digit | None:
    if not text:
        return None
    number, _, places = text.partition(" of ")
    digit = Digit(_numbers(places), int(number))
    if not 0 <= digit.number < len(digit.places):
        raise ValueError(f"there is no such digit: {text}")
    return digit


def _over(data: int | str | Mapping[str, str]) -> int | str | Mapping[int, Fraction]:
    if isinstance(data, int | str):
        return data
    over = {int(n): _fraction(c) for n, c in data.items()}
    if 0 in over.values():
        raise ValueError("a coefficient is 0")
    return over


def _fraction(text: str) -> Fraction:
    """As `fraction` reads it, but no long digits, for which floats are too small."""
    if len(text) > LONGEST_FRACTION:
        raise ValueError("a fraction of too many digits")
    return fraction(text)
