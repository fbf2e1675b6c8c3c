"""One clock: what lowering planned and the schedule agree on when everything happens."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import rasp
from compiler.fuzzing.loop import numbered_program
from compiler.graph.building import build
from compiler.layout.schedule import assign_layers, planned
from compiler.lowering.builder import lower
from compiler.lowering.operations import Lowered, Operation, columns_read, columns_written
from compiler.lowering.plan import Way
from compiler.request import Request, request
from compiler.values.settling import settle
from rasp.errors import CompileError
from rasp.graph.sops import SOp
from tests.support.program_cases import CASES, Case
from tests.support.worked import sop_of


def lowered_program(sop: SOp, asked: Request, tables_first: bool = False) -> Lowered:
    settled = settle(build(sop, asked), asked)
    return lower(settled.root, settled.domains, Way(tables_first))


def layers(lowered: Lowered) -> list[tuple[str, int, int]]:
    """The title of each head and hidden layer, the layer planned for it and its layer in the schedule."""
    schedule = assign_layers(lowered)
    return [(made.title, made.layer, layer) for layer, made in (*schedule.heads, *schedule.hidden)]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_library_programs_run_as_planned(case: Case) -> None:
    asked = request(case.small.vocab, case.small.max_length, case.causal)
    for title, plan, layer in layers(lowered_program(rasp.load(case.name).main, asked)):
        assert layer == plan, title


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**40), st.booleans())
def test_what_is_read_is_planned_before(seed: int, tables_first: bool) -> None:
    program, _ = numbered_program(seed)
    try:
        lowered = lowered_program(program.sop, program.asked, tables_first)
    except CompileError:
        return
    operations: list[Operation] = [*lowered.heads, *lowered.hidden]
    written = {column: planned(made) for made in operations for column in columns_written(made)}
    for made in operations:
        for column in columns_read(made):
            assert written.get(column, 0) < planned(made), (made.title, column.name)
    assert all(layer <= plan for _, plan, layer in layers(lowered))


def test_what_waited_for_nothing_comes_earlier() -> None:
    """`more` is planned for layer 1, as a count is there only then, and `first` for layer 2. But `more` holds
    everywhere, which is seen only when its table is made: it takes no neurons, and nobody waits for it.
    """
    sop = sop_of("""
        copies = selector_width(select(tokens, tokens, ==));
        more = (copies + 1) * copies >= copies * copies;
        first = aggregate(select(indices, 0, ==), more);
        alike = selector_width(select(tokens == "a", first, ==));
    """)
    assert layers(lowered_program(sop, request("ab", 4))) == [("first", 2, 1), ("alike", 3, 2)]
