"""`python -m tests.benchmarks.digits`: orders digit by digit against one head for a whole order, in one run.

Sequences a second of `sort`, and seconds of compiling it, as ratios: what one machine does is no measure of
another, but what it does twice in a row can be compared.
"""

from __future__ import annotations

from collections.abc import Sequence

import compiler
import rasp
from compiler.request import Heads
from rasp.words import Atom
from runtime import Model
from tests.benchmarks.ours import time_forward
from tests.benchmarks.timing import timed

LETTERS: Sequence[Atom] = [chr(ord("a") + number) for number in range(26)]
THOUSAND: Sequence[Atom] = range(1000)
RUN = (512, 2048)
"""The lengths at which `sort` over 26 letters is run."""

BATCHES = (1, 16)


def compiled(vocab: Sequence[Atom], length: int, heads: Heads) -> tuple[Model, float]:
    """`sort`, and the seconds that it took to compile."""
    return timed(lambda: compiler.compile(rasp.load("sort").main, vocab, length, heads=heads))


def main() -> None:
    """Print every ratio, with what it is made of."""
    compiled(LETTERS, 8, "any")  # what is loaded first takes time of its own
    for vocab, length in [*((LETTERS, length) for length in RUN), (THOUSAND, 32)]:
        (digits, seconds), (whole, before) = (compiled(vocab, length, heads) for heads in ("any", "fewest"))
        print(f"sort ({len(vocab)}, {length}): {digits.size.parameters:,} parameters")
        print(f"  one head an order {whole.size.parameters:,}")
        print(f"  compiling {seconds:.2f} s, {before:.2f} s: {before / seconds:.1f} times", flush=True)
        for batch in BATCHES if length in RUN else ():
            fast, slow = (batch / time_forward(model, batch) for model in (digits, whole))
            print(f"  batch {batch}: {fast:.2f}, {slow:.2f} a second: {fast / slow:.1f} times", flush=True)


if __name__ == "__main__":
    main()
