"""Lowered programs can be run: every column holds exactly what is claimed of it."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st

import rasp
from compiler.fuzzing.loop import numbered_program
from compiler.graph.building import build
from compiler.graph.meaning import all_values
from compiler.graph.terms import TOKEN
from compiler.lowering.builder import lower
from compiler.lowering.meaning import read, run_exactly
from compiler.lowering.operations import Held, Lowered
from compiler.ranges.domains import Listed
from compiler.request import Request, request
from compiler.values.inference import Domains
from compiler.values.settling import settle
from compiler.verification.comparison import expected
from rasp.errors import CompileError
from rasp.graph.sops import SOp
from rasp.words import Atom


def lowered_program(sop: SOp, asked: Request) -> tuple[Lowered, Domains]:
    settled = settle(build(sop, asked), asked)
    return lower(settled.root, settled.domains), settled.domains


def test_a_program_of_one_line() -> None:
    sop = rasp.parse("copies = selector_width(select(tokens, tokens, ==));").main
    lowered, _ = lowered_program(sop, request("ab", 4))
    rows = run_exactly(lowered, "ab", "aba", causal=False)
    assert {column.name: row for column, row in rows.items()} == {
        "bos": [1, 0, 0, 0],
        "tokens": [0, 0, 1, 0],
        "copies": [0, 2, 1, 2],
    }


def claimed(claim: Held, domains: Domains, values: Sequence[Atom]) -> list[Fraction]:
    """What the columns of a claim must add up to, given the values of its s-op."""
    if claim.subject is TOKEN:
        assert claim.values is not None
        return [Fraction(int(claim.values[domains.asked.vocab.index(v)])) - claim.offset for v in values]
    domain = domains.get(claim.subject)
    if claim.values is not None:
        return [Fraction(int(claim.values[domain.ranks[v]])) - claim.offset for v in values]
    if isinstance(domain, Listed) and domain.scale is None:
        return [Fraction(int(domain.codes[domain.ranks[v]])) - claim.offset for v in values]
    assert domain.scale is not None
    return [Fraction(v) / domain.scale - claim.offset for v in values if not isinstance(v, str)]


def assert_carries(lowered: Lowered, domains: Domains, sequence: list[Atom]) -> None:
    """Every column holds what is claimed of it, and the output is decoded to the answer."""
    asked = domains.asked
    values = all_values(lowered.root, sequence, asked.causal) | {TOKEN.index: sequence}
    rows = run_exactly(lowered, asked.vocab, sequence, asked.causal)
    for claim in lowered.held:
        if claim.columns:
            parts = zip(*(rows[column] for column in claim.columns), strict=True)
            total = [sum(numbers, Fraction(0)) for numbers in parts]
            assert total[1:] == claimed(claim, domains, values[claim.subject.index]), claim.subject.title
    output, domain = read(lowered.output, rows)[1:], lowered.output_domain
    answer = values[lowered.root.index]
    if isinstance(domain, Listed):
        codes = lowered.output_codes.tolist()
        assert output == [codes[domain.ranks[v]] for v in answer]
    else:
        assert output == [Fraction(v) / domain.scale for v in answer]


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**40))
def test_lowering_carries_what_it_says(seed: int) -> None:
    program, inputs = numbered_program(seed)
    try:
        lowered, domains = lowered_program(program.sop, program.asked)
    except CompileError:
        return
    for one in inputs[:8]:
        if expected(program.sop, one, program.asked.causal) is not None:
            assert_carries(lowered, domains, one)
