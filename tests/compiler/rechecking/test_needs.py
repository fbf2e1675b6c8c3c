"""What models need from a machine: as little as their programs allow."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import compiler
import rasp
from compiler.certificate.needs import Needs
from compiler.rechecking.needs import Needed
from compiler.rounding import EXP_ROUNDINGS, sum_error

WHOLE = Needs("float32")


@pytest.mark.parametrize(
    ("text", "needs"),
    [
        ("r = indices;", WHOLE),
        ("r = aggregate(select(indices, indices - 1, ==), tokens, tokens);", WHOLE),  # one key at most
        ('r = 1 if has_focus(select(tokens, "a", ==)) else 0;', Needs("float32", divides_last=True)),
        ("r = aggregate(select(tokens, tokens, ==), indices);", Needs("float32", bias_apart=True)),
    ],
)
def test_what_only_selects_needs_little(text: str, needs: Needs) -> None:
    proved = compiler.recheck(compiler.compile(rasp.parse(text).main, "ab", 4))
    assert proved.ok
    assert proved.needs == needs


def test_what_counts_needs_a_rounding_and_an_exp() -> None:
    """The bias that rounds is added to a finished product, and the shares of what is counted are known."""
    proved = compiler.recheck(compiler.compile(rasp.load("hist").main, "abc", 4))
    assert proved.needs is not None
    assert proved.needs.bias_apart
    assert (proved.needs.exp_roundings or 0) >= EXP_ROUNDINGS
    assert "a bias is added to a finished product; " in proved.needs.text


def test_the_least_of_what_is_needed() -> None:
    needed = Needed()
    needed.exp(40)
    needed.exp(90)
    assert needed.all("float32") == Needs("float32", exp_roundings=40)


def test_a_worse_exp_makes_a_count_worse() -> None:
    errors = [sum_error(1.0, 1e9, 20.0, 8, 2.0**-24, roundings) for roundings in (0, 16, 1000)]
    assert np.all(np.diff(errors) > 0)


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"bias_apart": False}, "the model needs a bias that is added to a finished product"),
        ({"exp_roundings": 1 << 30}, "the model needs an exp that errs by at most "),
        ({"format": "float64"}, "the model needs float32"),
        (None, "does not say what the model needs from a machine"),
    ],
)
def test_a_certificate_that_names_less_is_refused(change: dict[str, object] | None, complaint: str) -> None:
    model = compiler.compile(rasp.load("hist").main, "abc", 4)
    claims = dict(model.certificate.claims)
    if change is None:
        del claims["needs"]
    else:
        claims["needs"] = {**claims["needs"], **change}
    outcome = compiler.recheck(replace(model, certificate=replace(model.certificate, claims=claims)))
    assert complaint in outcome.summary()
