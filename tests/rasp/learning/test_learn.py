"""`rasp learn`: list, show, hint, check, and exercises of one's own."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

import programs
from rasp.learning.course import built_in
from rasp.learning.exercise import ExerciseError, read_exercise
from rasp.learning.inputs import GENERATORS, inputs_to_try
from rasp.learning.judging import Failure, reason
from tests.support.command_line import assert_refused, rasp_command

PROGRESS = ".rasp-learn.json"
BACKWARDS = "backwards = aggregate(select(indices, length - 1 - indices, ==), tokens);\n"
TWICE = """
def one(seq) { return aggregate(select(indices, indices - 1, ==), seq, "-"); }
two_back = one(one(tokens));
"""
THRICE = """
def turned(seq) { return aggregate(select(indices, length - 1 - indices, ==), seq); }
backwards = turned(turned(turned(tokens)));
"""

DOUBLE = """# Double letters

- topic: Elementwise operations
- vocab: abc
- max-length: 6
- without: indices

Write every letter twice.

## Examples

    "ab" -> ["aa", "bb"]

## Skeleton

```rasp
## a comment, no heading
double_letters = tokens;
```

## Hints

1. Strings can be
   added.
2. Once.

## Reference

```rasp
double_letters = tokens + tokens;
```
"""


@pytest.fixture(autouse=True)
def own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every test has the folder of a learner who has done nothing yet."""
    (tmp_path / "learner").mkdir()
    monkeypatch.chdir(tmp_path / "learner")


@pytest.fixture
def course(tmp_path: Path) -> Path:
    """A folder with one exercise, and other files."""
    folder = tmp_path / "course"
    folder.mkdir()
    (folder / "05_double_letters.md").write_text(DOUBLE)
    (folder / "README.md").write_text("no exercise")
    return folder


def checked(number: object, source: str, *arguments: object) -> tuple[int, dict[str, Any]]:
    """The exit code and the verdict on a program."""
    Path("answer.rasp").write_text(source)
    ran = rasp_command("learn", "check", number, "answer.rasp", "--json", *arguments)
    return ran.code, json.loads(ran.out)


def kept() -> dict[str, Any]:
    """What the progress file says about the exercises."""
    exercises: dict[str, Any] = json.loads(Path(PROGRESS).read_text())["exercises"]
    return exercises


def test_list_says_what_comes_next() -> None:
    ran = rasp_command("learn")
    assert ran.code == 0
    assert "Thinking in layers" in ran.out
    assert f"0 of {len(built_in().lessons)} solved. Next: 1," in ran.out
    assert rasp_command("learn", "list").out == ran.out
    assert not Path(PROGRESS).exists()


def test_list_in_json() -> None:
    entries = json.loads(rasp_command("learn", "list", "--json").out)
    assert [entry["name"] for entry in entries[:2]] == ["copy_input", "count_from_one"]
    assert entries[0]["solved"] is False


def test_show_and_write() -> None:
    assert "Write the input backwards" in rasp_command("learn", "show", "8").out
    assert not Path("08_backwards.rasp").exists()
    ran = rasp_command("learn", "show", "backwards", "--write")
    assert ran.code == 0
    assert "08_backwards.rasp" in ran.out
    assert "backwards = " in Path("08_backwards.rasp").read_text()
    Path("08_backwards.rasp").write_text("mine")
    assert_refused(rasp_command("learn", "show", "8", "--write"), "exists already")
    assert Path("08_backwards.rasp").read_text() == "mine"


def test_show_without_a_number_is_the_next_one() -> None:
    assert "1. Copy the input" in rasp_command("learn", "show").out
    checked(1, "copy_input = tokens;")
    assert "2. Count from one" in rasp_command("learn", "show").out


def test_show_tells_the_rules_but_not_the_reference() -> None:
    shown = rasp_command("learn", "show", "put_in_order").out
    assert "without sort" in shown
    task = json.loads(rasp_command("learn", "show", "two_back", "--json").out)
    assert task["budget"] == {"layers": 1, "heads": 1}
    assert "indices - 2" not in json.dumps(task)
    assert "causal mode" in rasp_command("learn", "show", "open_brackets").out


def test_the_reference_is_shown_to_those_who_are_through() -> None:
    assert_refused(rasp_command("learn", "show", "1", "--reference"), "once the exercise is solved")
    checked(1, "copy_input = tokens;")
    assert rasp_command("learn", "show", "1", "--reference").out == "copy_input = tokens;\n"


