"""What commands are given: vocabularies and inputs are never silently something else."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from rasp.commands.hints import in_flags
from rasp.commands.viewing import subject
from rasp.errors import InputError
from rasp.notation import read_input, read_vocab
from tests.support.command_line import assert_refused, rasp_command


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("a-z", list("abcdefghijklmnopqrstuvwxyz")),
        ("B-D", list("BCD")),
        ("-2:2", [-2, -1, 0, 1]),
        ("abc-", list("abc-")),
        ("+-*", list("+-*")),
        ("abc ._", list("abc ._")),
        ("abc,.", list("abc,.")),
        ("()[]$", list("()[]$")),
        ("01", list("01")),
        ("1234", list("1234")),
        ("7", ["7"]),
        ("ab:", list("ab:")),
        ('["cat", "dog"]', ["cat", "dog"]),
    ],
)
def test_each_way_of_writing_a_vocabulary(text: str, tokens: list[object]) -> None:
    assert read_vocab(text) == tokens


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("0:6:2", "'[0, 2, 4]'"),
        ("x.csv", '--vocab "$(cat x.csv)"'),
        ("1..5", "1:6"),
        ("a:e", "a-e"),
        ("10-12", "10:13"),
        ("0-9", "0:10"),
        ("0-9", "0123456789"),
        ("5:2", "2:5"),
        ("a..e", "a-e"),
        ("e-a", "a-e"),
        ("A-Za-z", "ranges stand alone"),
        ("a,b,c", "abc"),
        ("a,b", """'["a", "b"]'"""),
        ("a b c", """'["a", "b", "c"]'"""),
        ("cat,dog", """'["cat", "dog"]'"""),
        ("1, 2, 3", "'[1, 2, 3]'"),
        ("[a, b, c]", """'["a", "b", "c"]'"""),
        ("['a', 'b']", """'["a", "b"]'"""),
        ("hello", "helo"),
        ("apple", """'["apple"]'"""),
        ("10", "0:10"),
        ("10", """'["1", "0"]'"""),
        ("256", "0:256"),
        ("12", "0:12"),
        ("0:", "0:10"),
        ("20:", "20:30"),
        ("{a, b}", """'["a", "b"]'"""),
        ("-1,0,1", "'[-1, 0, 1]'"),
        ("3.5", "'[3.5]'"),
        ("-3", """'["-", "3"]'"""),
        ('["ab", "c", "c"]', """'["ab", "c"]'"""),
    ],
)
def test_another_way_gets_the_right_spelling(text: str, hint: str) -> None:
    with pytest.raises(InputError) as refused:
        read_vocab(text)
    assert hint in (refused.value.hint or "")


@pytest.mark.parametrize(
    ("text", "column"), [("[3, 1,", 7), ("[1 2]", 4), ("[1, 2]]", 7), ("[a, b]", 2), ('["a"', 5)]
)
def test_broken_json_is_an_error_with_its_place(text: str, column: int) -> None:
    ran = rasp_command("run", "sort", text)
    assert_refused(ran, f"INPUT:1:{column}: ", "--string")
    assert ran.err.splitlines()[2] == " " * (3 + column) + "^"
    assert read_input(text, as_text=True) == list(text)


def test_an_object_is_no_input() -> None:
    assert_refused(rasp_command("run", "sort", '{"a": 1}'), "INPUT:1:1: ", "object", "list")


@pytest.mark.parametrize("text", ["[()]", "[]()", "{}", "a,b", "([)]", "{(a)}"])
def test_brackets_are_text(text: str) -> None:
    assert read_input(text) == list(text)


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        (["a,b", "c"], '["a,b", "c"] (strings)'),
        (["", "a"], '["", "a"] (strings)'),
        ([" ", "a"], '[" ", "a"] (strings)'),
        (["1", "+"], '["1", "+"] (strings)'),
        (["1", "1"], '["1"]*2 (strings)'),
        (["a", "+"], "[a, +] (strings)"),
    ],
)
def test_answers_that_could_be_misread_are_quoted(given: list[str], shown: str) -> None:
    assert rasp_command("run", "identity", json.dumps(given)).out == f"{shown}\n"


def test_tokens_and_outputs_that_could_be_misread_are_quoted() -> None:
    told = rasp_command("compile", "identity", "--vocab", '["T", "1"]', "--max-length", 2).out
    assert 'tokens       2: "T" "1"' in told
    assert 'outputs      2: "1" "T"' in told


@pytest.fixture
def twice(tmp_path: Path) -> Path:
    """A program with a vocabulary of its own."""
    file = tmp_path / "twice.rasp"
    file.write_text("# Each token, doubled.\n# vocab: ab\n\ntwice = tokens + tokens;\n")
    return file


def test_the_header_of_a_program_names_its_vocabulary(twice: Path) -> None:
    facts = json.loads(rasp_command("compile", twice, "--json").out)
    assert (facts["vocab"], facts["max_length"]) == (["a", "b"], 16)
    assert rasp_command("verify", twice, "--max-length", 3, "--exhaustive").code == 0
    assert "equal on" in rasp_command("verify", twice, "--samples", 5).out


def test_without_a_vocabulary_the_way_to_give_one_is_said(tmp_path: Path) -> None:
    file = tmp_path / "plain.rasp"
    file.write_text("plain = tokens;\n")
    assert_refused(rasp_command("compile", file), "--vocab V, such as a-z or 0:10", "# vocab: V")


HEADERS = {
    "# vocab: 1 2 3\n": (
        "{file}:1:10: input error: the vocabulary '1 2 3' could be misread",
        "    # vocab: 1 2 3\n",
        "^^^^^\n",
    ),
    "# Twice.\n# example: [1, 2 -> 3\n# vocab: 123\n": (
        "{file}:2:12: input error: not JSON",
        "    # example: [1, 2 -> 3\n",
    ),
}


@pytest.mark.parametrize("header", HEADERS)
def test_a_mistake_in_the_header_has_its_place(tmp_path: Path, header: str) -> None:
    file = tmp_path / "headed.rasp"
    file.write_text(f"{header}main = tokens;\n")
    said = [part.format(file=file) for part in HEADERS[header]]
    assert_refused(rasp_command("view", file, "-o", tmp_path / "page.html"), *said)


@pytest.mark.parametrize(("text", "tokens"), [("a", ["a", "b"]), ("ay", ["a", "y"])])
def test_models_to_look_at_take_the_header_where_it_knows_the_input(
    twice: Path, text: str, tokens: list[str]
) -> None:
    assert list(subject(f"{twice}", list(text), None, None, False).model.config.vocab) == tokens


@pytest.mark.parametrize(
    "words",
    [("run", "reverse", "-"), ("draw", "reverse", "-"), ("explain", "reverse", "-", "--brief")],
)
def test_a_dash_reads_standard_input(words: tuple[str, ...]) -> None:
    piped = rasp_command(*words, stdin=b"abc\n")
    given = rasp_command(*["abc" if word == "-" else word for word in words])
    assert (piped.code, piped.out) == (0, given.out)


def test_a_dash_is_a_token_if_told_so() -> None:
    assert rasp_command("run", "identity", "-", "--string", stdin=b"abc").out == "[-] (strings)\n"
    assert_refused(rasp_command("run", "identity", "-", stdin=b"\xff"), "UTF-8")


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("3,1,2", "'[3, 1, 2]'"),
        ("(3, 1)", "'[3, 1]'"),
        ("3 1", "'[3, 1]'"),
        ("[3 1]", "'[3, 1]'"),
        ("['a','b']", """'["a", "b"]'"""),
        ("[\u201ca\u201d]", """'["a"]'"""),
        ("[True]", "'[true]'"),
        ('"abc"', "abc"),
    ],
)
def test_an_input_that_is_nearly_a_list_is_told_how(text: str, hint: str) -> None:
    with pytest.raises(InputError) as refused:
        read_input(text)
    assert hint in (refused.value.hint or "")
    assert "--string" in (refused.value.hint or "")
    assert read_input(text, as_text=True) == list(text)


@pytest.mark.parametrize("text", ["12+3", "a,b", "[a]", "1,", "hello world", "don't", "()"])
def test_text_stays_text(text: str) -> None:
    assert read_input(text) == list(text)


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("'abc'", "write abc"),
        ("digits", "0:10"),
        ("range(3, 8)", "3:8"),
        (":5", "0:5"),
        ("0:26,30", "JSON list"),
        ("0:5.5", "whole numbers"),
    ],
)
def test_a_vocabulary_by_another_name_is_told_how(text: str, hint: str) -> None:
    with pytest.raises(InputError) as refused:
        read_vocab(text)
    assert hint in (refused.value.hint or "")


@pytest.mark.parametrize(
    ("words", "hint"),
    [
        (("run", "sort", "3", "1"), "INPUT is one argument"),
        (("run", "sort", "-1"), "write --"),
        (("help",), "rasp --help"),
        (("draw", "hist", "a", "-o", "x.PNG"), "NAME.svg"),
        (("version",), "rasp --version"),
        (("run", "SORT", "a"), "did you mean sort?"),
        (("run", "sort.rasp", "a"), "leave out the ending"),
        (("run", ".", "a"), "rasp list"),
        (("run", "/", "a"), "this is a folder"),
        (("run", "zzzzz.rasp", "a"), "another folder"),
        (("apply", "zzzzz", "a"), "rasp compile PROGRAM -o DIR"),
        (("list", "sort"), "rasp show sort"),
        (("verify", "hist", "h64"), "a saved model brings its program along"),
        (("export", "h64"), "rasp export sort-model --to onnx -o sort-onnx"),
        (("run", "hist", "--vocab", "ab"), "--vocab is an option of compile,"),
        (("learn", "show", "--vocab", "ab"), "rasp learn show --help"),
        (("compile",), "rasp compile sort"),
        (("generate", "nothing", "a"), "for example: rasp generate aab-model"),
        (("run", "sort", "--input", "[3]"), "rasp run sort '[3, 1, 2]'"),
        (
            ("--vocab", "ab", "compile", "hist"),
            "options stand behind their command: rasp compile ... --vocab",
        ),
        (("compile", "hist", "--max-length", "ten"), "in digits, such as 10"),
    ],
)
def test_clumsy_commands_are_told_how(words: tuple[str, ...], hint: str) -> None:
    assert hint in rasp_command(*words).err


def test_hints_name_flags_where_python_has_arguments() -> None:
    said = "compile with style='soft', best with basis=\"one-hot\" and keep=['a'], or causal=True"
    assert in_flags(said) == "compile with --style soft, best with --basis one-hot and --keep a, or --causal"


def test_a_file_is_meant_by_its_name_without_the_ending(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "mine.rasp").write_text("a = tokens;")
    monkeypatch.chdir(tmp_path)
    assert "did you mean mine.rasp?" in rasp_command("run", "mine", "abc").err


def test_a_file_of_functions_alone_is_told_to_call_one(tmp_path: Path) -> None:
    file = tmp_path / "twice.rasp"
    file.write_text("def twice(a) { return a + a; }\n")
    assert_refused(rasp_command("run", file, "a"), "defines no s-op", "`x = twice(tokens);`")


@pytest.mark.parametrize(
    "words",
    [("draw", "mine.rasp", "a", "-o"), ("draw", "mine.rasp:a", "a", "-o"), ("ngram", "mine.rasp", "-o")],
)
def test_what_is_read_is_not_written_over(
    words: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "mine.rasp").write_text("a = tokens;")
    monkeypatch.chdir(tmp_path)
    assert_refused(rasp_command(*words, "mine.rasp"), "mine.rasp is what is read here", "another file")
    assert (tmp_path / "mine.rasp").read_text() == "a = tokens;"


def test_a_drawing_named_dot_is_one(tmp_path: Path) -> None:
    file = tmp_path / "hist.dot"
    assert rasp_command("draw", "hist", "a", "-o", file).code == 0
    assert file.read_text().startswith("digraph")
