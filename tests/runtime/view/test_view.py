"""The page as a file: what is in it, how large it is, and which text belongs to which columns."""

from __future__ import annotations

import html.parser
import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import compiler
import rasp
import runtime
from runtime.inspection.reading import is_truth, sop_name
from runtime.sources import Source, program_source
from runtime.view import input_text
from runtime.view.page import packed
from runtime.weights import Column
from tests.support.command_line import assert_refused, rasp_command


def compiled(name: str, vocab: str, length: int) -> runtime.Model:
    return compiler.compile(rasp.load(name).main, vocab=vocab, max_length=length)


class Page(html.parser.HTMLParser):
    """The scripts of a page, and what it would load."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.scripts: list[str] = []
        self.loads: list[str] = []
        self._within = False
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._within = tag == "script"
        if self._within:
            self.scripts.append("")
        self.loads += [value or "" for name, value in attrs if name in ("src", "href", "srcset")]

    def handle_endtag(self, tag: str) -> None:
        self._within = False

    def handle_data(self, data: str) -> None:
        if self._within:
            self.scripts[-1] += data

    @property
    def data(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.scripts[0])
        return found


def test_one_file_without_a_network() -> None:
    text = compiled("hist", "abc", 5).view("abca").html
    page = Page(text)
    assert page.loads == []
    assert "http:" not in text.replace("http://www.w3.org", "")
    assert "https:" not in text
    assert "url(" not in text
    assert "@import" not in text
    assert page.data["input"] == "abca"


def test_sort_at_26_and_32_stays_below_a_megabyte() -> None:
    model = compiler.compile(rasp.load("sort").main, vocab=range(26), max_length=32)
    assert len(model.view(list(range(26))).html.encode()) < 1_000_000


def unpacked(data: dict[str, Any]) -> np.ndarray:
    """What the page makes of an array."""
    flat = np.zeros(int(np.prod(data["shape"])), np.float32)
    flat[np.cumsum(data["at"], dtype=int) - 1] = data["v"]
    return flat.reshape(data["shape"])


def test_weights_arrive_exactly() -> None:
    rng = np.random.default_rng(3)
    array = rng.normal(size=(4, 5, 6)).astype(np.float32) * (rng.random((4, 5, 6)) < 0.4)
    array[0, 0, :3] = 0.1, 1e-30, -12582912.0
    assert np.array_equal(unpacked(json.loads(json.dumps(packed(array)))), array)
    empty = np.zeros((0, 5), np.float32)
    assert unpacked(packed(empty)).shape == (0, 5)


def test_nothing_in_the_data_ends_the_script() -> None:
    model = compiler.compile(rasp.load("identity").main, vocab=["</script><b>", "<!--", "]]>"], max_length=3)
    page = Page(model.view(["</script><b>", "<!--"]).html)
    assert len(page.scripts) == 2
    assert page.data["vocab"] == ["</script><b>", "<!--", "]]>"]


@pytest.mark.parametrize(
    ("tokens", "text"),
    [
        (["a", "b"], "ab"),
        (["[", "a"], '["[", "a"]'),
        (["ab", "c"], '["ab", "c"]'),
        ([1, 2], "[1, 2]"),
        ([True, False], "[true, false]"),
        (["é"], "é"),
    ],
)
def test_how_an_input_is_typed(tokens: list[rasp.Atom], text: str) -> None:
    assert input_text(tokens) == text


def test_the_s_op_of_a_column() -> None:
    model = compiled("sort", "abc", 6)
    found = {column.name: sop_name(column) for column in model.config.columns}
    wanted = {"bos": "bos", "tokens = b": "tokens", "indices >= 1": "indices", "rank": "rank"}
    wanted |= {"rank quadratic": "rank", "sorted_tokens": "sorted_tokens"}
    del wanted["rank"]
    parts = [column.name for column in model.config.columns if column.part_of == "rank"]
    wanted |= dict.fromkeys(parts, "rank")
    assert len(parts) > 1
    assert {name: found[name] for name in wanted} == wanted
    assert sop_name(Column("rank >= 2", "", 0)) == "rank >= 2", "written by hand: of no s-op"


def test_columns_know_what_they_hold() -> None:
    source = (
        'wrong = tokens == "b" and has_focus(select(tokens, "a", ==));'
        'result = count(tokens, "a") if wrong else 7;'
    )
    model = compiler.compile(rasp.parse(source).main, vocab="abc", max_length=4, keep=["wrong"])
    wrong = [column for column in model.config.columns if column.name == "wrong"]
    assert wrong
    assert all(map(is_truth, wrong))
    assert model.trace("abca").values("wrong") == [False, True, False, False]
    assert not any(is_truth(column) for column in model.config.columns if column.name == "tokens")


@pytest.mark.parametrize("vocab", [(True, False), (False, True), (0, 1)])
def test_tokens_read_as_what_they_are(vocab: tuple[rasp.Atom, ...]) -> None:
    source = "x = tokens_asis == aggregate(select(indices, 0, ==), tokens_asis);"
    model = compiler.compile(rasp.parse(source).main, vocab, 3)
    column = next(column for column in model.config.columns if column.name == "tokens")
    assert model.trace(vocab).values("tokens") == list(vocab)
    assert is_truth(column) == (str(vocab) == "(False, True)")


def test_what_is_not_the_square_is_not_called_so() -> None:
    names = [c.name for c in compiler.compile(rasp.load("sort").main, "abc", 5).config.columns]
    assert "rank quadratic" in names


def marked(source: Source, model: runtime.Model) -> dict[str, set[str]]:
    """The s-ops of the columns that each marked text belongs to."""
    columns = model.config.columns
    return {
        source.text[mark.start : mark.end]: {sop_name(columns[c]) for c in mark.columns}
        for mark in source.marks
    }


def test_expressions_belong_to_the_columns_that_hold_them() -> None:
    program = rasp.parse(
        "tokens = tokens_asis; # tokens here count for nothing\n"
        "same = select(tokens, tokens, ==);\n"
        "copies = selector_width(same);\n"
        "wanted = length - 1 - indices;\n"
        "result = aggregate(select(indices, wanted, ==), copies);\n"
    )
    model = compiler.compile(program.main, vocab="abc", max_length=5)
    found = marked(model.sources(model.config)[0], model)
    assert found["selector_width(same)"] == {"copies"}
    assert found["select(tokens, tokens, ==)"] == {"copies"}
    assert found["aggregate(select(indices, wanted, ==), copies)"] == {"result"}
    assert found["select(indices, wanted, ==)"] == {"result"}
    assert found["indices"] == {"indices"}
    comment = program.source.index("#"), program.source.index("\n")
    source = model.sources(model.config)[0]
    assert not any(comment[0] <= mark.start < comment[1] for mark in source.marks)


def test_the_saved_programs_statements_belong_to_columns() -> None:
    model = compiled("reverse", "abc", 5)
    found = marked(program_source(model.program, model.config), model)
    [opposite] = [text for text in found if text.startswith("opposite = ")]
    assert found[opposite] == {"reverse"}
    [length] = [text for text in found if text.startswith("length_ = ")]
    assert found[length] == {"length"}


def test_in_a_notebook_the_page_is_framed() -> None:
    model = compiled("hist", "ab", 3)
    framed = model.view("ab")._repr_html_()
    assert framed.startswith("<iframe srcdoc=")
    assert 'sandbox="allow-scripts"' in framed
    assert "<script" not in framed
    assert model._repr_html_() is not None


def test_the_text_that_a_model_came_from_is_shown_first() -> None:
    model = compiled("hist", "ab", 3)
    known = replace(model, sources=lambda each: [Source("Mine", f"{len(each.vocab)} tokens", ())])
    shown = Page(known.view("ab").html).data["sources"]
    assert [(source["title"], source["text"]) for source in shown[:-1]] == [("Mine", "2 tokens")]
    assert shown[-1]["title"] == "As compiled"


def test_an_input_that_the_model_cannot_take_is_refused() -> None:
    with pytest.raises(rasp.RaspError, match="not in the vocabulary"):
        compiled("hist", "ab", 3).view("abc")


def test_the_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert rasp_command("view", "hist", "hello").code == 0
    data = Page((tmp_path / "hist.html").read_text()).data
    assert data["vocab"] == list("abcdefghijklmnopqrstuvwxyz")  # as the program's header says
    assert [source["title"] for source in data["sources"]] == ["Program", "As compiled"]
    assert rasp_command("compile", "hist", "--vocab", "abc", "--max-length", 4, "-o", "saved").code == 0
    assert rasp_command("view", "saved", "abba", "-o", "other.html").code == 0
    data = Page((tmp_path / "other.html").read_text()).data
    assert data["title"] == "saved"
    assert data["max_length"] == 4
    marks = [mark for mark in data["sources"][0]["marks"] if mark["columns"]]
    assert marks


def test_the_command_explains_mistakes(tmp_path: Path) -> None:
    assert_refused(rasp_command("view", "hist", "abz", "--vocab", "abc"), "not in the vocabulary")
    assert_refused(rasp_command("view", "hist", "ab", "-o", tmp_path / "no" / "page.html"), "cannot write")
    assert_refused(rasp_command("view", "nothing_like_it", "ab"), "nothing_like_it")
    assert_refused(rasp_command("view", "hist", "[]"), "empty")


def test_plot() -> None:
    pytest.importorskip("matplotlib")
    figure = compiled("reverse", "abc$", 5).plot("ab$")
    titles = [axes.get_title() for part in figure.subfigs for axes in part.axes]
    assert titles == ["layer 1, head 1", "layer 2, head 1", ""]
    labels = [text.get_text() for text in figure.subfigs[1].axes[0].get_yticklabels()]
    assert labels[0] == "bos"
    assert "reverse" in labels
    assert "indices\N{MIDDLE DOT}(4 \N{MINUS SIGN} indices)" in labels  # and no word of its making


def test_the_scripts_have_no_way_to_make_markup_of_text() -> None:
    text = compiled("hist", "ab", 3).view("ab").html
    script = Page(text).scripts[1]
    assert not re.search(
        r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(|new Function", script
    )
