"""Records as plain data: what is read is what was written, and nothing else is taken for it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, Literal

import pytest

from rasp.errors import ModelError
from rasp.records import LEFT_OUT, MAY_BE_MISSING, from_data, to_data
from rasp.words import Atom


@dataclass(frozen=True)
class Circle:
    radius: Fraction
    kind: Literal["circle"] = "circle"


@dataclass(frozen=True)
class Square:
    side: int
    kind: Literal["square"] = "square"


@dataclass(frozen=True)
class Drawing:
    shapes: tuple[Circle | Square, ...]
    atoms: tuple[Atom, ...]
    sizes: Mapping[str, int]
    extra: Mapping[str, Any]
    fractions: tuple[Fraction, ...] = ()
    note: str | None = field(default=None, metadata=MAY_BE_MISSING)
    visible: bool = field(default=True, metadata=LEFT_OUT)


DRAWING = Drawing(
    (Circle(Fraction(1, 3)), Square(2)), (1, True, "1/3", Fraction(1, 3)), {"w": 3}, {"x": [None, 0.5]}
)
DATA = {
    "shapes": [{"radius": "1/3", "kind": "circle"}, {"side": 2, "kind": "square"}],
    "atoms": [1, True, "1/3", {"fraction": "1/3"}],
    "sizes": {"w": 3},
    "extra": {"x": [None, 0.5]},
    "fractions": [],
    "note": None,
}


def test_a_record_as_plain_data_and_back() -> None:
    assert json.loads(json.dumps(to_data(DRAWING))) == DATA
    read = from_data(Drawing, DATA, "the drawing")
    assert repr(read) == repr(DRAWING)  # True is equal to 1, but not shown so


def test_fractions_inside_of_others() -> None:
    other = Drawing((), (), {}, {}, (Fraction(1, 2), Fraction(3)), "n", False)
    data = to_data(other)
    assert (data["fractions"], data["note"], data["visible"]) == (["1/2", "3"], "n", False)
    assert from_data(Drawing, data, "the drawing") == other


def test_what_may_be_missing() -> None:
    assert from_data(Drawing, {key: DATA[key] for key in DATA if key != "note"}, "the drawing") == DRAWING


@pytest.mark.parametrize("key", ["shapes", "atoms", "sizes", "extra", "fractions"])
def test_what_must_be_there(key: str) -> None:
    with pytest.raises(ModelError, match=f'the drawing is damaged: "{key}" is missing$'):
        from_data(Drawing, {other: DATA[other] for other in DATA if other != key}, "the drawing")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"sizes": {"w": True}}, '"sizes" has the wrong type'),
        ({"sizes": {"w": 1.0}}, '"sizes" has the wrong type'),
        ({"sizes": [1]}, '"sizes" has the wrong type'),
        ({"note": 1}, '"note" has the wrong type'),
        ({"visible": 1}, '"visible" has the wrong type'),
        ({"visible": None}, '"visible" has the wrong type'),
        ({"atoms": [1.5]}, "neither a string, a bool nor a number"),
        ({"atoms": [{"fraction": "1/3", "more": 1}]}, "neither a string, a bool nor a number"),
        ({"atoms": [{"fraction": 1}]}, "a fraction is not written"),
        ({"fractions": ["1/0"]}, "a fraction is not written"),
        ({"fractions": ["1e999999999"]}, "a fraction is not written"),
        ({"fractions": ["9" * 5000]}, "a fraction is not written"),
        ({"fractions": [{"fraction": "1/3"}]}, "a fraction is not written"),
        ({"shapes": [{"kind": "star"}]}, '"kind" must be "circle" or "square"'),
        ({"shapes": [{"kind": ["circle"]}]}, '"kind" has the wrong type'),
        ({"shapes": [{"kind": "circle"}]}, '"radius" is missing'),
        ({"shapes": [3]}, '"kind" is missing'),
        ({"shapes": None}, '"shapes" has the wrong type'),
    ],
)
def test_data_of_another_shape(change: dict[str, Any], message: str) -> None:
    with pytest.raises(ModelError, match=message):
        from_data(Drawing, {**DATA, **change}, "the drawing")


@pytest.mark.parametrize("data", [None, 3, [], "x"])
def test_no_record_at_all(data: object) -> None:
    with pytest.raises(ModelError, match='"shapes" is missing'):
        from_data(Drawing, data, "the drawing")
