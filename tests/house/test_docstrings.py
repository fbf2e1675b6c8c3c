"""Every public function's docstring names each of its parameters, and a class's each of its fields.

So that `help(rasp.select)`, an editor's tooltip and the reference page say what to give. What a docstring
says of a parameter (what it is, its shape or unit, what is refused) is for people to judge; that it says
nothing is not.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from types import ModuleType
from typing import Any

import pytest

import compiler
import rasp
import runtime

PACKAGES = (rasp, compiler, runtime)


def exported(package: ModuleType) -> Iterator[tuple[str, Any]]:
    """Functions and classes that a package exports, and the public methods of those classes."""
    for name in package.__all__:
        value = getattr(package, name)
        if inspect.isclass(value) and value.__module__.split(".")[0] == package.__name__:
            yield f"{package.__name__}.{name}", value
            for key, member in vars(value).items():
                method = getattr(member, "__func__", member)  # of a static method
                if inspect.isfunction(method) and is_public(key) and key not in annotated(value):
                    yield f"{package.__name__}.{name}.{key}", method
        elif inspect.isfunction(value):
            yield f"{package.__name__}.{name}", value


def is_public(name: str) -> bool:
    return not name.startswith("_") or name == "__call__"


def annotated(value: type) -> dict[str, Any]:
    """The fields that a class declares itself."""
    return inspect.get_annotations(value)


def parameters(value: Any) -> list[str]:
    """What one gives to a function, or what a record holds."""
    if inspect.isclass(value) and is_dataclass(value):
        return [field.name for field in fields(value) if field.init and field.name in annotated(value)]
    if inspect.isclass(value):
        value = vars(value).get("__init__", lambda: None)
    return [name for name in inspect.signature(value).parameters if name not in ("self", "cls")]


def unnamed(value: Any) -> list[str]:
    """The parameters that the docstring does not name: between backticks, alone or as `name=...`."""
    told = value.__doc__ or ""
    return [name for name in parameters(value) if not re.search(rf"`\**{name}\b", told)]


@pytest.mark.parametrize("package", PACKAGES, ids=lambda package: str(package.__name__))
def test_docstrings_name_every_parameter(package: ModuleType) -> None:
    lacking = {name: missing for name, value in exported(package) if (missing := unnamed(value))}
    assert lacking == {}


def test_errors_that_docstrings_name_can_be_caught() -> None:
    """By the names that the packages export."""
    known = {name for package in PACKAGES for name in package.__all__}
    named = {
        error
        for package in PACKAGES
        for _, value in exported(package)
        for error in re.findall(r"\b[A-Z]\w+Error\b", value.__doc__ or "")
    }
    assert named <= known
    assert {"OperandError", "InputError", "ModelError"} <= named


def test_a_parameter_that_is_not_named_is_found() -> None:
    def halve(number: int, rounding: str) -> int:
        """Half of the number; `rounding` is "up" or "down"."""
        return number // 2 if rounding == "down" else -(-number // 2)

    assert unnamed(halve) == ["number"]


def test_methods_are_looked_at() -> None:
    names = {name for package in PACKAGES for name, _ in exported(package)}
    assert {"rasp.select", "rasp.Session.execute", "compiler.compile", "runtime.Model.__call__"} <= names
    assert "runtime.Certificate.from_json" in names  # a static method
