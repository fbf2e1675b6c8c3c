"""`rasp explain`: what it says is what the weights compute."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import pytest

import compiler
import rasp
import runtime
from rasp.words import Atom
from runtime.walkthrough import Document, Heading, Paragraph, Table, explain
from runtime.walkthrough.document import Code, plain
from tests.support.command_line import assert_refused, rasp_command


@pytest.fixture(scope="module")
def hist() -> runtime.Model:
    return compiler.compile(rasp.load("hist").main, vocab="abc", max_length=6)


def headings(document: Document) -> list[str]:
    return [plain(block.text) for block in document.blocks if isinstance(block, Heading)]


def prose(document: Document) -> str:
    return "\n".join(plain(block.text) for block in document.blocks if isinstance(block, Paragraph))


def tables(document: Document, header: str) -> list[list[list[str]]]:
    """The cells of the tables whose first column is called so."""
    return [
        [[plain(cell) for cell in row] for row in block.rows]
        for block in document.blocks
        if isinstance(block, Table) and plain(block.header[0]) == header
    ]


def value(text: str) -> float:
    return float(text.replace("\u2212", "-"))


def test_all_steps_in_order(hist: runtime.Model) -> None:
    document = explain(hist, "abca", title="hist")
    found = headings(document)
    assert found[0] == 'How hist computes its answer to ["a", "b", "c", "a"]'
    assert found[1:3] == ["Embedding", "Layer 1: attention"]
    assert found[-1] == "Unembedding"
    assert prose(document).endswith('So the answer at position 3 ("a") is 2.')


def test_the_weights_told_are_those_of_the_model(hist: runtime.Model) -> None:
    document = explain(hist, "abca", position=1)
    trace = hist.trace("abca")
    [table] = tables(document, "key")
    for row, score, weight in zip(table, trace.scores[0][0][2], trace.attention[0][0][2], strict=True):
        assert value(row[1]) == pytest.approx(float(score), rel=1e-5)
        assert value(row[2]) == pytest.approx(float(weight), rel=1e-5)


@pytest.mark.parametrize(
    ("name", "vocab", "tokens"),
    [
        ("hist", "abc", "abca"),
        pytest.param("reverse", "abcd", "dab", marks=pytest.mark.slow),
        pytest.param("sort", range(12), [7, 3, 11, 3], marks=pytest.mark.slow),
        pytest.param("most_freq", "abc", "cbcb", marks=pytest.mark.slow),
        ("dyck2_ptf", "()[]", "([])"),
        ("frac_prevs", "abx", "xaxb"),
    ],
)
def test_every_sum_is_right(name: str, vocab: object, tokens: object) -> None:
    """Scores are the sums of their products, formulas those of their terms, and the answer is the model's."""
    model = compiler.compile(rasp.load(name).main, vocab=vocab, max_length=6)  # type: ignore[arg-type]
    answers = model(tokens)
    for position in range(len(answers)):
        document = explain(model, tokens, position=position)
        for table in tables(document, "dimension"):
            assert sum(value(row[3]) for row in table[:-1]) == pytest.approx(value(table[-1][3]))
        text = document.markdown()
        for formula in re.findall(r"`([^`\n]*\] ?[^`\n]*= [^`\n]*)`", text):
            check_formula(formula)
        assert prose(document).splitlines()[-1].endswith(f"is {said(answers[position])}.")


def said(answer: rasp.Atom) -> str:
    if isinstance(answer, str):
        return f'"{answer}"'
    if isinstance(answer, bool | int):
        return str(answer)
    number = float(answer)
    return f"{int(number) if number.is_integer() else float(f'{number:.6g}')}"


def check_formula(formula: str) -> None:
    """`2*4 [rank] - 1 = 7` is right, unless some terms are left out."""
    if " more" in formula:
        return
    left, _, right = formula.replace("\\|", "|").rpartition(" = ")
    plain_left = re.sub(r" \[.*?\](?= [+\u2212]|$)", "", left)
    total = eval(plain_left.replace("\u00b7", "*").replace("\u2212", "-"))
    assert total == pytest.approx(value(right), rel=1e-4, abs=1e-4)


def test_one_layer_alone() -> None:
    model = compiler.compile(rasp.load("reverse").main, vocab="abc", max_length=5)
    found = headings(explain(model, "abc", layer=2))
    assert "Layer 2: attention" in found
    assert not any(part in " ".join(found) for part in ("Layer 1", "Embedding", "Unembedding"))


def test_brief_has_no_tables_and_says_what_happens(hist: runtime.Model) -> None:
    document = explain(hist, "abca", brief=True)
    assert not any(isinstance(block, Table) for block in document.blocks)
    assert 'position 3 ("a") selects positions 0 ("a") and 3 ("a")' in prose(document)
    assert "So hist = 2." in prose(document)


def test_negative_positions_count_from_the_end(hist: runtime.Model) -> None:
    assert explain(hist, "abca", position=-2) == explain(hist, "abca", position=2)


@pytest.mark.parametrize("position", [4, -5])
def test_there_is_no_such_position(hist: runtime.Model, position: int) -> None:
    with pytest.raises(rasp.RaspError, match="from 0 to 3"):
        explain(hist, "abca", position=position)


