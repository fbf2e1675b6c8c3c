"""A model's configuration as JSON, exactly: fractions as "1/3", strings and bools and ints as they are."""

from __future__ import annotations

import json
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, TypeVar

from rasp.errors import ModelError
from runtime.statements import Mention, Statement
from runtime.weights import (
    FORMAT_VERSION,
    Atom,
    Column,
    Config,
    Kept,
    LabelOutput,
    LayerShape,
    NumberOutput,
    Output,
    Weights,
    check_config,
    expected_shapes,
    layer_shape,
    logit_count,
)

T = TypeVar("T")


@dataclass(frozen=True)
class Declared:
    """What config.json says: the configuration, and the shape of every array that the weights must hold."""

    config: Config
    shapes: dict[str, tuple[int, ...]]


def dumps(config: Config, weights: Weights) -> str:
    """config.json's text; the same model gives the same bytes."""
    data = {
        "format_version": config.format_version,
        "vocab": [atom_to_json(atom) for atom in config.vocab],
        "max_length": config.max_length,
        "causal": config.causal,
        "dtype": config.dtype,
        "output": output_to_json(config.output),
        "columns": [column_to_json(column) for column in config.columns],
        "kept": [kept_to_json(kept) for kept in config.kept],
        **({"places": list(config.places)} if config.places else {}),
        **({"statements": list(map(statement_to_json, config.statements))} if config.statements else {}),
        "layers": [
            dict(zip(("heads", "d_head", "d_mlp"), layer_shape(layer), strict=True))
            for layer in weights.layers
        ],
    }
    return json.dumps(data, sort_keys=True, indent=1, allow_nan=False) + "\n"


def loads(text: str) -> Declared:
    """The configuration in config.json's text; ModelError if it is damaged or describes no model."""
    try:
        data = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ModelError(f"config.json is damaged: {error}") from None
    version = field(data, "format_version", int)
    if version != FORMAT_VERSION:
        raise ModelError(f"the model has format version {version}, but this program reads {FORMAT_VERSION}")
    config = Config(
        vocab=atoms(field(data, "vocab", list)),
        max_length=field(data, "max_length", int),
        causal=field(data, "causal", bool),
        output=output_from_json(field(data, "output", dict)),
        columns=tuple(column_from_json(entry) for entry in field(data, "columns", list)),
        dtype=field(data, "dtype", str),  # type: ignore[arg-type]  # checked by check_config
        format_version=version,
        kept=tuple(kept_from_json(entry) for entry in field(data, "kept", list)),
        places=places_from_json(data),
        statements=statements_from_json(data),
    )
    check_config(config)
    layers = tuple(layer_from_json(entry) for entry in field(data, "layers", list))
    return Declared(config, expected_shapes(config, config.width, logit_count(config.output), layers))


def field(data: Any, name: str, kind: type[T]) -> T:
    """`data[name]`, which must be there and of exactly this kind."""
    if not isinstance(data, dict) or name not in data:
        raise ModelError(f'config.json is damaged: "{name}" is missing')
    value = data[name]
    if not isinstance(value, kind) or type(value) is not kind:  # a bool is no int here
        raise ModelError(f'config.json is damaged: "{name}" has the wrong type')
    return value


def atom_to_json(atom: Atom) -> Any:
    """A fraction becomes an object, so that it is not mistaken for a string."""
    return {"fraction": str(atom)} if isinstance(atom, Fraction) else atom


def atom_from_json(value: Any) -> Atom:
    """The atom that `atom_to_json` wrote."""
    if isinstance(value, dict) and list(value) == ["fraction"]:
        return fraction(value["fraction"])
    if isinstance(value, str | bool | int):
        return value
    raise ModelError("config.json is damaged: a token or label is neither a string, a bool nor a number")


def atoms(values: list[Any]) -> tuple[Atom, ...]:
    """A list of atoms."""
    return tuple(atom_from_json(value) for value in values)


def fraction(text: Any) -> Fraction:
    """The fraction written as "1/3" or "2"."""
    try:
        numerator, _, denominator = text.partition("/")
        return Fraction(int(numerator), int(denominator or 1))  # no exponents, which may be huge
    except (AttributeError, ValueError, ZeroDivisionError):
        raise ModelError('config.json is damaged: a fraction is not written as "1/3"') from None


def output_to_json(output: Output) -> dict[str, Any]:
    """How answers are read from the logits."""
    if isinstance(output, LabelOutput):
        return {"kind": output.kind, "labels": [atom_to_json(label) for label in output.labels]}
    return {"kind": output.kind, "max_denominator": output.max_denominator, "scale": str(output.scale)}


