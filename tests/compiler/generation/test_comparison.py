"""What is compared, and what nobody looks at."""

from __future__ import annotations

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
