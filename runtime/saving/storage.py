"""Saved models: a folder with config.json, model.safetensors, program.rasp and certificate.json.

Loading runs no code from the folder: it is JSON, plain arrays and text. Every file is checked against
the sizes that config.json declares before anything is allocated for it, and against the SHA-256 sums
kept with the certificate, which holds for exactly these files.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import safetensors
import safetensors.numpy

from rasp.errors import ModelError
from rasp.paths import as_path
from runtime.saving import config_json
from runtime.saving.certificate import Certificate
from runtime.saving.folders import identity, read_file, replace_folder
from runtime.statements import by_names
from runtime.weights import LAYER_ARRAYS, Array, Config, Layer, Weights, check, named_arrays

CONFIG, WEIGHTS, PROGRAM, CERTIFICATE = "config.json", "model.safetensors", "program.rasp", "certificate.json"

EXPORTED = "rasp_config.json"
"""What exported folders have, and saved models have not."""

MAX_BYTES = 8 << 30
MAX_TEXT_BYTES = 256 << 20
MAX_HEADER_BYTES = 16 << 20
ATTEMPTS = 20
SAFETENSORS_TYPES = {"float32": "F32", "float64": "F64"}

Saved = tuple[Config, Weights, Certificate, str]


def save(
    folder: str | Path, config: Config, weights: Weights, certificate: Certificate, program: str
) -> None:
    """Write a model to a folder, at once or not at all; the same model gives the same bytes.

    Raises ModelError if the folder cannot be written or holds files that are not a model's.
    """
    replace_folder(as_path(folder), contents(config, weights, certificate, program), PROGRAM)


def contents(config: Config, weights: Weights, certificate: Certificate, program: str) -> dict[str, bytes]:
    """The files of a saved model, by name."""
    check(config, weights)
    files = {
        CONFIG: config_json.dumps(config, weights).encode(),
        WEIGHTS: weights_bytes(weights),
        PROGRAM: program.encode("utf-8", "surrogatepass"),
    }
    return {**files, CERTIFICATE: seal(certificate, files)}


def load(folder: str | Path, max_bytes: int = MAX_BYTES) -> Saved:
    """Read a saved model; ModelError says which file is missing, damaged or does not fit the others.

    A folder that is replaced while it is being read is read again.
    """
    path = as_path(folder)
    for _ in range(ATTEMPTS):
        before = identity(path)
        try:
            saved = load_once(path, max_bytes)
        except ModelError:
            if identity(path) != before:
                continue
            if (path / EXPORTED).is_file():
                hint = "the model that it was made of answers here; --certificate of `rasp verify` proves it"
                raise ModelError(f"{folder} is an export, for other tools", hint=hint) from None
            raise
        if identity(path) == before:
            return saved
    raise ModelError(f"{folder} keeps changing while it is being read")


def load_once(folder: Path, max_bytes: int) -> Saved:
    """Read the four files, each checked before the next."""
    contents = {CONFIG: read_file(folder / CONFIG, 1, MAX_TEXT_BYTES)}
    declared = config_json.loads(as_text(CONFIG, contents[CONFIG]))
    expected = sum(math.prod(shape) for shape in declared.shapes.values())
    expected *= np.dtype(declared.config.dtype).itemsize
    if expected > max_bytes:
        raise ModelError(
            f"config.json declares {expected} bytes of weights, more than the {max_bytes} allowed"
        )
    contents[WEIGHTS] = read_file(folder / WEIGHTS, 8 + expected, 8 + expected + MAX_HEADER_BYTES)
    check_header(contents[WEIGHTS], declared)
    contents[PROGRAM] = read_file(folder / PROGRAM, 0, MAX_TEXT_BYTES)
    certificate = unseal(read_file(folder / CERTIFICATE, 1, MAX_TEXT_BYTES), contents)
    weights = read_weights(contents[WEIGHTS])
    check(declared.config, weights)
    program = as_text(PROGRAM, contents[PROGRAM])
    return tied(declared.config, program), weights, certificate, program


def tied(config: Config, program: str) -> Config:
    """The configuration with its columns tied to the program by name, where it does not do so by number (as
    those saved by older versions).
    """
    sops = list(dict.fromkeys(column.sop for column in config.columns if column.sop))
    if config.statements or not sops or any(column.of is not None for column in config.columns):
        return config
    columns = tuple(replace(c, of=sops.index(c.sop)) if c.sop else c for c in config.columns)
    return replace(config, columns=columns, statements=by_names(program, sops))


def as_text(name: str, data: bytes) -> str:
    """UTF-8 text of a file."""
    try:
        return data.decode("utf-8", "surrogatepass")
    except UnicodeDecodeError as error:
        raise ModelError(f"{name} is damaged: {error}") from None


def weights_bytes(weights: Weights) -> bytes:
    """All arrays in safetensors form, which stores wrong values unless they are contiguous."""
    arrays = {name: np.ascontiguousarray(array) for name, array in named_arrays(weights).items()}
    return bytes(safetensors.numpy.save(arrays))


def check_header(data: bytes, declared: config_json.Declared) -> None:
    """Compare names, types and shapes in a safetensors header with what config.json declares."""
    length = int.from_bytes(data[:8], "little")
    try:
        header = json.loads(data[8 : 8 + length]) if length <= len(data) - 8 else None
    except (ValueError, RecursionError):
        header = None
    if not isinstance(header, dict):
        raise ModelError(f"{WEIGHTS} is damaged: its header cannot be read")
    header.pop("__metadata__", None)
    kind = SAFETENSORS_TYPES[declared.config.dtype]
    for name in sorted(header.keys() ^ declared.shapes.keys()):
        where, other = (WEIGHTS, CONFIG) if name in header else (CONFIG, WEIGHTS)
        raise ModelError(f"{where} has an array {name} that {other} does not have")
    for name, shape in declared.shapes.items():
        entry = header[name]
        found = (entry.get("dtype"), entry.get("shape")) if isinstance(entry, dict) else None
        if found != (kind, list(shape)):
            raise ModelError(
                f"{WEIGHTS} disagrees with {CONFIG}: {name} should be {kind} {list(shape)}, is {found}"
            )


def read_weights(data: bytes) -> Weights:
    """The arrays of a safetensors file whose header was checked."""
    try:
        arrays = safetensors.numpy.load(data)
    except safetensors.SafetensorError as error:
        raise ModelError(f"{WEIGHTS} is damaged: {error}") from None
    count = len({name.split(".")[1] for name in arrays if name.startswith("layers.")})
    layers = tuple(
        Layer(*(arrays[f"layers.{number}.{name}"] for name in LAYER_ARRAYS)) for number in range(count)
    )
    single: dict[str, Array] = {name: array for name, array in arrays.items() if "." not in name}
    return Weights(layers=layers, **single)


def digest(data: bytes) -> str:
    """SHA-256 in hexadecimal."""
    return hashlib.sha256(data).hexdigest()


def seal(certificate: Certificate, contents: Mapping[str, bytes]) -> bytes:
    """certificate.json: the certificate with the sums of all files that it speaks about, itself included."""
    body = certificate.to_json()
    sums = {name: digest(data) for name, data in contents.items()} | {CERTIFICATE: digest(body.encode())}
    return (
        json.dumps({"certificate": json.loads(body), "sha256": sums}, sort_keys=True, indent=1) + "\n"
    ).encode()


def unseal(data: bytes, contents: Mapping[str, bytes]) -> Certificate:
    """The certificate, if it belongs to exactly these files."""
    try:
        sealed: Any = json.loads(as_text(CERTIFICATE, data))
    except (ValueError, RecursionError) as error:
        raise ModelError(f"{CERTIFICATE} is damaged: {error}") from None
    if (
        not isinstance(sealed, dict)
        or not isinstance(sealed.get("sha256"), dict)
        or "certificate" not in sealed
    ):
        raise ModelError(f'{CERTIFICATE} is damaged: it needs "certificate" and "sha256"')
    certificate = Certificate.from_json(json.dumps(sealed["certificate"]))
    sums = sealed["sha256"]
    if sums.get(CERTIFICATE) != digest(certificate.to_json().encode()):
        raise ModelError(f"{CERTIFICATE} is damaged: its contents do not match its own sum")
    for name, content in contents.items():
        if sums.get(name) != digest(content):
            raise ModelError(
                f"{name} does not match {CERTIFICATE}: it was changed or damaged, or the certificate "
                "belongs to another model"
            )
    return certificate