def output_from_json(data: dict[str, Any]) -> Output:
    """The output that `output_to_json` wrote."""
    match field(data, "kind", str):
        case "labels":
            return LabelOutput(atoms(field(data, "labels", list)))
        case "number":
            return NumberOutput(field(data, "max_denominator", int), fraction(data.get("scale")))
    raise ModelError('config.json is damaged: the output\'s "kind" must be "labels" or "number"')


def kept_to_json(kept: Kept) -> dict[str, Any]:
    """An s-op whose value can be replaced."""
    values = [atom_to_json(value) for value in kept.values]
    numbers = [list(row) for row in kept.numbers]
    return {"name": kept.name, "values": values, "columns": list(kept.columns), "numbers": numbers}


def kept_from_json(data: Any) -> Kept:
    """What `kept_to_json` wrote."""
    rows = field(data, "numbers", list)
    columns = field(data, "columns", list)
    if not all(isinstance(row, list) and all(map(is_exact, row)) for row in [columns, *rows]):
        raise ModelError('config.json is damaged: "kept" must hold lists of ints that floats hold exactly')
    values = atoms(field(data, "values", list))
    return Kept(field(data, "name", str), values, tuple(columns), tuple(tuple(row) for row in rows))


def is_exact(number: object) -> bool:
    """Whether this is an int that a float holds exactly: larger ones may be too large for any."""
    return type(number) is int and abs(number) <= 2**53


def column_to_json(column: Column) -> dict[str, Any]:
    """One residual column."""
    labels = None if column.labels is None else [atom_to_json(label) for label in column.labels]
    data = {"name": column.name, "meaning": column.meaning, "written": column.written}
    data |= {"scale": str(column.scale), "labels": labels, "sop": column.sop}
    return data if column.of is None else {**data, "of": column.of}


def column_from_json(data: Any) -> Column:
    """The column that `column_to_json` wrote."""
    name, meaning = field(data, "name", str), field(data, "meaning", str)
    labels = None if data.get("labels") is None else atoms(field(data, "labels", list))
    if labels == ():
        raise ModelError(f"config.json is damaged: the column {name!r} has no labels")
    written, scale = field(data, "written", int), fraction(data.get("scale"))
    sop = field(data, "sop", str) if "sop" in data else ""
    of = field(data, "of", int) if "of" in data else None
    return Column(name, meaning, written, scale, labels, sop, of)


def statement_to_json(statement: Statement) -> dict[str, Any]:
    """A statement of the program: where it stands, the numbers of its s-ops, and what it names. A mention is
    [start, end, number of a statement], or null for the number and then the numbers of s-ops.
    """
    mentions = [[m.start, m.end, m.statement, *m.sops] for m in statement.mentions]
    place = {"name": statement.name, "at": [statement.start, statement.end]}
    return {**place, "sops": list(statement.sops), "mentions": mentions}


def statements_from_json(data: dict[str, Any]) -> tuple[Statement, ...]:
    """What `statement_to_json` wrote, of models that have it."""
    found: list[Statement] = []
    for entry in field(data, "statements", list) if "statements" in data else []:
        mentions = tuple(_mention(each, len(found)) for each in field(entry, "mentions", list))
        start, end = _numbers(field(entry, "at", list), 2)
        sops = field(entry, "sops", list)
        found.append(Statement(field(entry, "name", str), start, end, _numbers(sops, len(sops)), mentions))
    return tuple(found)


def _mention(data: Any, statements: int) -> Mention:
    """A mention; only statements before this one can be named."""
    if not isinstance(data, list) or len(data) < 3:
        raise ModelError('config.json is damaged: a mention in "statements" is not a list of three or more')
    start, end = _numbers(data[:2], 2)
    if data[2] is None:
        return Mention(start, end, None, _numbers(data[3:], len(data) - 3))
    (statement,) = _numbers(data[2:], 1)
    if statement >= statements:
        raise ModelError("config.json is damaged: a statement names one that comes after it")
    return Mention(start, end, statement)


def _numbers(values: list[Any], count: int) -> tuple[int, ...]:
    """So many ints from 0 on."""
    if len(values) != count or not all(is_exact(value) and value >= 0 for value in values):
        raise ModelError('config.json is damaged: "statements" must hold numbers from 0 on')
    return tuple(values)


def places_from_json(data: Any) -> tuple[int, ...]:
    """Where the columns lie, if some share a place."""
    places = field(data, "places", list) if "places" in data else []
    if not all(type(place) is int and place >= 0 for place in places):
        raise ModelError('config.json is damaged: "places" must hold numbers of places')
    return tuple(places)


def layer_from_json(data: Any) -> LayerShape:
    """One layer's sizes, none negative."""
    shape = LayerShape(field(data, "heads", int), field(data, "d_head", int), field(data, "d_mlp", int))
    if min(shape.heads, shape.d_head, shape.d_mlp) < 0:
        raise ModelError("config.json is damaged: a layer has a negative size")
    return shape