def test_there_is_no_such_layer(hist: runtime.Model) -> None:
    with pytest.raises(rasp.RaspError, match="layer 3"):
        explain(hist, "abca", layer=3)


def test_long_inputs_are_cut_to_what_matters() -> None:
    model = compiler.compile(rasp.load("sort").main, vocab=range(26), max_length=32)
    document = explain(model, [(7 * k) % 26 for k in range(32)])
    assert len(document.markdown()) < 12_000
    assert "others" in document.markdown()


def test_a_causal_model_does_not_look_ahead() -> None:
    sop = rasp.load("running_count").main
    model = compiler.compile(sop, vocab="ab", max_length=5, causal=True)
    for table in tables(explain(model, "abab", position=1), "key"):
        assert len(table) == 3


def test_hostile_tokens_stay_text() -> None:
    vocab = ["<script>alert(1)</script>", "`|`", "**b**", "\x1b[31m\n"]
    model = compiler.compile(rasp.load("identity").main, vocab=vocab, max_length=4)
    document = explain(model, vocab)
    assert "<script>" not in document.html()
    assert "&lt;script&gt;" in document.html()
    assert "\x1b" not in document.markdown()


def test_markdown_escapes_what_is_not_code() -> None:
    document = Document((Paragraph(("a*b <c> ", Code("x`y"))), Table((("h|",),), (((Code("a|b"),),),))))
    assert document.markdown() == "a\\*b \\<c\\> `` x`y ``\n\n| h\\| |\n| --- |\n| `a\\|b` |\n"


def test_the_command(tmp_path: Path) -> None:
    ran = rasp_command("explain", "hist", "hello", "--position", 2)
    assert ran.code == 0, ran.err
    assert "Layer 1: attention" in ran.out
    assert "So the answer" in ran.out
    assert rasp_command("explain", "hist", "hello", "--format", "markdown").out.startswith("# How `hist`")
    file = tmp_path / "hist.html"
    assert rasp_command("explain", "hist", "hello", "--format", "html", "--brief", "-o", file).out == ""
    assert file.read_text().startswith("<!doctype html>")


def test_long_lines_go_on_farther_to_the_right(tmp_path: Path) -> None:
    (tmp_path / "long.rasp").write_text(
        "mirrored_tokens = aggregate(select(indices, length - 1 - indices, ==), sort(tokens, tokens));"
    )
    told = rasp_command("explain", tmp_path / "long.rasp", "abc", "--brief").out.splitlines()
    [line] = [number for number, text in enumerate(told) if text.startswith("    mirrored_tokens = ")]
    assert told[line + 1].startswith("        ")
    assert told[line + 1].endswith(";")


def test_mistakes() -> None:
    assert_refused(rasp_command("explain", "hist", "abc", "--position", 3), "no position 3")
    assert_refused(rasp_command("explain", "hist", "abc", "--layer", 9), "no layer 9")
    assert_refused(rasp_command("explain", "hist", "abd", "--vocab", "abc"), "not in the vocabulary")


def test_what_no_program_can_say_is_told_in_words() -> None:
    """The compiler's own s-ops, and those without a name, with the line in which they stand."""
    depth = explain(compiler.compile(rasp.load("dyck2_ptf").main, "()[]", 4), "(]", brief=True)
    told = prose(depth)
    assert "least(" not in told
    assert "the first position that select(wrong, True, ==) selects, or 4 where it selects none" in told
    assert "From it follows failed." in told
    same = explain(compiler.compile(rasp.load("palindrome").main, "ab", 4), "ab", brief=True).markdown()
    assert "\npalindrome = not contains(tokens == mirrored, False);\n" in same
    assert "..." not in same


def test_the_answers_line_is_quoted_where_it_is_read() -> None:
    main = rasp.parse('ones = count(tokens, "1"); odd = ones % 2 == 1;').main
    told = explain(compiler.compile(main, "01", 4), "0110", brief=True).markdown()
    assert "The answer is read from `ones % 2`:\n\n```\nodd = ones % 2 == 1;\n```\n" in told
    same = explain(compiler.compile(rasp.load("hist").main, "ab", 4), "aba", brief=True).markdown()
    assert "The answer is read from" not in same


def test_a_truth_is_not_told_as_what_it_is_made_of() -> None:
    """The column holds `n > 0`; the program's name is that of the contrary, which has no column."""
    program = rasp.parse(
        'n = selector_width(select(indices, indices, <=) and select(tokens, "a", ==)); never = n == 0;'
        'last = aggregate(select(tokens, "a", ==) and select(n, n, ==), indices);'
        "x = -1 if never else indices - last;"
    )
    told = explain(compiler.compile(program.main, "ab", 10), "ba", brief=True).markdown()
    assert "compute `n > 0` from `n` = `1`: so `n > 0` is `True`." in told
    assert "never = n == 0;" in told
    assert "`never` = `" not in told


