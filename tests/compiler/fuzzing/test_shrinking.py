"""Shrinking: of what fails, the least that still fails."""

from __future__ import annotations

from compiler.fuzzing.shrinking import Case, shrink_case, smaller_programs, substitute
from compiler.program.writing import write_program
from rasp.graph.sops import Constant, Operation, SOp, Tokens, in_order
from rasp.words import Operator
from tests.support.worked import asked, assert_text, lines, sop_of

LARGE = """
    before = selector_width(select(indices, indices, <));
    answer = (before + 1) * 2 if tokens == "a" else 0;
"""


def multiplies(case: Case) -> bool:
    """Stands for what goes wrong: there is a product, and a b in the input."""
    operators = {node.operator for node in in_order(case.sop) if isinstance(node, Operation)}
    return Operator.MUL in operators and "b" in (case.inputs or ())


def test_a_smaller_program_and_input() -> None:
    """All that is left is a product of 0 (as an s-op) and 2, one token and one position."""
    case = shrink_case(Case(sop_of(LARGE), asked("abc"), ("a", "b", "b")), multiplies)
    assert_text(
        f"{write_program(case.sop, {}).text}on {case.inputs} over {case.asked.vocab}, "
        f"up to {case.asked.max_length}",
        """
        step1 = ((0 if indices == 0 else 0) * 2);
        on ('b',) over ('b',), up to 1
        """,
    )


def test_a_little_smaller() -> None:
    """First each s-op below on its own, then the program with one node made simpler."""
    sop = sop_of("answer = indices + 1;")
    assert_text(
        lines(write_program(smaller, {}).text.strip() for smaller in smaller_programs(sop)),
        """
        indices_ = indices;
        step1 = (1 if indices == 0 else 1);
        indices_ = indices;
        step1 = (1 if indices == 0 else 1);
        step1 = (0 if indices == 0 else 0);
        step1 = (1 if indices == 0 else 1);
        step1 = (True if indices == 0 else True);
        step1 = ("a" if indices == 0 else "a");
        step1 = tokens_asis;
        step1 = indices;
        """,
    )


def test_one_node_for_another() -> None:
    """Wherever the node is read; the rest of the graph stays."""
    sop = sop_of("double = tokens_int + tokens_int; answer = double * double;")
    [token] = [node for node in in_order(sop) if isinstance(node, Tokens)]
    changed = substitute(sop, token, Constant(3))
    assert isinstance(changed, SOp)
    assert_text(
        write_program(changed, {}).text,
        """
        double = ((3 if indices == 0 else 3) + 3);
        answer = (double * double);
        """,
    )
