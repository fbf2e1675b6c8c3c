"""`rasp draw`: layers and heads by the paper's rule, values and matrices in the picture."""

from __future__ import annotations

import os
import re
import sys
import xml.etree.ElementTree as ElementTree
from html import unescape
from pathlib import Path

import pytest

import rasp
from rasp.drawing import dot, flow_of, svg
from rasp.drawing.svg import SHARES
from rasp.graph.sops import SOp
from tests.support.command_line import assert_refused, rasp_command
from tests.support.paths import ROOT

SVG = "{http://www.w3.org/2000/svg}"


def main(source: str) -> SOp:
    return rasp.parse(source).main


WITH_BOS = """
def counted(sel) {
    with_bos = sel or select(tokens_str, "#", ==);
    return round(1 / aggregate(with_bos, indicator(tokens_str == "#"))) - 1;
}
"""

WITHOUT_BOS = """
def counted(sel) {
    at_first = select(indices, 0, ==);
    with_first = aggregate(sel or at_first, indicator(indices == 0));
    return round(1 / with_first - 1 + aggregate(sel and at_first, 1, 0));
}
"""

FROM_THE_PAPER = [
    (
        "reverse",
        "opposite = length - indices - 1; r = aggregate(select(indices, opposite, ==), tokens);",
        2,
        1,
    ),
    ("length", "l = round(1 / aggregate(select(1, 1, ==), indicator(indices == 0)));", 1, 1),
    ("hist with BOS", WITH_BOS + "h = counted(select(tokens, tokens, ==));", 1, 1),
    ("hist without", WITHOUT_BOS + "h = counted(select(tokens, tokens, ==));", 1, 2),
    ("hist by the library", "h = selector_width(select(tokens, tokens, ==));", 1, 1),
    (
        "sort with BOS",
        WITH_BOS
        + "s = select(tokens, tokens, <) or (select(tokens, tokens, ==) and select(indices, indices, <));"
        + "r = aggregate(select(counted(s), indices, ==), tokens);",
        2,
        1,
    ),
    (
        "two selectors alike",
        "r = aggregate(select(tokens, tokens, ==), indices) + aggregate(select(tokens, tokens, ==), 1);",
        1,
        2,
    ),
    (
        "one selector read twice",
        "s = select(tokens, tokens, ==); r = aggregate(s, indices) + aggregate(s, 1);",
        1,
        1,
    ),
    ("no attention", "r = indices + 1;", 0, 0),
    ("values deeper than the selector", "r = aggregate(select(1, 1, ==), length);", 2, 1),
]


@pytest.mark.parametrize(
    ("source", "layers", "heads"), [case[1:] for case in FROM_THE_PAPER], ids=[c[0] for c in FROM_THE_PAPER]
)
def test_layers_and_heads(source: str, layers: int, heads: int) -> None:
    flow = flow_of(main(source))
    assert (flow.layers, flow.heads) == (layers, heads)


def rows(flow: rasp.drawing.Flow) -> dict[str, tuple[object, ...] | None]:
    found = [row for stage in flow.stages for row in stage.rows]
    found += [row for stage in flow.stages for head in stage.heads for row in head.reads]
    return {row.name: row.values for row in found}


def test_values_and_matrices() -> None:
    flow = flow_of(rasp.load("reverse").main, "abc")
    assert rows(flow)["reverse"] == ("c", "b", "a")
    assert rows(flow)["opposite"] == (2, 1, 0)
    [head] = flow.stages[2].heads
    assert head.matrix == ((False, False, True), (False, True, False), (True, False, False))
    assert {source.name for source in head.sources} == {"indices", "opposite"}


def test_tokens_are_called_as_programs_call_them() -> None:
    """`tokens` is the text that they are; where they are also taken as they are, that is said."""
    assert set(rows(flow_of(main('x = tokens == "a";')))) == {"tokens", "x"}
    assert set(rows(flow_of(main("tokens = tokens_asis; x = tokens + 1;")))) == {"tokens", "x"}
    assert set(rows(flow_of(main('x = tokens_asis if tokens == "a" else 1;')))) == {
        "tokens",
        "tokens_asis",
        "x",
    }