def test_hints_come_one_at_a_time() -> None:
    first = rasp_command("learn", "hint", "8").out
    assert "Hint 1 of 2" in first
    assert "Hint 2" not in first
    assert "length - 1" in rasp_command("learn", "hint", "8").out
    assert "There are no more hints." in rasp_command("learn", "hint", "8").out
    assert kept()["backwards"]["hints"] == 2
    assert "2 hints" in rasp_command("learn").out
    assert json.loads(rasp_command("learn", "hint", "7", "--json").out)["left"] == 1


def test_a_right_program() -> None:
    Path("08_backwards.rasp").write_text(BACKWARDS)
    ran = rasp_command("learn", "check", "8")
    assert ran.code == 0, ran
    assert "Correct; 2 layers, and as small as the best known." in ran.out
    assert "Next: 9," in ran.out
    assert kept()["backwards"]["solved"] is True
    assert (
        "[x]  8  \u2605\u2605\u2606  Backwards  (2 layers, and as small as the best known)"
        in rasp_command("learn").out
    )


@pytest.mark.slow
def test_a_right_but_larger_program() -> None:
    code, verdict = checked(8, THRICE)
    assert code == 0
    assert verdict["size"]["layers"] > verdict["best"]["layers"]
    text = rasp_command("learn", "check", "8", "answer.rasp").out
    assert f"Correct; {verdict['size']['layers']} layers, the best known is 2." in text
    checked(8, BACKWARDS)
    assert kept()["backwards"]["size"]["layers"] == 2
    checked(8, THRICE)
    assert kept()["backwards"]["size"]["layers"] == 2, "the smallest is remembered"


def test_a_wrong_program_fails_on_the_smallest_input() -> None:
    code, verdict = checked(8, "backwards = tokens;")
    assert code == 1
    failure = verdict["failure"]
    assert (failure["input"], failure["expected"], failure["got"]) == (["a", "b"], ["b", "a"], ["a", "b"])
    shown = rasp_command("learn", "check", "8", "answer.rasp").out
    assert '  input:    ["a", "b"]\n  expected: ["b", "a"]\n  got:      ["a", "b"]\n' in shown
    assert kept()["backwards"] | {"hints": 0, "tries": 2, "solved": False} == kept()["backwards"]


def test_a_failure_on_long_inputs_only_is_found_and_made_small() -> None:
    code, verdict = checked(8, BACKWARDS + "backwards = backwards if length < 7 else tokens;")
    assert code == 1
    assert len(verdict["failure"]["input"]) == 7
    assert len(set(verdict["failure"]["input"])) == 2


def test_a_program_that_fails_while_it_runs() -> None:
    code, verdict = checked(8, "backwards = aggregate(select(indices, indices - 1, ==), tokens) + tokens;")
    assert code == 1
    assert verdict["failure"]["input"] == ["a"]
    assert verdict["failure"]["got"] is None
    shown = rasp_command("learn", "check", "8", "answer.rasp").out
    assert "got an error: answer.rasp:1" in shown


@pytest.mark.parametrize(
    ("number", "source", "part"),
    [
        (8, "backwards = (", "answer.rasp:1"),
        (8, "backwards = tokenz;", "tokenz"),
        (8, "def f() { return 1; }", "defines no s-op"),
        (8, 'load "other";', "without `load`"),
        (8, 'def f() { load "other"; return 1; } backwards = tokens;', "without `load`"),
        ("put_in_order", "put_in_order = sort(tokens_asis, tokens_asis);", "without `sort`"),
        ("how_many", "f = length; how_many = f;", "without `length`"),
        (8, "n = 0; for i in range(10000000) { n = n + i; }", "limit reached"),
    ],
)
def test_a_program_that_does_not_run(number: object, source: str, part: str) -> None:
    code, verdict = checked(number, source)
    assert code == 1
    assert verdict["verdict"] == "error"
    assert part in verdict["message"]


def test_what_does_not_run_is_told_in_the_same_words() -> None:
    _, verdict = checked(8, "backwards = tokenz;")
    assert verdict["message"] in rasp_command("learn", "check", "8", "answer.rasp").out


def test_the_s_op_named_like_the_exercise_counts() -> None:
    code, _ = checked(8, BACKWARDS + "another = tokens;")
    assert code == 0
    code, _ = checked(8, BACKWARDS.replace("backwards", "otherwise_called"))
    assert code == 1


def test_more_than_the_budget() -> None:
    code, verdict = checked("two_back", TWICE)
    assert code == 1
    assert verdict["verdict"] == "too large"
    assert "1 layer at most" in verdict["message"]
    assert kept()["two_back"]["solved"] is False
    text = rasp_command("learn", "check", "two_back", "answer.rasp").out
    assert "too large; 2 layers, the best known is 1." in text


