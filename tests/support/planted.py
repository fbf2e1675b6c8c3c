"""Faults that compilers of RASP make, or might, each as one small change of the source.

Each replaces a text that stands in its module exactly once; when the compiler is rewritten, the fault has to
be planted anew in what took that text's place. `tests.support.mutation` plants others at random.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Fault:
    """What to write instead of what, in which module; `name` says what goes wrong."""

    name: str
    module: str
    old: str
    new: str


_FAULTS = [
    # Comparisons
    Fault(
        "a comparison flipped in a selector",
        "compiler.graph.conjunctions",
        '.LE: frozenset("<=")',
        '.LE: frozenset(">=")',
    ),
    Fault("<= taken for <", "compiler.graph.conjunctions", '.LE: frozenset("<=")', '.LE: frozenset("<")'),
    Fault("!= taken for <", "compiler.graph.conjunctions", '.NE: frozenset("<>")', '.NE: frozenset("<")'),
    Fault(
        "keys and queries exchanged",
        "compiler.lowering.scores",
        "np.sign(key_ranks[:, None] - query_ranks[None, :])",
        "np.sign(query_ranks[None, :] - key_ranks[:, None])",
    ),
    Fault(
        "`or` of selectors taken for `and`",
        "compiler.graph.conjunctions",
        "decisive = kind is Kind.OR",
        "decisive = kind is Kind.AND",
    ),
    Fault(
        "a comparison of numbers by their sum",
        "compiler.lowering.grids",
        "return left.plus(right, Fraction(-1))",
        "return left.plus(right)",
    ),
    # Thresholds
    Fault(
        "neurons' thresholds off by half",
        "compiler.layout.assembly",
        "(float(table.form.constant) - table.thresholds)",
        "(float(table.form.constant) - table.thresholds - 0.5)",
    ),
    Fault(
        "the output's thresholds off by half",
        "compiler.layout.assembly",
        "float(form.constant - centre) - v * v",
        "float(form.constant - centre) - v * v - v",
    ),
    Fault(
        "a step rises one late",
        "compiler.lowering.lines",
        "np.where(straight, points[:-1], points[1:] - 1)",
        "np.where(straight, points[:-1], points[1:])",
    ),
    Fault(
        "a step between means begins before the value it should not move",
        "compiler.lowering.lines",
        "low = np.array([float(points[j] + ",
        "low = np.array([float(points[j] - ",
    ),
    Fault(
        "axes of a table overlap",
        "compiler.lowering.lines",
        "strides[i + 1] * axes[i + 1].span",
        "strides[i + 1] * (axes[i + 1].span - 1)",
    ),
    Fault(
        "counts are not rounded to whole numbers",
        "compiler.layout.assembly",
        "b_o[place] = snap",
        "b_o[place] = 0.0",
    ),
    Fault(
        "a sum comes out as its half",
        "compiler.lowering.builder",
        "factor = Fraction(weight) + Fraction(n, 2)",
        "factor = Fraction(weight) / 2",
    ),
    Fault(
        "BOS too light for a sum to be linear",
        "compiler.lowering.scores",
        "np.log(max(wanted, 2**12))",
        "np.log(2)",
    ),
    # Defaults
    Fault(
        "the default of a copy dropped",
        "compiler.lowering.demands",
        "rest = 0 if default is None else int(",
        "rest = 0 * int(",
    ),
    Fault(
        "the default of a mean dropped",
        "compiler.lowering.builder",
        "return Fraction(default) / scale",
        "return Fraction(0)",
    ),
    Fault(
        "the default no value of an aggregate",
        "compiler.values.domains",
        "            extra = [0 if term.default is None else term.default]",
        "            extra = []",
    ),
    Fault(
        "a default thought superfluous",
        "compiler.values.relations",
        "return any(self._covers(part) for part in parts)",
        "return bool(parts)",
    ),
    Fault(
        "aggregates of other defaults merged",
        "compiler.graph.terms",
        "return graph.make(Kind.AGGREGATE, args, default, origin=node)",
        "return graph.make(Kind.AGGREGATE, args, None, origin=node)",
    ),
    Fault(
        "a default dropped where only `is there any` is asked",
        "compiler.graph.rules",
        "if term.kind is Kind.AGGREGATE and term.default not in (None, 0):",
        "if False:",
    ),
    Fault(
        "the default of a mean over parts dropped",
        "compiler.values.settling",
        "    if term.default in (None, 0):\n        return mean",
        "    if True:\n        return mean",
    ),
    Fault(
        "a sum over nothing not among its values",
        "compiler.values.domains",
        "min(0, n * values.lowest), max(0, n * values.highest)",
        "n * values.lowest, n * values.highest",
    ),
    # Columns and units
    Fault(
        "a column reused too early: the last two share a place",
        "compiler.layout.assembly",
        "{id(c): i for i, c in enumerate(self.columns)}",
        "{id(c): min(i, max(0, len(self.columns) - 2)) for i, c in enumerate(self.columns)}",
    ),
    Fault(
        "a column reused too early: before its last reading",
        "compiler.layout.sharing",
        "last.get(old, 0) <= cleared and",
        "last.get(old, 0) <= cleared + 1 and",
    ),
    Fault(
        "a column reused although the output reads it",
        "compiler.layout.sharing",
        "*lowered.output.weights, *kept]",
        "*kept]",
    ),
    Fault(
        "a column reused that is not cleared",
        "runtime.places",
        "layer.w_out, -reads.T",
        "layer.w_out, 0 * reads.T",
    ),
    Fault(
        "a reused column starts from 0 where it has to be rounded",
        "runtime.places",
        "LARGEST + start[[change.new for change in cleared]]",
        "LARGEST",
    ),
    Fault(
        "a mean reused, which a neuron cannot take away",
        "compiler.layout.sharing",
        "not column.noise and ",
        "",
    ),
    Fault("units of different tables shared", "compiler.layout.assembly", "(t.form.key, s, h)", "(s, h)"),
    Fault(
        "one-hot columns that are thermometers",
        "compiler.lowering.features",
        "columns = tuple((classes == c)",
        "columns = tuple((classes >= c)",
    ),
    Fault(
        "a feature read with the wrong offset",
        "compiler.lowering.features",
        "b = int(feature[0]) - a * int(codes[0])",
        "b = int(feature[0]) + a * int(codes[0])",
    ),
    Fault(
        "a form's multiple forgotten",
        "compiler.lowering.grids",
        "form.constant + factor * v for v in",
        "form.constant + v for v in",
    ),
    # Heads
    Fault(
        "equal heads write only the last one's values",
        "compiler.layout.schedule",
        "values=first.values + head.values",
        "values=head.values",
    ),
    Fault(
        "heads of other levels merged",
        "compiler.layout.schedule",
        "for q, k in head.dims), head.bos_score)",
        "for q, k in head.dims))",
    ),
    Fault(
        "the square of the key left out of an equality", "compiler.lowering.scores", "-(k * k)", "-(k * 0)"
    ),
    Fault(
        "the square of the query left out of an equality", "compiler.lowering.scores", "-(q * q)", "-(q * 0)"
    ),
    Fault(
        "keys and queries centred on different numbers",
        "compiler.lowering.scores",
        "query_ranks - centre",
        "query_ranks - centre + 1",
    ),
    Fault("scores too small to choose", "compiler.lowering.scores", "UNIT = 256", "UNIT = 2"),
    Fault(
        "BOS counted among the tokens",
        "compiler.lowering.builder",
        "return constant(1).plus(column_form(self.bos), -1)",
        "return constant(1)",
    ),
    Fault("something read from BOS", "compiler.lowering.columns", "-form.at_bos", "ZERO"),
    Fault(
        "nothing selected is not noticed",
        "compiler.lowering.builder",
        'bos_score = Fraction(-UNIT if read.mode == "none" else -UNIT // 2)\n        values',
        "bos_score = Fraction(-2 * UNIT)\n        values",
    ),
    # Masks
    Fault(
        "the causal mask forgets the query's own position",
        "compiler.graph.rules",
        'RELATION[term.comparison] & {"<", "="}',
        'RELATION[term.comparison] & {"<"}',
    ),
    Fault(
        "a causal head sees one position ahead",
        "runtime.transformer.numpy_forward",
        "<= position[:, None])",
        "<= position[:, None] + 1)",
    ),
    Fault(
        "heads see what stands after the input",
        "runtime.transformer.numpy_forward",
        "<= lengths[:, None, None, None]",
        "<= lengths[:, None, None, None] + 1",
    ),
    Fault(
        "the mask of the model itself is not causal",
        "runtime.transformer.forward",
        "<= position[None, None, :, None]",
        ">= 0 * position[None, None, :, None]",
    ),
    Fault(
        "ranks thought distinct under the causal mask",
        "compiler.values.relations",
        "leaf.kind is Kind.WIDTH and not self._causal and self.total_order",
        "leaf.kind is Kind.WIDTH and self.total_order",
    ),
    # Domains and layers
    Fault(
        "means of all positions forgotten",
        "compiler.values.domains",
        "RealDomain(low, high, self.max_length, scale)",
        "RealDomain(low, high, self.max_length - 1, scale)",
    ),
    Fault(
        "a bool stands for an equal fraction",
        "compiler.values.domains",
        "chosen[value] = int(known)",
        "chosen[value] = min(value, known, key=lambda v: type(v) is Fraction)",
    ),
    Fault(
        "a function of bools only tried on ints",
        "compiler.values.domains",
        "with_bools(v) if blur else v",
        "v",
    ),
    Fault(
        "a count never reaches the length",
        "compiler.values.domains",
        "if self.relations.never_all(parts) else self.max_length",
        "if parts else self.max_length",
    ),
    Fault(
        "an operation runs before what it reads is there",
        "compiler.layout.schedule",
        "(1 if ready % 2 != parity else 2)",
        "(1 if ready % 2 != parity else 0)",
    ),
    Fault(
        "any s-op thought distinct",
        "compiler.values.relations",
        "return len(varying) == 1 and self._distinct_leaf(varying[0])",
        "return bool(varying)",
    ),
    # Rewriting
    Fault(
        "a mean times another selector's width taken for a sum",
        "compiler.graph.rules",
        "if not _is_numeric(graph, values) or width_term(graph, selector) is not width:",
        "if not _is_numeric(graph, values) or width.kind is not Kind.WIDTH:",
    ),
    Fault(
        "what is no whole number is not rounded",
        "compiler.graph.rules",
        "if term.operator is Operator.ROUND and _is_whole(term.args[0]):",
        "if term.operator is Operator.ROUND:",
    ),
    Fault(
        "truth values left truth values by + 0",
        "compiler.graph.rules",
        "not term.args or not _is_whole(term.args[0])",
        "not term.args",
    ),
    Fault(
        "a mean over parts divided by one where two are selected",
        "compiler.values.settling",
        "empty = graph.operation(Operator.EQ, width, graph.const(0))",
        "empty = graph.operation(Operator.EQ, width, graph.const(1))",
    ),
    Fault(
        "all parts of an `or` must match",
        "compiler.values.settling",
        "graph.operation(Operator.OR, a, b, origin=term)",
        "graph.operation(Operator.AND, a, b, origin=term)",
    ),
    Fault(
        "a difference taken for a sum",
        "compiler.values.affine",
        "return a.plus(b, Fraction(-1))",
        "return a.plus(b)",
    ),
    Fault(
        "`not` forgotten", "compiler.values.affine", "return constant(1).plus(a, Fraction(-1))", "return a"
    ),
]

FAULTS: Mapping[str, Fault] = {fault.name: fault for fault in _FAULTS}
"""All of them by name."""

HANDFUL = (
    "a comparison flipped in a selector",
    "neurons' thresholds off by half",
    "the default of a copy dropped",
    "a column reused too early: the last two share a place",
    "a causal head sees one position ahead",
    "the mask of the model itself is not causal",
)
"""Those that every run of the tests plants."""
