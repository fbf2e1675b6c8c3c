"""Transfer: the values of an operation from those of its operands, without trying every combination."""

from __future__ import annotations

from fractions import Fraction

from compiler.graph.terms import Graph
from compiler.ranges.domains import Domain, Means, Numbers, int_domain, make_domain
from compiler.values.transfer import can_be_fraction, fraction_domain, special_domain, sum_among
from rasp.words import Operator
from tests.support.worked import assert_text, lines


def test_sums_and_choices() -> None:
    """A sum takes all that is possible in steps of both; a choice what either side takes; half of a mean
    is a mean of another scale; a power has no short cut.
    """
    graph = Graph(causal=False, numeric_tokens=True)
    digits, tens = int_domain(0, 3), make_domain([0, 10])
    mean = Means(Fraction(0), Fraction(1), 100, Fraction(1))
    two = make_domain([2])
    tried: list[tuple[Operator, list[Domain]]] = [
        (Operator.ADD, [digits, tens]),
        (Operator.CHOOSE, [make_domain([False, True]), digits, tens]),
        (Operator.LT, [digits, tens]),
        (Operator.DIV, [mean, two]),
        (Operator.POW, [digits, two]),
    ]
    found = [
        (operator.value, special_domain(graph.operation(operator, *[graph.indices()] * len(known)), known))
        for operator, known in tried
    ]
    assert_text(
        lines(f"{name}: {domain.text if domain else 'every combination'}" for name, domain in found),
        """
        +: {0, 1, 2, 3, 10, 11, 12, 13}
        choose: {0, 1, 2, 3, 10}
        <: {False, True}
        /: 1/2 times fractions with denominator up to 100, from 0 to 1/2
        ^: every combination
        """,
    )


def test_quotients_of_two_numbers() -> None:
    """Each once, in units of the quotient of both units; what is divided by 0 has none."""
    halves, divisors = make_domain([Fraction(1, 2), Fraction(3, 2)]), make_domain([-2, 0, 1])
    found = fraction_domain([halves, divisors])
    assert found.values == (Fraction(-3, 4), Fraction(-1, 4), Fraction(1, 2), Fraction(3, 2))
    assert (found.low, found.high) == (Fraction(-3, 2), Fraction(3))
    assert found.max_denominator == 2
    assert can_be_fraction([halves, divisors])
    mean = Means(Fraction(0), Fraction(1), 100, Fraction(1))
    for unfit in (mean, make_domain(["a", 1]), make_domain([0]), int_domain(1, 60_000)):
        assert not can_be_fraction([halves, unfit])


def test_a_sum_of_means_knows_its_values_and_is_read_as_a_fraction() -> None:
    """Of two numbers it is a number, and what is no sum has a table."""
    graph = Graph(causal=False, numeric_tokens=True)
    halves = Means(Fraction(0), Fraction(1), 2, Fraction(1))
    values = make_domain([Fraction(1, 2), 1, Fraction(3, 2)])
    assert isinstance(values, Numbers)
    one, other = graph.indices(), graph.const(1)
    added = sum_among(graph.operation(Operator.ADD, one, other), [halves, halves], values)
    assert added is not None
    assert added.values == values.values
    assert added.ends == (Fraction(0), Fraction(2))
    assert added.max_denominator == 2
    assert sum_among(graph.operation(Operator.ADD, one, other), [values, values], values) is None
    assert sum_among(graph.operation(Operator.POW, one, other), [halves, halves], values) is None


def test_the_ends_decide_a_comparison() -> None:
    graph = Graph(causal=False, numeric_tokens=True)
    mean, two, ends = Means(Fraction(0), Fraction(1), 100, Fraction(1)), make_domain([2]), make_domain([0, 1])
    tried: dict[Operator, list[list[Domain]]] = {
        Operator.LT: [[mean, two], [two, mean], [mean, ends]],
        Operator.LE: [[mean, make_domain([1])], [mean, make_domain([-1])], [mean, make_domain([0])]],
        Operator.EQ: [[mean, two], [mean, ends], [two, two]],
        Operator.NE: [[mean, two], [mean, ends], [two, two]],
    }
    wanted = {
        Operator.LT: ["True", "False", "False, True"],
        Operator.LE: ["True", "False", "False, True"],
        Operator.EQ: ["False", "False, True", "True"],
        Operator.NE: ["True", "False, True", "False"],
    }
    for operator, pairs in tried.items():
        compared = graph.operation(operator, graph.indices(), graph.indices())
        found = [special_domain(compared, pair) for pair in pairs]
        assert [domain and domain.text for domain in found] == [f"{{{text}}}" for text in wanted[operator]]
