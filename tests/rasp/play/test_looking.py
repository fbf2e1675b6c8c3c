"""What the playground shows of a program at every keystroke: values, mistakes, settings, states."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import programs
from rasp.play.looking import Given, iterate, look, settings, vocabulary_text


def seen(source: str, **more: Any) -> dict[str, Any]:
    return look(Given(source, **more))


def rows(found: dict[str, Any]) -> dict[str, Any]:
    return {row["name"]: row for row in found["rows"]}


def test_each_name_has_its_values_beside_its_line() -> None:
    found = seen(
        "same = select(tokens, tokens, ==);\nhist = selector_width(same);\ntwice = hist > 1;\n", input="abba"
    )
    assert found["problems"] == []
    assert found["tokens"] == ["a", "b", "b", "a"]
    assert [(row["line"], row["name"], row["kind"]) for row in found["rows"]] == [
        (1, "same", "selector"),
        (2, "hist", "s-op"),
        (3, "twice", "s-op"),
    ]
    assert rows(found)["same"]["matrix"] == ["1001", "0110", "0110", "1001"]
    assert rows(found)["hist"]["values"] == ["2", "2", "2", "2"]
    assert found["main"] == "twice"
    assert found["answer"] == ["T", "T", "T", "T"]
    assert "<svg" in found["drawing"]


def test_selectors_without_a_name_are_shown_before_what_reads_them() -> None:
    """Those of library functions as well, once each."""
    found = seen("x = sort(tokens, tokens);\ny = sort(tokens, tokens);\n", input="ba")
    named = [(row["name"], row.get("matrix")) for row in found["rows"] if row.get("unnamed")]
    assert [name for name, _ in named][:2] == ["smaller or equal_before", "select(rank, indices, ==)"]
    assert named[0][1] == ["01", "00"]


def test_causal_selectors_are_shown_as_they_are_read() -> None:
    found = seen("before = select(1, 1, ==);\nn = selector_width(before);", input="abc", causal=True)
    assert rows(found)["before"]["matrix"] == ["100", "110", "111"]
    assert rows(found)["n"]["values"] == ["1", "2", "3"]


def test_a_mistake_has_its_place_and_hint_and_the_rest_is_shown() -> None:
    found = seen("x = indices + 1;\ny = tokns == indices;\nz = x * 2;\n", input="ab")
    [problem] = found["problems"]
    assert (problem["line"], problem["column"], problem["end_column"]) == (2, 5, 10)
    assert "tokens" in problem["hint"]
    assert problem["severity"] == "error"
    assert rows(found)["z"]["values"] == ["2", "4"]


def test_where_there_is_no_value_the_row_says_why() -> None:
    found = seen("x = 6 / indices;\ny = x + 1;\nz = indices;\n", input="ab")
    assert "zero" in rows(found)["x"]["error"]
    assert "zero" in rows(found)["y"]["error"]
    assert rows(found)["z"]["values"] == ["0", "1"]
    errors = [each for each in found["problems"] if each["severity"] == "error"]
    assert [each["line"] for each in errors] == [1]


def test_warnings_are_those_of_rasp_check() -> None:
    found = seen("unused = indices + 1;\nx = tokens;\n", input="ab")
    assert [(each["severity"], each["line"]) for each in found["problems"]] == [("warning", 1)]


def test_no_file_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "secret.rasp").write_text('secret = "hidden";')
    monkeypatch.chdir(tmp_path)
    for statement in ('load "secret";', f'load "{tmp_path}/secret";', 'for i in [1] { load "secret"; }'):
        found = seen(f"{statement}\nx = tokens;", input="ab")
        assert "hidden" not in str(found)
        assert found["problems"][0]["severity"] == "error"
    assert "reads no files" in seen('load "secret";')["problems"][0]["message"]


def test_settings_go_without_saying() -> None:
    chosen = settings(Given(programs.read("sort")))
    assert chosen.tokens == (3, 1, 2, 1)
    assert chosen.vocab == tuple(range(26))
    assert not chosen.causal
    assert settings(Given(programs.read("auto_count"))).causal
    other = settings(Given(programs.read("sort"), input="hello", length=7))
    assert other.vocab == ("e", "h", "l", "o")
    assert other.length == 7
    assert seen("x = tokens;")["tokens"] == list("hello")


def test_vocabularies_as_they_are_typed() -> None:
    assert vocabulary_text(tuple(range(26))) == "0:26"
    assert vocabulary_text(("a", "b")) == "ab"
    assert vocabulary_text(("ab", "c")) == '["ab", "c"]'
    assert vocabulary_text((1, 2)) == "[1, 2]"


def test_wrong_settings_are_told_and_the_programs_mistakes_still_are() -> None:
    found = seen("x = ;", input="[1, ")
    assert found["wrong_settings"]
    assert found["problems"]
    assert "200" in seen("x = tokens;", input="a" * 201)["wrong_settings"]


def test_a_machine_is_stepped_until_nothing_changes() -> None:
    same = iterate(Given("x = tokens_asis;", input="ab"))
    assert same["states"] == [["a", "b"]]
    assert same["ending"] == "fixpoint after 0 steps: nothing changes any more"
    swapped = iterate(Given(programs.read("reverse"), input="ab"))
    assert swapped["states"] == [["a", "b"], ["b", "a"]]
    assert swapped["ending"] == "the state after step 0 comes back in step 2"
    rotating = seen(programs.read("rotate"), input="abc")
    assert rotating["next"] == "".join(rotating["answer"])


def test_step_and_halt_are_those_of_rasp_iterate() -> None:
    source = "tokens = tokens_asis;\nstep = min(tokens + 1, 9);\nhalt = tokens == 3;\nlast = tokens;\n"
    found = iterate(Given(source, input="[0, 1]", vocab="0:10"))
    assert found == {"states": [["0", "1"], ["1", "2"], ["2", "3"]], "ending": "halted after 2 steps"}


def test_an_answer_that_is_no_input_cannot_be_stepped() -> None:
    assert seen(programs.read("hist"), input="abba")["next"] is None
    assert "left the vocabulary" in iterate(Given(programs.read("hist"), input="abba"))["ending"]


@pytest.mark.parametrize("name", programs.names())
def test_every_program_of_the_library_is_shown_without_a_mistake(name: str) -> None:
    found = seen(programs.read(name), name=name)
    assert [each for each in found["problems"] if each["severity"] == "error"] == []
    assert found["answer"]
    assert found["drawing"]


def test_of_a_step_that_says_when_it_ends_the_step_is_shown() -> None:
    """`halt` stands last, and is not what the program is about."""
    found = seen("next = tokens_int - 1 if tokens_int > 0 else 0;\nhalt = tokens_int == 0;\n", input="[3, 1]")
    assert found["main"] == "next"
    assert found["answer"] == ["2", "0"]
    assert seen("step = indices;\nother = indices + 1;\nhalt = other == 3;", input="ab")["main"] == "step"
    assert seen("halt = indices == 3;", input="ab")["main"] == "halt"
