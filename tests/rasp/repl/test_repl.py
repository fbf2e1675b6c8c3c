"""The dialogue through a pipe: what it prints, to the letter, and what mistakes and commands do."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rasp.commands.repl import Compiler
from rasp.elaboration.library import library_names
from rasp.repl.console import hold
from rasp.repl.dialogue import Dialogue
from rasp.repl.help import EXAMPLES, TOPICS
from rasp.repl.reading import Entry, LineReader, continuation_prompt, read_entry
from rasp.session import Session
from rasp.syntax.parser import parse_statements
from tests.support.command_line import rasp_command

TRANSCRIPTS = json.loads((Path(__file__).parent / "transcripts.json").read_text(encoding="utf-8"))

MENDED = {
    "repl: selector with long tokens": (
        "M14: the columns and margins of a matrix are aligned, however long the tokens are",
        ">> >>      selector: out\n \t Example:\n \t\t\t        long er\n"
        " \t\t\t long |    1   \n \t\t\t   er |       1\n>> \n",
    ),
    "repl: long names in lists": (
        "an alias does not rename the s-op it stands for: within a list, `indices` is still called so",
        ">>      s-op: a_name_with_more_than_thirty_letters_in_it\n"
        ' \t Example: a_name_with_more_than_thirty_letters_in_it("hello") = [0, 1, 2, 3, 4] (ints)\n'
        '>>      list: out =  [\n\t\t     s-op: indices\n\t\t \t Example: indices("hello") = [0, 1, 2, 3, 4]'
        " (ints)\n                 ]\n>>      s-op: a_name_with_more_than_thirty_letters_in_it\n"
        ' \t Example: a_name_with_more_than_thirty_letters_in_it("hello") = [0, 1, 2, 3, 4] (ints)\n>> \n',
    ),
}
"""Dialogues in which the original is mended: why, and what is printed instead."""


def dialogue(*lines: str, file: str | None = None) -> str:
    """What `rasp repl` prints when these lines are piped into it."""
    arguments = ["repl"] if file is None else ["repl", file]
    ran = rasp_command(*arguments, stdin="".join(line + "\n" for line in lines).encode())
    assert ran.code == 0
    return ran.out


def answers(*lines: str) -> list[str]:
    """The same, without the prompts, cut into lines."""
    return [line for line in dialogue(*lines).replace(">> ", "").replace(".. ", "").split("\n") if line]


@pytest.mark.parametrize("transcript", TRANSCRIPTS, ids=[each["name"] for each in TRANSCRIPTS])
def test_dialogues_to_the_letter(transcript: dict[str, object]) -> None:
    commands, printed = transcript["commands"], transcript["printed"]
    assert isinstance(commands, list)
    if transcript["name"] in MENDED:
        _, mended = MENDED[str(transcript["name"])]
        assert printed != mended
        printed = mended
    assert dialogue(*commands) == printed


# What is mended


def test_long_names_of_new_sops_are_cut_in_lists() -> None:
    name = "a_name_with_more_than_thirty_letters_in_it"
    assert "\t\t     s-op: s-op" in answers(f"{name} = indices + 1;", f"[{name}];")


def test_several_statements_in_a_line() -> None:
    assert answers("a = 1; b = 2; a + b;") == [
        "    value: a =  1",
        "    value: b =  2",
        "    value: out =  3",
    ]


def test_a_missing_semicolon_is_reported_at_once() -> None:
    shown = answers("a = 3 b = 4;", "5;")
    assert shown[0].startswith("console:1:7: syntax error: ")
    assert shown[-1] == "    value: out =  5"
    assert answers("def f() { x = 1 }", "5;")[0].startswith("console:1:16: syntax error: missing `;`")


def test_comments_end_with_their_line() -> None:
    assert answers("x = [1, # one", "2];") == ["     list: x = [1, 2]"]


def test_functions_in_lists_are_shown() -> None:
    assert answers("def f(a) { return a; }", "[f, 1];")[1:] == [
        "     list: out =  [",
        "\t\t     console function: f(a)",
        "\t\t    value:  1",
        "                 ]",
    ]


def test_rows_show_the_input_that_was_given() -> None:
    shown = answers("set s-op example [10, 2]", "full seq display on", "indices;")
    assert shown[2:] == [" \t\tinput:   10  2 \t (ints)", " \t\toutput:   0  1 \t (ints)"]


def test_wide_characters_keep_the_matrix_aligned() -> None:
    shown = answers('set example "日a"', "full_s;")
    assert shown[2:] == [" \t\t\t      日 a", " \t\t\t 日 |  1 1", " \t\t\t  a |  1 1"]


def test_an_sop_that_fails_on_the_example_is_defined_all_the_same() -> None:
    shown = answers("x = tokens_int;", 'x("12");')
    assert shown[:2] == ["     s-op: x", ' \t Example: x("hello") has no value:']
    assert shown[2] == 'type error: the token "h" is not an int, at position 0'
    assert shown[-1] == "\t =  [1, 2] (ints)"


# Mistakes


def test_a_mistake_never_ends_the_dialogue() -> None:
    lines = ["x = nobody;", ")", "1/0;", '"a" + 1;', "é", "set example 5", 'load "nowhere";', "help nobody"]
    for number, line in enumerate(lines, start=1):
        (first, *_) = answers(*[""] * 0, *["1;"] * (number - 1), line)[number - 1 :]
        assert first.startswith(f"console:{number}:"), first
        assert ": " in first
    assert answers(*lines, "5;")[-1] == "    value: out =  5"


def test_what_follows_a_mistake_in_its_line_is_run() -> None:
    shown = answers("a = 1; b = nobody; c = 2;")
    assert shown[0] == "    value: a =  1"
    assert shown[1] == "console:1:12: undefined name: nothing is called `nobody`"
    assert shown[-1] == "    value: c =  2"


def test_a_mistake_in_a_body_is_told_once() -> None:
    said = dialogue(
        "def f(x) {", "    y = x + ;", "    return y;", "}", "3;", "def g(x) {", "  x = ;", "def h(x) {"
    )
    assert said.count("syntax error: the body of") == 2
    assert "undefined" not in said
    assert "outside a function" not in said
    assert "value: out =  3" in said


def test_what_loops_and_functions_draw(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    said = dialogue(
        'for i in [1, 2] { twice = indices * i; draw(twice, "ab"); }',
        'def shown(s) { draw(s, "abc"); return s; }',
        "kept = shown(indices);",
        'draw(kept, "abc"); draw(kept, "abc");',
        'draw(kept, "abc");',
    )
    assert [line for line in said.splitlines() if "= " in line and "Example" not in line] == [
        ">> \t =  [0, 1] (ints)",
        "\t =  [0, 2] (ints)",
        "\t =  [0, 1, 2] (ints)",
        *[">> \t =  [0, 1, 2] (ints)", "\t =  [0, 1, 2] (ints)", ">> \t =  [0, 1, 2] (ints)"],
    ]
    assert sorted(file.name for file in (tmp_path / "comp_flows").iterdir()) == [
        "kept(abc)-2.svg",
        "kept(abc).svg",
        "s(abc).svg",
        "twice(ab)-2.svg",
        "twice(ab).svg",
    ]


def test_the_end_within_an_entry_is_a_mistake() -> None:
    assert answers("1;", "def f() {")[1].strip().startswith("console:2:9: ")
    assert dialogue("# only a comment").endswith(">> .. \n")


def test_a_list_that_doubles_is_shown_in_part() -> None:
    shown = answers("l = [[1]];", "for i in range(40) { l = [l, l]; }", "l;")
    assert 10_000 < len(shown) < 30_000


def test_a_deep_list_is_shown_in_part() -> None:
    shown = answers("l = [[1]];", "for i in range(3000) { l = [l]; }", "l;", "5;")
    assert any(line.endswith("list: [...]") for line in shown)
    assert len(shown) < 100
    assert shown[-1] == "    value: out =  5"


def test_bytes_that_are_no_text() -> None:
    ran = rasp_command("repl", stdin=b'"\xff";\n5;\n')
    assert ran.code == 0
    assert ran.out.endswith("    value: out =  5\n>> \n")


def test_warnings_are_told_beside_the_dialogue() -> None:
    ran = rasp_command("repl", stdin=b"x = not indices == 1;\ns = select(indices, indices, ==) and full_s;\n")
    assert "console:1:5: warning: `not x == y`" in ran.err
    assert "warning" not in ran.out
    ran = rasp_command("repl", stdin=b"full_s;\ny = select(1, 2, ==);\ny;\nt = indices + 1;\n")
    assert ran.err.count("warning") == 1
    assert "console:2:5: warning: this selector can never select anything" in ran.err


# Loading and drawing


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_loading_shows_each_public_name_once(folder: Path) -> None:
    (folder / "lib.rasp").write_text(
        "a = 1;\n_p = 2;\ndef f(x) { return x; }\nb = indices;\na = 3;\n"
        '4;\nb("x");\nfor i in [1] { c = i; }\nb;\n'
    )
    assert answers('load "lib";', "c;") == [
        "     lib function: f(x)",
        "    value: a =  3",
        "     s-op: b",
        "    value: c =  1",
    ]


def test_loading_a_file_with_mistakes_shows_everything(folder: Path) -> None:
    (folder / "lib.rasp").write_text("a = 1;\nb = nobody;\na = 2;\na;\n")
    shown = answers('load "lib";', "a;")
    assert [line for line in shown if "value" in line or "nobody`" in line] == [
        "    value: a =  1",
        "lib.rasp:2:5: undefined name: nothing is called `nobody`",
        "    value: a =  2",
        "    value: a =  2",
        "    value: a =  2",
    ]


def test_commands_in_files_are_obeyed(folder: Path) -> None:
    (folder / "lib.rasp").write_text(
        'set example "ab"\nexamples off\na = indices;\nset example 5\nexit\nb = 1;\n'
    )
    shown = answers('load "lib";', "a;", "b;")
    assert shown[0].startswith("lib.rasp:4:13: input error")
    assert ' \t Example: a("ab") = [0, 1] (ints)' in shown  # examples are on again
    assert any("nothing is called `b`" in line for line in shown)


def test_files_loaded_by_files_tell_only_their_mistakes(folder: Path) -> None:
    (folder / "inner.rasp").write_text("x = 1;\ny = nobody;\n")
    (folder / "outer.rasp").write_text('load "inner";\nz = x;\n')
    shown = answers('load "outer";')
    assert shown[0] == "inner.rasp:2:5: undefined name: nothing is called `nobody`"
    assert "    value: z =  1" in shown
    assert not any("value: x" in line for line in shown)


def test_a_file_is_loaded_first(folder: Path) -> None:
    (folder / "deeper").mkdir()
    (folder / "deeper" / "main.rasp").write_text('load "part";\nb = a + 1;\n')
    (folder / "deeper" / "part.rasp").write_text("a = 1;\n")
    assert dialogue("a + b;", file="deeper/main.rasp") == "    value: b =  2\n>>     value: out =  3\n>> \n"
    assert "s-op: hist" in dialogue(file="hist")
    assert rasp_command("repl", "nowhere.rasp").code == 2


def test_drawing_shows_the_value_and_writes_a_picture(folder: Path) -> None:
    assert dialogue("x = indices + 1;", 'draw(x, "a/b");').endswith(">> \t =  [1, 2, 3] (ints)\n>> \n")
    (picture,) = (folder / "comp_flows").iterdir()
    assert picture.name == "x(a_b).svg"
    assert picture.read_text(encoding="utf-8").startswith("<svg ")
    assert answers("draw(full_s);")[0].startswith("console:1:6: type error: ")


# What the original never had


def test_help_lists_the_commands() -> None:
    shown = "\n".join(answers("help"))
    for word in ("set example", "compile NAME", "verify NAME", "layers NAME", "draw"):
        assert word in shown


@pytest.mark.parametrize("name", sorted(library_names()))
def test_help_knows_the_library(name: str) -> None:
    shown = answers(f"help {name}")
    assert len(shown) >= 4
    assert f"  >> {EXAMPLES[name]}".replace(">> ", "") in shown
    assert shown[-1].startswith(("\t = ", " \t\t\t"))


@pytest.mark.parametrize("name", sorted(TOPICS))
def test_help_knows_the_language(name: str) -> None:
    shown = answers(f"help {name}")
    assert shown[1] == f"  {TOPICS[name].meaning}"
    assert not any("error" in line for line in shown)
    assert not TOPICS[name].example or parse_statements(TOPICS[name].example)


def test_help_shows_the_comment_above_what_the_user_defined() -> None:
    lines = ["# Twice", "# as much.", "def f(a) {", "return a + a; }", "help f"]
    assert answers(*lines)[-3:] == ["  Twice", "  as much.", "     console function: f(a)"]


def test_layers_by_the_rule_of_the_paper() -> None:
    assert answers("layers length") == ["length: 1 layer, 1 head", "  layer 1: 1 head (full_s)"]
    shown = answers("r = aggregate(select(indices, length - 1 - indices, ==), tokens);", "layers r")
    assert shown[2] == "r: 2 layers, 2 heads"
    both = "s = select(tokens, tokens, <) or (select(tokens, tokens, ==) and select(indices, indices, <));"
    assert answers(both, "n = selector_width(s);", "layers n")[-2:] == [
        "n: 1 layer, 1 head, 2 in a model",
        "  layer 1: 1 head, 2 in a model (s)",
    ]
    assert answers("layers indices") == ["indices: no layer, each position by itself"]
    assert (
        answers("layers full_s")[0]
        == "console:1:8: error: `layers` is for s-ops; `full_s` is selector `full_s`"
    )
    assert answers("layers")[0].startswith("console:1:1: error: `layers` needs the name")


def test_compile_and_verify_on_the_examples_alphabet() -> None:
    lines = ['set example "aab"', "h = selector_width(select(tokens, tokens, ==));", "compile h", "verify h"]
    shown = answers(*lines)
    facts = dict(line.split("  ", 1) for line in shown if "  " in line and not line.startswith(" "))
    assert facts["tokens"].split() == ["2:", "a", "b"]
    assert facts["layers"].strip() == "1"
    assert shown[-1].startswith("h over 2 tokens, up to 8 of them: equal on every one of 510 inputs")
    assert "one type" in answers('set example [1, "a"]', "compile indices")[0]


def test_these_words_stay_names() -> None:
    assert answers("help = 3;", "layers = help + 1;", "help;")[-2:] == [
        "    value: layers =  4",
        "    value: help =  3",
    ]


def test_jax_is_not_imported_before_it_is_needed() -> None:
    code = (
        "import sys, io\nfrom rasp.cli import main\n"
        "sys.stdin = io.StringIO('length;\\nlayers length\\nhelp max\\nnobody;\\n')\n"
        "try:\n    main(['repl'])\nexcept SystemExit:\n    pass\n"
        "assert not {'jax', 'numpy', 'prompt_toolkit'} & set(sys.modules), 'imported'\n"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    assert "length: 1 layer" in ran.stdout


def test_an_interrupt_stops_a_statement_and_not_the_dialogue() -> None:
    shown: list[str] = []
    dialogue = Dialogue(Session(), Compiler(), shown.append, shown.append)

    class Interrupted(Dialogue):
        def carry_out(self, entry: Entry) -> bool:
            if entry.text == "first;":
                raise KeyboardInterrupt
            return dialogue.carry_out(entry)

    hold(
        Interrupted(Session(), Compiler(), shown.append, shown.append),
        LineReader(iter_lines("first;\n6 * 7;")),
        interactive=True,
    )
    assert shown == ["    value: out =  42\n"]


TEXT = """
a b f l x indices tokens length full_s max 1 2.5 "a" "hello" ( ) [ ] { } , ; = == < + - * / ^ % : != in not
and or if else for def return select( aggregate( range( zip( len( round( indicator( load set show example
examples on off s-op selector full seq display layers help exit # out True <newline>
"""
WORDS = [*TEXT.split(), ";", "<newline>", "set example", "a ="]


@settings(max_examples=150, deadline=None)
@given(st.lists(st.sampled_from(WORDS), max_size=30))
def test_whatever_is_written_is_answered(words: list[str]) -> None:
    text = " ".join(words).replace("<newline>", "\n")
    shown: list[str] = []
    dialogue = Dialogue(Session(), Compiler(), shown.append, shown.append)
    reader = LineReader(iter_lines(text))
    line = 1
    with contextlib.suppress(EOFError):
        while dialogue.carry_out(entry := reader.read(line)):
            line += entry.lines
    assert all(each.endswith("\n") for each in shown)


def iter_lines(text: str) -> Callable[[str], str]:
    """Gives the lines of a text one by one, whatever the prompt."""
    lines = iter(text.split("\n"))

    def ask(prompt: str) -> str:
        for line in lines:
            return line
        raise EOFError

    return ask


# Entries


@pytest.mark.parametrize("text", ["", "  ", "# a", "a = 1", "def f() {", "set example", "full", "load"])
def test_entries_that_wait_for_more(text: str) -> None:
    assert read_entry(text) is None


@pytest.mark.parametrize(
    "text", ["a;", "# a\na;", "exit", "help", "compile x", "layers x; # y", "a b", "a\nb;"]
)
def test_entries_that_are_finished(text: str) -> None:
    assert read_entry(text) is not None


def test_the_prompt_is_indented_by_functions() -> None:
    assert continuation_prompt("x = [") == ".. "
    assert continuation_prompt("def f() {") == "..   "
    assert continuation_prompt("def f() { # def\n def g() {") == "..     "
