"""`rasp learn grade`: a class's programs, some of them hostile."""

from __future__ import annotations

import csv
import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from rasp.commands.learning import WORKER
from rasp.commands.learning_text import alike
from rasp.learning.course import built_in
from rasp.learning.grading import lesson_named
from rasp.learning.judging import CORRECT, STOPPED
from rasp.learning.sandbox import Sandbox, judge_apart
from tests.support.command_line import Ran, assert_refused, rasp_command
from tests.support.paths import ROOT

COPY = "copy_input = tokens;"
ENDLESS = """
x = tokens;
for i in range(30000) {
    x = aggregate(select(indices, indices, ==), x);
    x = aggregate(select(indices, length - 1 - indices, ==), x);
}
copy_input = x;
"""


@pytest.fixture(autouse=True)
def own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def write(path: str, text: str) -> None:
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    Path(path).write_text(text)


def table(ran: Ran) -> list[dict[str, str]]:
    """The rows of a graded class."""
    assert ran.code == 0, ran
    return list(csv.DictReader(io.StringIO(ran.out)))


def test_sub_folders_and_files() -> None:
    write("class/ann/01_copy_input.rasp", COPY)
    write("class/ann/2.rasp", "count_from_one = indices;")
    write("class/ben/copy_input.rasp", "copy_input = tokens")
    write("class/ben/notes.rasp", "x = 1;")
    write("class/cy_lee-copy_input.rasp", COPY)
    write("class/readme.txt", "no program")
    rows = table(rasp_command("learn", "grade", "class", "--csv"))
    short = [(row["student"], row["name"], row["verdict"]) for row in rows]
    assert short == [
        ("ann", "copy_input", "correct"),
        ("ann", "count_from_one", "wrong"),
        ("ben", "", "error"),
        ("ben", "copy_input", "error"),
        ("cy_lee", "copy_input", "correct"),
    ]
    assert rows[0]["layers"] == rows[0]["best_layers"] == "1"
    assert rows[1]["message"] == '["a"]: expected [1], got [0]'
    assert "syntax error" in rows[3]["message"]
    assert not Path(".rasp-learn.json").exists()


def test_one_exercise() -> None:
    write("class/ann.rasp", COPY)
    write("class/ben.rasp", "copy_input = indices;")
    ran = rasp_command("learn", "grade", "class", "--exercise", "1")
    assert ran.code == 0
    assert ran.out.splitlines()[0].startswith("[1/2] ann  1 copy_input  correct")
    assert ran.out.splitlines()[1].startswith('[2/2] ben  1 copy_input  wrong  ["a"]')
    entries = json.loads(rasp_command("learn", "grade", "class", "--exercise", "1", "--json").out)
    assert [entry["verdict"] for entry in entries] == ["correct", "wrong"]
    assert_refused(rasp_command("learn", "grade", "class", "--json", "--csv"), "only one")


@pytest.mark.slow
def test_hostile_programs_are_stopped() -> None:
    write("class/ann-1.rasp", COPY)
    write("class/eve-1.rasp", ENDLESS)
    write("class/mel-1.rasp", 'load "ann-1";')
    write("class/=1+1-1.rasp", COPY)
    rows = table(rasp_command("learn", "grade", "class", "--csv", "--seconds", "6", "--jobs", "2"))
    verdicts = {row["student"]: row for row in rows}
    assert verdicts["ann"]["verdict"] == "correct"
    assert verdicts["eve"]["verdict"] == "stopped"
    assert verdicts["eve"]["message"] == "It takes longer than 6 seconds."
    assert verdicts["mel"]["verdict"] == "error"
    assert "without `load`" in verdicts["mel"]["message"]
    assert verdicts["'=1+1"]["verdict"] == "correct"


def test_links_and_special_files_are_not_read() -> None:
    write("secret.txt", "secret words")
    Path("class").mkdir()
    os.symlink(Path("secret.txt").resolve(), "class/eve-1.rasp")
    os.mkfifo("class/mel-1.rasp")
    rows = table(rasp_command("learn", "grade", "class", "--csv"))
    assert [row["verdict"] for row in rows] == ["error", "error"]
    assert "secret" not in json.dumps(rows)


def test_modules_lying_in_the_folder_are_not_imported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", ".")
    write("json.py", "raise SystemExit(3)")
    write("numpy.py", "raise SystemExit(3)")
    assert judge_apart(Sandbox(WORKER), built_in().find("1"), COPY, "x.rasp").verdict == CORRECT


def test_too_little_memory_is_told() -> None:
    """A small program may get by with what was taken before the limit was set; this one cannot."""
    large = "pairs = [[i, i] for i in range(90000)]; " + COPY
    verdict = judge_apart(Sandbox(WORKER, seconds=600, megabytes=60), built_in().find("1"), large, "x.rasp")
    assert (verdict.verdict, verdict.message) == (STOPPED, "It takes more than 60 MB of memory.")
    assert judge_apart(Sandbox(WORKER, seconds=600), built_in().find("1"), large, "x.rasp").verdict == CORRECT


def test_a_check_can_write_no_files() -> None:
    code = (
        "from rasp.processes import limit_memory, limit_time; limit_memory(2000); limit_time(30)\n"
        "try:\n"
        "    with open('stolen', 'wb', buffering=0) as file: file.write(b'x')\n"
        "except OSError: print('refused')"
    )
    root = ROOT
    ran = subprocess.run(
        [sys.executable, "-c", code],
        env={"PYTHONPATH": str(root)},
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert ran.stdout == "refused\n"
    assert Path("stolen").stat().st_size == 0


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("08_backwards", "backwards"),
        ("backwards", "backwards"),
        ("8", "backwards"),
        ("08", "backwards"),
        ("8 final", "backwards"),
        ("backward", None),
        ("99", None),
        ("", None),
        ("8th", None),
    ],
)
def test_which_exercise_a_name_means(text: str, name: str | None) -> None:
    lesson = lesson_named(text, built_in())
    assert (lesson.exercise.name if lesson else None) == name


def test_an_empty_class() -> None:
    Path("class").mkdir()
    assert_refused(rasp_command("learn", "grade", "class"), "no .rasp files")


def test_totals_points_and_equal_solutions() -> None:
    """Each student's sum; solutions that differ in names, blanks and comments alone are flagged."""
    write("class/ann/1.rasp", COPY)
    write("class/ann/2.rasp", "one = 1; two = one + one; count_from_one = indices + two - one;")
    write("class/ben/2.rasp", "# mine\nu = 1;\nt = u+u;\ncount_from_one = indices+t-u;")
    write("class/cy/2.rasp", "count_from_one = 1 + indices;")
    write("class/dan/2.rasp", "count_from_one = 1 + indices;")
    reference = built_in().find("7").exercise.reference
    for student in ("eve", "fay"):
        write(f"class/{student}/7.rasp", reference)
    out = rasp_command("learn", "grade", "class").out
    assert "[1/7] ann" in out
    assert "[4/7] cy" in out
    assert "ann  2 of 2 right  6 points" in out
    assert "The same solution of count_from_one: ann, ben\n" in out
    assert "cy   1 of 1 right  3 points" in out
    assert "cy, dan" not in out  # there is hardly another way
    assert "eve, fay" not in out  # as the reference has it


def test_a_solution_that_many_have_is_told_by_their_number() -> None:
    assert alike(["ann", "ben"], 30) == "ann, ben"
    assert alike([str(number) for number in range(29)], 30).startswith(
        "29 of 30 students, so it is rather from"
    )
