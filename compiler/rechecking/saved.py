"""A saved model read for its proof: the four files as records, with numpy and the standard library.

The sums that the folder is sealed with are not looked at. They tell what was damaged; a proof is about
what is there.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from rasp.errors import ModelError
from runtime.saving.certificate import Certificate
from runtime.saving.config_json import loads
from runtime.weights import LAYER_ARRAYS, Array, Config, Layer, Weights, check

NUMBERS = {"F32": "<f4", "F64": "<f8"}
"""The types of a safetensors file that a model is made of, as numpy calls them."""


@dataclass(frozen=True)
class Saved:
    """What a proof is about: the configuration, the weights, the claims about them and the program's text."""

    config: Config
    weights: Weights
    claims: Mapping[str, Any]
    program: str


def read(folder: Path) -> Saved:
    """The model saved in a folder; ModelError if there is none."""
    try:
        config = loads((folder / "config.json").read_text("utf-8")).config
        weights = of_arrays(arrays((folder / "model.safetensors").read_bytes()))
        program = (folder / "program.rasp").read_bytes().decode("utf-8", "surrogatepass")
        sealed = json.loads((folder / "certificate.json").read_text("utf-8"))
        certificate = Certificate.from_json(json.dumps(sealed["certificate"]))
        check(config, weights)
    except OSError as error:
        name = Path(error.filename or folder).name
        raise ModelError(f"{folder} holds no model that can be read: {name}: {error.strerror}") from None
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise ModelError(f"{folder} holds no model that can be read: {error}") from None
    return Saved(config, weights, certificate.claims, program)


def arrays(data: bytes) -> dict[str, Array]:
    """The arrays of a safetensors file: the length of a JSON header, the header, the numbers.

    Raises ValueError, KeyError or TypeError for anything else.
    """
    start = 8 + int.from_bytes(data[:8], "little")
    header = json.loads(data[8:start])
    header.pop("__metadata__", None)
    found = {}
    for name, told in header.items():
        first, last = told["data_offsets"]
        flat: Array = np.frombuffer(data[start + first : start + last], NUMBERS[told["dtype"]])
        found[name] = flat.reshape(told["shape"])
    return found


def of_arrays(named: Mapping[str, Array]) -> Weights:
    """The weights of arrays by name; KeyError or TypeError if one is missing or there is one too many."""
    numbers = {name.split(".")[1] for name in named if name.startswith("layers.")}
    layers = tuple(
        Layer(*(named[f"layers.{number}.{name}"] for name in LAYER_ARRAYS)) for number in range(len(numbers))
    )
    return Weights(layers=layers, **{name: array for name, array in named.items() if "." not in name})
