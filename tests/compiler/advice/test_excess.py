"""A model far larger than its program deserves is said, with the place, the reason and what would help."""

from __future__ import annotations

import pytest

import compiler
import rasp
from compiler.advice.excess import LARGE
from runtime import Model
from runtime.inspection.costs import Excess
from tests.support.program_cases import CASES, Case, Setting
from tests.support.sweeps import sweep

MISTYPED = (
    "c = selector_width(select(tokens_int, tokens_int, ==));\n"
    "s = selector_width(select(tokens_int + c, tokens_int * c, <));"
)
"""`+` was meant twice."""


def warnings(text: str, vocab: object, length: int) -> list[str]:
    """With orders as a whole, which makes models large."""
    main = rasp.parse(text).main
    return excesses(compiler.compile(main, vocab, length, heads="fewest"))  # type: ignore[arg-type]


def excesses(model: Model) -> list[str]:
    """Those of a model's warnings that are about its size."""
    return [str(warning) for warning in model.warnings if isinstance(warning, Excess)]


def test_a_table_over_many_combinations_is_said() -> None:
    (warning,) = warnings(MISTYPED, range(40), 20)
    head, source, carets, hint = warning.splitlines()
    assert head.startswith(
        "<source>:2:43: warning: `(tokens_int * c)` takes 56,889 of the 102,749 parameters: "
    )
    assert "a table over `tokens` (40 values) x `c` (20 values), 800 combinations" in head
    assert source.strip() == MISTYPED.splitlines()[1]
    assert source[carets.index("^") :][: carets.count("^")] == "tokens_int * c"
    assert hint.startswith("  hint: ")
    assert "`tokens`" in hint


def test_what_is_meant_is_small() -> None:
    assert warnings(MISTYPED.replace("*", "+"), range(40), 20) == []
    assert warnings(MISTYPED, range(12), 12) == []  # so small a model nobody minds
    assert compiler.compile(rasp.parse(MISTYPED).main, range(12), 12).size.parameters <= LARGE


def test_the_mean_that_may_be_none_is_named() -> None:
    bars = 'select(tokens, "|", ==) and select(indices, indices, <=)'
    text = f"bar = aggregate({bars}, indices);\nx = selector_width(select(bar, bar, <));"
    (warning,) = warnings(text, "ab|", 9)
    head, source, _, hint = warning.splitlines()
    assert head.startswith("<source>:1:7: warning: `bar` takes ")
    assert source.strip() == text.splitlines()[0]
    assert hint.startswith("  hint: `bar` at <source>:1:7 counts as a mean")
    assert f"write `only({bars}, indices)`" in hint
    assert warnings(text.replace("aggregate", "only"), "ab|", 9) == []


def test_a_large_model_without_a_step_to_blame() -> None:
    """The order of 200 positions costs what it costs."""
    model = compiler.compile(rasp.load("sort").main, range(10), 200, heads="fewest")
    assert model.size.parameters > 100_000
    assert excesses(model) == []


@pytest.mark.parametrize("case", sweep(CASES, CASES[::4]), ids=lambda case: case.name)
def test_the_library_deserves_its_sizes(case: Case) -> None:
    def found(setting: Setting) -> object:
        main = rasp.load(case.name).main
        return excesses(compiler.compile(main, setting.vocab, setting.max_length, case.causal))

    assert found(case.small) == found(case.large) == []