def test_causal_masks_what_is_drawn() -> None:
    sop = main("r = aggregate(select(1, 1, ==), indices);")
    [head] = flow_of(sop, "abc", causal=True).stages[1].heads
    assert head.matrix == ((True, False, False), (True, True, False), (True, True, True))


def test_the_picture_is_well_formed_and_shows_every_value() -> None:
    flow = flow_of(rasp.load("sort").main, [3, 1, 2])
    root = ElementTree.fromstring(svg(flow, "sort"))
    texts = [element.text for element in root.iter(f"{SVG}text")]
    assert "sort" in texts
    assert "Layer 2" in texts
    assert "rank" in texts
    chosen = [
        element
        for element in root.iter(f"{SVG}rect")
        if element.get("fill") in SHARES and element.get("height") != "12"
    ]
    matrices = [head.matrix or () for stage in flow.stages for head in stage.heads]
    assert len(chosen) == sum(map(sum, (row for matrix in matrices for row in matrix)))
    arrows = list(root.iter(f"{SVG}path"))
    assert len(arrows) > 4


@pytest.mark.parametrize("token", ["<script>", "&amp;", '"', "\x00", "\x1b[31m", "]]>", "\ud800"])
def test_any_token_can_be_drawn(token: str) -> None:
    root = ElementTree.fromstring(svg(flow_of(rasp.load("identity").main, [token, "b"]), token))
    assert not list(root.iter("script"))
    assert not list(root.iter(f"{SVG}script"))


def test_without_input_only_the_flow() -> None:
    flow = flow_of(rasp.load("hist").main)
    assert all(values is None for values in rows(flow).values())
    ElementTree.fromstring(svg(flow, "hist"))


def test_dot() -> None:
    text = dot(flow_of(rasp.load("reverse").main, "ab"), 'a "title"')
    assert text.startswith("digraph flow {")
    assert text.endswith("}\n")
    assert 'label="a \\"title\\""' in text
    assert text.count("subgraph") == 3
    assert "reverse\\nb a" in text
    assert ".#\\n#." in text


@pytest.mark.parametrize("name", ["dyck2_ptf", "addition", "most_freq", "sort_freq", "palindrome"])
def test_larger_programs(name: str) -> None:
    tokens = "1+2" if name == "addition" else "()" if name == "dyck2_ptf" else "aba"
    flow = flow_of(rasp.load(name).main, tokens)
    ElementTree.fromstring(svg(flow, name))
    assert list(rows(flow).values())


def test_the_command(tmp_path: Path) -> None:
    file = tmp_path / "flow.svg"
    assert rasp_command("draw", "reverse", "abc", "-o", file).code == 0
    assert "opposite" in file.read_text()
    assert rasp_command("draw", "reverse", "--dot").out.startswith("digraph")


def test_mistakes(tmp_path: Path) -> None:
    program = tmp_path / "p.rasp"
    program.write_text("s = select(tokens, tokens, ==); r = tokens_int + 1;")
    assert_refused(rasp_command("draw", f"{program}:s"), "selector")
    assert_refused(rasp_command("draw", program, "ab"), "ab"[0])
    assert_refused(rasp_command("draw", "hist", "[]"), "empty")
    assert_refused(rasp_command("draw", "hist", "ab", "-o", tmp_path / "no" / "f.svg"), "cannot write")


def test_what_python_made_is_drawn_as_an_expression() -> None:
    from rasp import aggregate, indices, length, select, selector_width, tokens

    mirrored = aggregate(select(indices, length - 1 - indices, "=="), tokens)
    flow = flow_of(selector_width(select(mirrored, tokens, "==")) * 2 + indices, "abca")
    names = {head.name for stage in flow.stages for head in stage.heads} | set(rows(flow))
    assert not names & {"s-op", "selector", "plain select"}
    mirrored_text = "aggregate(select(indices, length - 1 - indices, ==), tokens_asis)"
    assert f"select({mirrored_text}, tokens_asis, ==)" in names
    assert mirrored_text in names