BEYOND = """
value = {"abcdefghij"[i]: 3 ^ i for i in range(10)}[tokens];
mean = aggregate(full_s, value);
two_back = aggregate(select(indices, indices - 2, ==), tokens, "-") if mean * value > -1 else "?";
copy_input = tokens if mean * value > -1 else "?";
"""


def test_right_but_beyond_the_compiler() -> None:
    code, verdict = checked("copy_input", BEYOND)
    assert code == 0
    assert verdict["size"] is None
    assert "cannot be compiled" in verdict["message"]
    assert kept()["copy_input"]["solved"] is True
    code, verdict = checked("two_back", BEYOND)
    assert (code, verdict["verdict"]) == (1, "too large"), "it cannot be within the budget then"


def test_mistakes_of_the_user() -> None:
    assert_refused(rasp_command("learn", "show", "99"), "there is no exercise 99")
    assert_refused(rasp_command("learn", "show", "backward"), "did you mean backwards?")
    assert_refused(rasp_command("learn", "check", "8"), "there is no file 08_backwards.rasp", "--write")
    assert_refused(rasp_command("learn", "check", "8", "no.rasp"), "no.rasp")
    assert_refused(rasp_command("learn", "--from", "nowhere"), "nowhere")
    assert_refused(rasp_command("learn", "list", "--from", "."), "no exercises")
    assert_refused(rasp_command("learn", "grade", "nowhere"), "nowhere")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        '{"format": 2, "exercises": {}}',
        '{"format": 1, "exercises": {"backwards": {"hints": "x"}}}',
        '{"format": 1, "exercises": {"backwards": {"size": {"layers": 1}}}}',
        '{"format": 1, "exercises": []}',
    ],
)
def test_a_damaged_record_of_progress(text: str) -> None:
    Path(PROGRESS).write_text(text)
    assert_refused(rasp_command("learn"), PROGRESS, "rename or delete")
    assert Path(PROGRESS).read_text() == text


def test_exercises_of_ones_own(course: Path) -> None:
    listed = rasp_command("learn", "--from", course).out
    assert "  5       Double letters" in listed
    assert rasp_command("learn", "--from", course, "list").out == listed
    assert rasp_command("learn", "list", "--from", course).out == listed
    hints = json.loads(rasp_command("learn", "--from", course, "hint", "5", "--json").out)
    assert hints == {"hints": ["Strings can be\nadded."], "left": 1}
    code, _ = checked(5, "double_letters = tokens * 2;", "--from", course)
    assert code == 0
    assert kept()["course/double_letters"]["solved"] is True
    assert "You have solved them all." in rasp_command("learn", "--from", course).out
    code, verdict = checked(5, 'double_letters = tokens + tokens + "" * indices;', "--from", course)
    assert (code, verdict["verdict"]) == (1, "error")


@pytest.mark.slow
def test_proofreading(course: Path) -> None:
    ran = rasp_command("learn", "proofread", "--from", course)
    assert ran.code == 0
    assert "double_letters" in ran.out
    broken = DOUBLE.replace('["aa", "bb"]', '["aa", "b"]').replace("= tokens;", "= tokens + tokens;")
    broken = broken.replace("double_letters", "broken")  # the answer has the exercise's name
    (course / "06_broken.md").write_text(broken)
    (course / "07_failing.md").write_text(DOUBLE.replace("tokens + tokens", "indices"))
    ran = rasp_command("learn", "proofread", "--from", course, "--json")
    assert ran.code == 1
    faults = [(fault["exercise"], fault["fault"]) for fault in json.loads(ran.out)]
    assert ("broken", 'the example `"ab" -> ["aa", "b"]` should give ["aa", "bb"]') in faults
    assert ("broken", "the skeleton is a solution already") in faults
    assert any(name == "failing" and "without `indices`" in fault for name, fault in faults)
    assert all(name != "double_letters" for name, _ in faults)


