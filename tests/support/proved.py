"""Whether a compiled model is right: certified, proved again from its weights, and answering as it should."""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator, Sequence

import compiler
from compiler.verification.comparison import expected
from compiler.verification.oracle import Oracle
from rasp.graph.sops import SOp
from rasp.words import Atom
from runtime import Model


def inputs(vocab: Sequence[Atom], max_length: int) -> Iterator[list[Atom]]:
    """All short inputs, and some of every length."""
    rng = random.Random(1)
    for length in range(1, min(5, max_length + 1)):
        yield from map(list, itertools.product(vocab, repeat=length))
    for length in range(5, max_length + 1):
        yield from ([rng.choice(vocab) for _ in range(length)] for _ in range(10))
        yield [vocab[0]] * (length - 1) + [vocab[-1]]


def assert_right(
    sop: SOp, vocab: Sequence[Atom], max_length: int, causal: bool, optimize: bool = True
) -> Model:
    """The model is certified, proved from its weights, and answers like the interpreter."""
    model = compiler.compile(sop, vocab, max_length, causal=causal, optimize=optimize)
    assert model.certificate.certified
    proof = compiler.recheck(model)
    assert proof.ok, proof.summary()
    every = list(inputs(vocab, max_length))
    answers = Oracle(sop, vocab, causal)(every)
    assert any(answer is not None for answer in answers)
    for one, answer in zip(every, answers, strict=True):
        assert answer == expected(sop, one, causal)
    answered = [(one, answer) for one, answer in zip(every, answers, strict=True) if answer is not None]
    for (one, answer), found in zip(answered, model.batch([one for one, _ in answered]), strict=True):
        assert list(found) == answer, one
    return model
