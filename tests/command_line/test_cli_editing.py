"""`rasp check` and `rasp fmt`."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

import programs
from tests.support.command_line import assert_refused, rasp_command

ROUGH = "a=tokens ;  # why\nb = a+a;\n"
SMOOTH = "a = tokens;  # why\nb = a + a;\n"


@pytest.mark.parametrize("name", programs.names())
def test_library_programs_pass_check_and_are_formatted(name: str) -> None:
    assert rasp_command("check", name).code == 0
    file = Path(programs.__file__).parent / f"{name}.rasp"
    assert rasp_command("fmt", "--check", file).code == 0


def test_check_warns_with_exit_code_1(tmp_path: Path) -> None:
    file = tmp_path / "unused.rasp"
    file.write_text("never = 1;\nunused = indices;\nanswer = tokens;\n")
    ran = rasp_command("check", f"{file}")
    assert ran.code == 1
    assert "unused.rasp:1:1: warning: " in ran.out
    assert "`never`" in ran.out
    findings = json.loads(rasp_command("check", file, "--json").out)
    assert findings[0]["line"] == 1


def test_check_for_causal_models() -> None:
    assert rasp_command("check", "reverse").code == 0
    ran = rasp_command("check", "reverse", "--causal")
    assert ran.code == 1
    assert "`length` is `indices + 1`" in ran.out
    assert rasp_command("check", "auto_reverse", "--causal").code == 0


def test_check_refuses_what_does_not_run() -> None:
    assert_refused(rasp_command("check", "no-such-program"), "no-such-program")


def test_fmt_rewrites_the_file_and_keeps_its_mode(tmp_path: Path) -> None:
    file = tmp_path / "rough.rasp"
    file.write_text(ROUGH)
    file.chmod(0o640)
    assert rasp_command("fmt", file, "--check").out == f"{file} would change\n"
    assert file.read_text() == ROUGH
    assert rasp_command("fmt", file).code == 0
    assert file.read_text() == SMOOTH
    assert os.stat(file).st_mode & 0o777 == 0o640
    assert [entry.name for entry in tmp_path.iterdir()] == ["rough.rasp"]


def test_fmt_of_standard_input() -> None:
    assert rasp_command("fmt", "-", stdin=ROUGH.encode()).out == SMOOTH


def test_fmt_changes_no_file_if_one_is_wrong(tmp_path: Path) -> None:
    rough, wrong = tmp_path / "rough.rasp", tmp_path / "wrong.rasp"
    rough.write_text(ROUGH)
    wrong.write_text("a = ;\n")
    assert_refused(rasp_command("fmt", rough, wrong), "wrong.rasp:1:5")
    assert rough.read_text() == ROUGH
    assert_refused(rasp_command("fmt", tmp_path / "missing.rasp"), "missing.rasp")
    wrong.write_bytes(b"a = \xff;")
    assert_refused(rasp_command("fmt", wrong), "UTF-8")