@pytest.mark.parametrize(
    ("old", "new", "part"),
    [
        ("# Double letters", "Double letters", "title"),
        ("- topic: Elementwise operations\n", "", "`topic` is missing"),
        ("- without:", "- forbidden:", "no setting `forbidden`"),
        ("max-length: 6", "max-length: many", "`max-length`"),
        ("max-length: 6", "max-length: 65", "`max-length`"),
        ("vocab: abc", "vocab: aba", "twice"),
        ("- without: indices", "- causal: maybe", "yes or no"),
        ("- without: indices", "- stars: 4", "`stars` must be a number from 1 to 3"),
        ("- without: indices", "- inputs: nice", "no inputs called 'nice'"),
        ("- without: indices", "- budget: small", "budget 'small'"),
        ("- without: indices", "- budget: 3 wheels", "budget '3 wheels'"),
        ("Write every letter twice.", "", "no statement"),
        ("## Hints", "## Help", "section 'Help'"),
        ("## Hints", "## Examples", "section 'Examples'"),
        ("## Reference", "Reference", "'Reference' is missing"),
        ('    "ab" -> ["aa", "bb"]\n', "", "no examples"),
        ('"ab" -> ["aa", "bb"]', '"ab" gives "aabb"', "not readable"),
        ('"ab" -> ', "ab -> ", "not readable"),
        ("1. Strings", "Strings", "must be a list"),
        ("```rasp\ndouble_letters = tokens + tokens;\n```", "double", "'Reference' needs one block of code"),
    ],
)
def test_files_that_are_no_exercise(old: str, new: str, part: str) -> None:
    assert old in DOUBLE
    with pytest.raises(ExerciseError, match=r"05_x\.md") as raised:
        read_exercise(DOUBLE.replace(old, new), "x", "05_x.md")
    assert part in str(raised.value)


def test_two_exercises_of_one_number(course: Path) -> None:
    (course / "5_other.md").write_text(DOUBLE)
    assert_refused(rasp_command("learn", "--from", course), "the number or the name of another")


def test_the_page_for_teachers_holds_a_good_exercise(course: Path) -> None:
    page = Path(str(programs.__file__)).parent / "exercises" / "README.md"
    text = page.read_text(encoding="utf-8")
    example = text.split("````markdown\n")[1].split("````")[0]
    (course / "05_double_letters.md").write_text(example)
    assert rasp_command("learn", "proofread", "--from", course).code == 0
    for name in GENERATORS:
        assert f"`{name}`" in text


def test_inputs_are_short_first_and_none_comes_twice() -> None:
    tried = inputs_to_try("ab", 10, ["any"], seed=0)
    assert len(set(tried)) == len(tried)
    assert [len(tokens) for tokens in tried] == sorted(len(tokens) for tokens in tried)
    assert tried[0] == ("a",)
    assert {len(tokens) for tokens in tried} == set(range(1, 11))
    assert len([tokens for tokens in tried if len(tokens) <= 7]) == 2 + 4 + 8 + 16 + 32 + 64 + 128


@pytest.mark.parametrize(
    ("name", "vocab"), [("brackets", "()[]x"), ("sums", "0123456789+"), ("mirrored", "abc")]
)
def test_random_inputs_fit(name: str, vocab: str) -> None:
    tried = inputs_to_try(vocab, 9, [name], seed=1)
    assert all(set(tokens) <= set(vocab) and 1 <= len(tokens) <= 9 for tokens in tried)


def test_a_type_alone_is_told_as_the_reason() -> None:
    """Numbers as text, and truth values as numbers, look right and are not."""
    failure = Failure([1], [1, 2], ["1", "2"])
    assert reason(failure) == (
        "Your s-op has text, and numbers are asked for; `tokens_asis` keeps numbers, and `tokens_int` makes "
        "numbers of text."
    )
    assert "truth values" in reason(Failure(["a"], [1], [True]))
    assert reason(Failure(["a"], [1], [2])) == ""
    assert reason(Failure(["a"], [1], ["2"])) == "Your s-op has text, and numbers are asked for."


def test_the_answer_has_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("8.rasp").write_text(BACKWARDS.replace("backwards", "mirror"))
    checked = rasp_command("learn", "check", "8", "8.rasp")
    assert checked.code == 1
    assert "no s-op called `backwards`" in checked.out
    assert "backwards = mirror;" in checked.out


def test_next_is_the_first_that_is_not_solved(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert rasp_command("learn", "next").out == rasp_command("learn", "show").out


def test_watch_checks_at_each_save(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It says what is wrong, and ends once the program is right."""
    monkeypatch.chdir(tmp_path)
    file = Path("8_backwards.rasp")
    file.write_text("backwards = tokens;")

    def save(seconds: float) -> None:
        file.write_text(BACKWARDS)
        os.utime(file, (1, 1))

    monkeypatch.setattr("rasp.commands.learning.time.sleep", save)
    watched = rasp_command("learn", "watch", file)
    assert watched.code == 0
    assert watched.out.index("Not yet right.") < watched.out.index("Correct")
    assert_refused(rasp_command("learn", "watch", "8.rasp"), "no file")
    assert_refused(rasp_command("learn", "watch", "mine.rasp"), "which exercise")
