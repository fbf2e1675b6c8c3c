"""What models, traces, certificates and reports look like where Python shows them."""

from __future__ import annotations

from fractions import Fraction

import pytest

import compiler
import rasp
from compiler.verification.report import Mismatch, Report
from runtime.inspection.tables import Table, written

PROGRAM = rasp.load("frac_prevs")
MODEL = compiler.compile(PROGRAM.main, vocab="abx", max_length=4, keep=["frac_prevs"])
THINGS = {
    "program": PROGRAM,
    "s-op": PROGRAM.main,
    "model": MODEL,
    "certificate": MODEL.certificate,
    "trace": MODEL.trace("ax"),
    "costs": MODEL.costs(),
    "running": MODEL.running(),
    "report": compiler.verify(PROGRAM.main, MODEL, samples=5),
    "proof": compiler.recheck(MODEL),
}


@pytest.mark.parametrize("name", sorted(THINGS.keys() - {"running"}))
def test_short_forms_are_one_short_line(name: str) -> None:
    shown = repr(THINGS[name])
    assert shown.startswith("<")
    assert "\n" not in shown
    assert len(shown) < 120


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("model", ["d_model", '"a" "b" "x"', "certified: exact"]),
        ("certificate", ["certified: exact", "tolerance", "scores are exact integers"]),
        ("trace", ["input", '"a"', "answer", "0.5"]),
        ("costs", ["frac_prevs", "100.0%"]),
        ("report", ["equal on all"]),
        ("proof", ["proved from the weights", "tolerance", "layer 1 attention"]),
    ],
)
def test_printed_they_are_tables(name: str, parts: list[str]) -> None:
    for part in parts:
        assert part in str(THINGS[name])


@pytest.mark.parametrize("name", ["trace", "certificate", "costs", "running", "proof"])
def test_notebooks_show_tables(name: str) -> None:
    shown = THINGS[name]._repr_html_()  # type: ignore[attr-defined]
    assert shown.count("<tr>") == shown.count("</tr>") > 3


def test_a_report_shows_what_differs_as_a_table() -> None:
    wrong = Mismatch(("a", "<"), (1, 2), (1, 1))
    shown = Report("exhaustive", 14, 0, 3, (wrong,), wrong, total=14)._repr_html_()
    assert "3 of 14 inputs differ" in shown
    assert "<td>&quot;&lt;&quot;</td>" in shown
    assert shown.count("<tr>") == 5


def test_s_ops_without_a_name_show_their_expression() -> None:
    assert repr(rasp.indices + 1) == "<Operation ( indices + 1 )>"
    assert (
        repr(rasp.select(rasp.tokens, rasp.tokens, "==")) == "<Select select(tokens_asis , tokens_asis , ==)>"
    )


def test_a_table_in_text_and_html() -> None:
    table = Table(("name", "n"), (("a<b", "1"), ("c", "22")))
    assert table.text() == "name   n\na<b    1\nc     22"
    assert table.html().startswith("<table><tr><th>name</th>")
    assert "<td>a&lt;b</td>" in table.html()


def test_values_as_people_write_them() -> None:
    assert [written(value) for value in ("a", 1, True, Fraction(1, 3), Fraction(2))] == [
        *('"a"', "1", "True", "0.333", "2.0")
    ]
    assert rasp.show([0, Fraction(1, 2)]) == "[0, 0.5] (floats)"


def test_the_version_is_the_package_s() -> None:
    from importlib.metadata import version

    assert rasp.__version__ == version("rasp-compiler")


def test_interventions_take_a_value_for_each_position() -> None:
    values: list[rasp.Atom] = [0, Fraction(1, 2), 1]
    assert MODEL.intervene("aaa", {"frac_prevs": values}) == values
    assert MODEL.intervene("aaa", {"frac_prevs": tuple(values)}) == values
    with pytest.raises(rasp.InputError, match="given 2 values for an input of 3 tokens"):
        MODEL.intervene("aaa", {"frac_prevs": values[:2]})
    with pytest.raises(rasp.InputError, match="cannot be"):
        MODEL.intervene("aaa", {"frac_prevs": [0, 0, Fraction(5, 7)]})
