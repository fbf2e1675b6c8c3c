"""What is compared, and what nobody looks at."""

from __future__ import annotations

from dataclasses import replace

import pytest

import compiler
import rasp
from compiler.generation.comparison import Compared, Difference


def test_a_comparison_is_right_without_differences() -> None:
    assert Compared(3, 0, ()).ok
    one = Difference(2, "x", 1, 0.5)
    assert not Compared(3, 0, (one,)).ok
    assert str(one) == "position 2: x is 1 by meaning, and the weights give 0.5"


def test_nothing_is_compared_after_the_last_answer() -> None:
    program = rasp.parse("s = 6 / (tokens_asis - 2);").main
    fast = compiler.by_meaning(compiler.compile(program, vocab=[1, 2, 3], max_length=5, causal=True))
    whole, part = fast.compare([3, 1]), fast.compare([3, 2, 1])
    assert (whole.answered, part.answered) == (True, False)
    assert 0 < part.numbers < whole.numbers
    assert whole.ok
    assert part.ok


def test_what_neurons_tell_of_a_mean_is_compared() -> None:
    """Whether it is more than 2, for a head: no multiple of the mean, but a number for each one."""
    program = rasp.parse("s = aggregate(select(2, average(indices), <), tokens_asis, tokens_asis);")
    fast = compiler.by_meaning(compiler.compile(program.main, vocab="abc", max_length=17, causal=True))
    for given in ("a", "abcab", "cabcabcabcabcabca"):
        found = fast.compare(given)
        assert found.ok, found.differences
        assert found.numbers > len(given)


def test_a_certificate_of_other_s_ops_is_told() -> None:
    program = rasp.load("hist").main
    made = compiler.compile(program, vocab="ab", max_length=3, causal=True)
    features = [{**each, "of": 99} for each in made.certificate.claims["features"] if each["of"] != "bos"]
    claims = {**made.certificate.claims, "features": features}
    fast = compiler.by_meaning(replace(made, certificate=replace(made.certificate, claims=claims)))
    assert fast.generate("ab", 0) == []
    with pytest.raises(rasp.ModelError, match=r"the columns cannot be compared: .* s-op number 99"):
        fast.compare("ab")


def test_in_float64_nothing_of_what_is_not_selected_is_read() -> None:
    program = rasp.load("aab_next").main
    made = compiler.compile(program, vocab="ab", max_length=8, causal=True, dtype="float64")
    assert compiler.by_meaning(made).compare("abaabaab").ok
