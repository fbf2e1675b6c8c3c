"""Runs `rasp` command lines within the test's process."""

from __future__ import annotations

import contextlib
import io
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from unittest import mock

import pytest

from rasp.cli import main


@dataclass(frozen=True)
class Ran:
    """What a command left behind."""

    code: int
    out: str
    err: str


def rasp_command(*arguments: object, stdin: bytes = b"") -> Ran:
    """The exit code and the output of `rasp ARGUMENTS`."""
    out, err = io.StringIO(), io.StringIO()
    with (
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
        standard_input(stdin),
        pytest.raises(SystemExit) as finished,
    ):
        main([str(argument) for argument in arguments])
    code = finished.value.code
    assert isinstance(code, int)
    return Ran(code, out.getvalue(), err.getvalue())


@contextlib.contextmanager
def standard_input(data: bytes) -> Iterator[None]:
    with mock.patch.object(sys, "stdin", io.TextIOWrapper(io.BytesIO(data), encoding="utf-8")):
        yield


def assert_refused(ran: Ran, *parts: str) -> None:
    """A user's mistake: exit code 2, nothing on standard output, one message that holds all the parts."""
    assert ran.code == 2, ran
    assert ran.out == ""
    assert "Traceback" not in ran.err
    assert len(ran.err.strip().splitlines()) <= 8
    for part in parts:
        assert part in ran.err