def test_no_expression_is_cut_and_no_name_is_unbound() -> None:
    """Of a program's text all is shown, and where a loop or a function gives a name a value, the value."""
    both = "select(indices, length - 1 - indices, ==) and select(tokens, tokens, ==)"
    long = f'x = aggregate({both}, tokens, "_");'
    text = svg(flow_of(main(long), "abc"))
    assert "…" not in text
    shown = " ".join(re.findall(r"<text[^>]*>([^<]*)</text>", text))
    assert "length - 1 - indices, ==) and select(tokens, tokens, ==), tokens," in shown
    called = 'd = select(tokens, "-", ==); x = not has_focus(d and select(indices, indices, <));'
    [head] = flow_of(main(called), "a-b").stages[1].heads
    assert [read.name for read in head.reads] == ["has_focus(d and select(indices, indices, <))"]
    bound = """
    def at(back) { return aggregate(select(indices, indices - back, ==), tokens, "_"); }
    x = 0;
    for i in range(2) {
        y = aggregate(select(indices, i, ==), tokens, "_");
        x = x + indicator(y == at(i + 5));
    }
    """
    heads = [head.name for stage in flow_of(main(bound), "abc").stages for head in stage.heads]
    assert heads == [f"select(indices, {each}, ==)" for each in ("0", "indices - 5", "1", "indices - 6")]


def test_what_a_library_function_makes_is_written_as_in_a_program() -> None:
    flow = flow_of(main("x = shift(tokens, 1, 0);"))
    assert flow.stages[1].heads[0].name == "select(indices + 1, indices, ==)"


def test_fractions_are_exact_while_they_are_short() -> None:
    text = svg(flow_of(rasp.load("frac_prevs").main, "xxa"))
    assert ">2/3</text>" in text
    assert "0.667" not in text


@pytest.mark.parametrize(("name", "tokens"), [("most_freq", "aab"), ("addition", "12+34"), ("hist", "aab")])
def test_text_does_not_touch_arrows(name: str, tokens: str) -> None:
    """Every arrow leaves and arrives right of all text of the layers."""
    drawn = svg(flow_of(rasp.load(name).main, tokens))
    tips = [float(x) for x in re.findall(r'<path d="M([\d.]+) [^>]*marker-end', drawn)]
    starts = re.findall(
        r'<text x="([\d.]+)"[^>]*font-size="([\d.]+)"[^>]*anchor="start"[^>]*>([^<]*)<', drawn
    )
    ends = [float(x) + 0.62 * float(size) * len(unescape(text)) for x, size, text in starts]
    assert tips
    assert max(ends) <= min(tips)


def test_a_drawing_follows_dark_and_light_and_has_no_ground() -> None:
    """Every colour that is used has another one for the dark, for this picture alone."""
    text = svg(flow_of(main("x = aggregate(select(indices, 0, ==), tokens);"), "abc"))
    drawn, style = re.sub("<style>.*</style>", "", text), re.findall("<style>(.*)</style>", text)[0]
    used = set(re.findall(r'(fill|stroke)="(#\w+)"', drawn))
    assert len(used) > 6
    for of, colour in used:
        assert f'.rasp-flow [{of}="{colour}"]{{{of}:#' in style
    assert 'width="100%"' not in drawn


@pytest.mark.filterwarnings(r"ignore:os\.fork\(\) was called:RuntimeWarning")  # it becomes another at once
def test_on_a_terminal_a_drawing_goes_to_a_file(tmp_path: Path) -> None:
    """A terminal shows no picture: the file is named instead."""
    pexpect = pytest.importorskip("pexpect")
    command = ["-m", "rasp", "draw", "reverse", "abc"]
    shown = pexpect.run(
        f"{sys.executable} {' '.join(command)}",
        cwd=str(tmp_path),
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        timeout=600,
        encoding="utf-8",
    )
    assert re.fullmatch(r"reverse\.svg \(\d+ kB\)\s*", shown)
    assert (tmp_path / "reverse.svg").read_text().startswith("<svg")


def test_the_library_s_own_names_are_not_drawn() -> None:
    drawn = svg(flow_of(main("x = length - 1 - indices;"), list("abc")))
    assert ">selector_width(full_s)<" in drawn
    assert ">_width(" not in drawn