@pytest.mark.parametrize(
    ("name", "vocab", "given"), [("sort_pairs", range(4), [2, 0, 1, 3]), ("binary_increment", "01", "011")]
)
def test_a_column_is_told_by_what_it_holds(name: str, vocab: Sequence[Atom], given: Sequence[Atom]) -> None:
    """Never as "quadratic" or "feature", and an s-op in brief not by the columns that encode it."""
    model = compiler.compile(rasp.load(name).main, vocab, 6)
    full, brief = (explain(model, given, brief=each).markdown() for each in (False, True))
    assert not re.search(r"quadratic|feature|` #\d|`\s+`", full + brief)
    assert not re.search(r"key >= \d", brief)


def test_what_the_answer_is_read_from_is_told_as_what_it_is() -> None:
    """Never by how the column is made; and tokens are called so, whatever they are taken as."""
    made = compiler.compile(
        rasp.parse('x = 1 if tokens == "(" else (-1 if tokens == ")" else 0);').main, "()x", 3
    )
    assert "The answer is read from a function of tokens" in prose(explain(made, "()x"))
    ordered = compiler.compile(rasp.parse("x = sort(tokens, tokens);").main, range(6), 7)
    told = prose(explain(ordered, [3, 1, 2]))
    assert "tokens_str" not in told
    assert "rank where tokens < tokens" in told


def test_s_ops_of_one_name_are_told_apart_as_the_program_does() -> None:
    """Of a function that is called twice, the second `seen` is never called `seen #2`, nor as the first."""
    program = rasp.parse(
        "def place(sign) { seen = selector_width(select(indices, indices, <=) and select(tokens, sign, ==));"
        " return selector_width(select(indices, indices, <=) and select(seen, 0, ==)); }"
        'a = place("+"); b = place("="); x = a - b;'
    )
    told = explain(compiler.compile(program.main, "+=1", 6, causal=True), "1=+1").markdown()
    assert "write `seen2` once more, as `seen2 >= 1`" in told
    assert "#2" not in told
    assert 'tokens = "="' in told


def test_what_is_so_everywhere_is_told_once() -> None:
    """However many heads and layers there are."""
    made = compiler.compile(rasp.load("most_freq").main, "abc", 6)
    told = prose(explain(made, "abba"))
    for sentence in ("Each key's weight is", "made exact by rounding", "BOS, which is worth 0"):
        assert told.count(sentence) == 1, sentence


def test_sums_call_columns_as_sentences_do() -> None:
    """Without the compiler's own words and brackets; and numbers that are strings stand in quotes."""
    told = explain(compiler.compile(rasp.load("dedupe").main, "abc", 6), "abba").markdown()
    assert "least(" not in told
    compared = explain(compiler.compile(rasp.load("anbncn").main, "abc", 6), "aabbcc").markdown()
    assert "[a == b]" in compared
    assert 'tokens >= "b"' in compared
    digits = explain(compiler.compile(rasp.parse('x = tokens == "1";').main, "012", 6), "12").markdown()
    assert 'tokens = "1"' in digits


def test_calls_of_the_library_are_told_as_they_are_written() -> None:
    """Columns within them keep the library's names, with the library's lines below the call."""
    program = rasp.parse('flip = aggregate(select(indices, 2 - indices, ==), sort(tokens, tokens), "-");')
    made = compiler.compile(program.main, "abc", 3)
    told = explain(made, "cab", brief=True).markdown()
    assert "# within sort(tokens, tokens):\n    smaller = select(tokens, tokens, <);" in told
    assert "Layer 2 is there to fetch `sort(tokens, tokens)`, whose values layer 3 reads for `flip`." in told
    assert "So `sort(tokens, tokens)` is" in told
    assert "aggregate(select(rank" not in told


def test_lists_end_with_and() -> None:
    program = rasp.parse('a = count(tokens, "a"); b = count(tokens, "b"); c = a > b;')
    told = prose(explain(compiler.compile(program.main, "ab", 9), "abababa", brief=True))
    assert "Head 1 (a and b): " in told
    assert 'selects positions 0 ("a"), 1 ("b"), 2 ("a"), 3 ("b"), 4 ("a"), 5 ("b") and 6 ("a").' in told
    assert "So a = 4 and b = 3." in told
    more = prose(explain(compiler.compile(program.main, "ab", 9), "ababababa", brief=True))
    assert '4 ("a"), 5 ("b") and 3 more.' in more


def test_a_table_is_told_by_its_name_and_its_ends() -> None:
    pairs = ", ".join(f'"{c}": "{c.upper()}"' for c in "abcdefghijklm")
    program = rasp.parse(f"up = {{{pairs}}}; caps = up[tokens] if indices == 0 else tokens;")
    told = explain(compiler.compile(program.main, "abcdefghijklm", 3), "bad", brief=True).markdown()
    assert 'up = {"a": "A", "b": "B", ..., "m": "M"};\ncaps = up[tokens] if indices == 0 else tokens;' in told


def test_minus_the_last_position_is_told_as_the_last_position() -> None:
    program = rasp.parse('x = "X" if mark_last_instance(tokens, "a") else tokens;')
    told = prose(explain(compiler.compile(program.main, "ab", 4), "aba", brief=True))
    assert "minus the last position that select" in told
    assert "a function of the last position in select" in told
