"""Faults that compilers of RASP make, or might, each as one small change of the source.

Each changes one expression (or statement) in the function, method or constant that it names, wherever that
stands: what is to be changed is compared as syntax, so that neither moving nor reformatting code unplants a
fault. `tests.support.mutation` plants them, and others at random.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Fault:
    """What to write instead of what, and where: `within` is the qualified name of a function, method or
    constant, with the name of its file in front where two files define one. `name` says what goes wrong.
    """

    name: str
    within: str
    old: str
    new: str


_FAULTS = [
    # Comparisons
    Fault(
        "a comparison flipped in a selector",
        "RELATION",
        '{Comparison.LE: frozenset("<=")}',
        '{Comparison.LE: frozenset(">=")}',
    ),
    Fault(
        "<= taken for <",
        "RELATION",
        '{Comparison.LE: frozenset("<=")}',
        '{Comparison.LE: frozenset("<")}',
    ),
    Fault(
        "!= taken for <",
        "RELATION",
        '{Comparison.NE: frozenset("<>")}',
        '{Comparison.NE: frozenset("<")}',
    ),
    Fault(
        "keys and queries exchanged",
        "_ordered",
        "np.sign(keys[:, None] - queries[None, :])",
        "np.sign(queries[None, :] - keys[:, None])",
    ),
    Fault(
        "`or` of selectors taken for `and`",
        "_Splitter._combine",
        "decisive = kind is Kind.OR",
        "decisive = kind is Kind.AND",
    ),
    Fault(
        "an `and` with what is decided taken for decided",
        "_Splitter._combine",
        "if decisive in parts: return decisive",
        "if True in parts or False in parts: return decisive",
    ),
    Fault(
        "a comparison of many numbers at once the wrong way round",
        "COMPARED",
        "{Operator.LT: np.less}",
        "{Operator.LT: np.greater}",
    ),
    Fault(
        "a comparison of numbers by their sum",
        "compared",
        "return left.plus(right, Fraction(-1))",
        "return left.plus(right)",
    ),
    # Thresholds
    Fault(
        "neurons' thresholds off by half",
        "_mlp",
        "hidden.signs * (float(hidden.reading.constant) - hidden.thresholds)",
        "hidden.signs * (float(hidden.reading.constant) - hidden.thresholds - 0.5)",
    ),
    Fault(
        "the output's thresholds off by half",
        "_unembedding",
        "2 * v * float(reading.constant - centre) - v * v",
        "2 * v * float(reading.constant - centre) - v * v - v",
    ),
    Fault(
        "a step rises one late",
        "_knots",
        "np.where(straight, points[:-1], points[1:] - 1)",
        "np.where(straight, points[:-1], points[1:])",
    ),
    Fault(
        "a step between means begins before the value it should not move",
        "_fit_real",
        "low = np.array([float(points[j] + (points[j + 1] - points[j]) / 4) for j in steps])",
        "low = np.array([float(points[j] - (points[j + 1] - points[j]) / 4) for j in steps])",
    ),
    Fault(
        "axes of a table overlap",
        "_fit",
        "strides[i + 1] * axes[i + 1].span",
        "strides[i + 1] * (axes[i + 1].span - 1)",
    ),
    Fault(
        "counts are not rounded to whole numbers",
        "_write_value",
        "b_o[place] = snap",
        "b_o[place] = 0.0",
    ),
    Fault(
        "a sum comes out as its half",
        "Builder._build_sum",
        "factor = Fraction(weight) + Fraction(n, 2)",
        "factor = Fraction(weight) / 2",
    ),
    Fault("BOS too light for a sum to be linear", "bos_share", "np.log(max(wanted, 2 ** 12))", "np.log(2)"),
    # Defaults
    Fault(
        "the default of a copy dropped",
        "copied_feature",
        "rest = 0 if default is None else int(column[domain.ranks[default]])",
        "rest = 0 * int(column[domain.ranks[default]])",
    ),
    Fault(
        "the default of a mean dropped",
        "Builder._default_code",
        "return Fraction(default) / scale",
        "return Fraction(0)",
    ),
    Fault(
        "the default no value of an aggregate",
        "Domains._infer_aggregate",
        "if not (term.read_as.unread or read.always): extra = [0 if term.default is None else term.default]",
        "if not (term.read_as.unread or read.always): extra = []",
    ),
    Fault(
        "a default thought superfluous",
        "Relations.always",
        "return self.selections.always(read) or any(self._takes_one(conjunction) for conjunction in read)",
        "return bool(read)",
    ),
    Fault(
        "aggregates of other defaults merged",
        "import_node",
        "return graph.make(Kind.AGGREGATE, args, ReadAs(default, node.only), origin=node)",
        "return graph.make(Kind.AGGREGATE, args, ReadAs(None, node.only), origin=node)",
    ),
    Fault(
        "a default dropped where only `is there any` is asked",
        "_counted",
        "term.kind is Kind.AGGREGATE and term.default not in (None, 0)",
        "False",
    ),
    Fault(
        "the default of a mean over parts dropped",
        "_mean_by_division",
        "term.default in (None, 0)",
        "True",
    ),
    Fault(
        "a sum over nothing not among its values",
        "Domains._infer_sum",
        "(min(0, n * values.lowest), max(0, n * values.highest))",
        "(n * values.lowest, n * values.highest)",
    ),
    # Columns and units
    Fault(
        "a column reused too early: the last two share a rank",
        "Layout.__post_init__",
        "{id(c): i for i, c in enumerate(self.columns)}",
        "{id(c): min(i, max(0, len(self.columns) - 2)) for i, c in enumerate(self.columns)}",
    ),
    Fault(
        "a column reused too early: before its last reading",
        "choose_places",
        "written[old] < cleared and last.get(old, 0) <= cleared and can_be_cleared(old)",
        "written[old] < cleared and last.get(old, 0) <= cleared + 1 and can_be_cleared(old)",
    ),
    Fault(
        "a column reused although the output reads it",
        "last_reads",
        "[lowered.bos, *lowered.output.coefficients, *kept]",
        "[lowered.bos, *kept]",
    ),
    Fault(
        "a column reused that is not cleared",
        "_with_clearing",
        "[layer.w_out, -reads.T]",
        "[layer.w_out, 0 * reads.T]",
    ),
    Fault(
        "a reused column starts from 0 where it has to be rounded",
        "_with_clearing",
        "LARGEST + start[[change.new for change in cleared]]",
        "LARGEST",
    ),
    Fault(
        "a mean reused, which a neuron cannot take away",
        "can_be_cleared",
        "not column.noise and column.bound < LARGEST",
        "column.bound < LARGEST",
    ),
    Fault("units of different tables shared", "_mlp", "(t.reading.key, s, h)", "(s, h)"),
    Fault(
        "one-hot columns that are thermometers",
        "choose_basis",
        "columns = tuple(((classes == c).astype(np.int64) for c in range(1, count)))",
        "columns = tuple(((classes >= c).astype(np.int64) for c in range(1, count)))",
    ),
    Fault(
        "a feature read with the wrong offset",
        "affine_in",
        "b = int(feature[0]) - a * int(codes[0])",
        "b = int(feature[0]) + a * int(codes[0])",
    ),
    Fault(
        "a form's multiple forgotten",
        "Evaluator._values",
        "Multiples(values.codes, factor * values.unit)",
        "Multiples(values.codes, values.unit)",
    ),
    # Heads
    Fault(
        "equal heads write only the last one's values",
        "merge_heads",
        "replace(first, values=first.values + head.values, reads=first.reads + head.reads)",
        "replace(first, values=head.values, reads=first.reads + head.reads)",
    ),
    Fault(
        "heads of other levels merged",
        "merge_heads",
        "(layer, tuple(((q.key, k.key) for q, k in head.dims)), head.bos_score)",
        "(layer, tuple(((q.key, k.key) for q, k in head.dims)))",
    ),
    Fault("the square of the key left out of an equality", "_squared", "-_squares(ks)", "0 * ks[0]"),
    Fault("the square of the query left out of an equality", "_squared", "-_squares(qs)", "0 * qs[0]"),
    Fault(
        "keys and queries centred on different numbers",
        "_squared",
        "qs.append(q - centre)",
        "qs.append(q - centre + 1)",
    ),
    Fault("scores too small to choose", "PRECISIONS", "256", "2"),
    Fault(
        "BOS counted among the tokens",
        "Builder._token",
        "return constant(1).plus(column_reading(self.bos), -1)",
        "return constant(1)",
    ),
    Fault("something read from BOS", "vanishing_at_bos", "-reading.at_bos", "ZERO"),
    Fault(
        "nothing selected is not noticed",
        "_bos_score",
        "Fraction(-gap * read.span - (gap if read.mode == 'none' else gap // 2))",
        "Fraction(-gap * read.span - 2 * gap)",
    ),
    # Masks
    Fault(
        "what holds under the causal mask taken to hold without it",
        "Row.apply",
        "graph.causal not in self.masks or not matches(graph, self.pattern, term, bound)",
        "not matches(graph, self.pattern, term, bound)",
    ),
    Fault(
        "a causal head sees one position ahead",
        "visible_keys",
        "visible & (position[None, :] <= position[:, None])",
        "visible & (position[None, :] <= position[:, None] + 1)",
    ),
    Fault(
        "heads see what stands after the input",
        "numpy_forward:visible_keys",
        "position[None, None, None, :] <= lengths[:, None, None, None]",
        "position[None, None, None, :] <= lengths[:, None, None, None] + 1",
    ),
    Fault(
        "the mask of the model itself is not causal",
        "visible_keys",
        "position[None, None, None, :] <= queries[None, None, :, None]",
        "position[None, None, None, :] >= 0 * queries[None, None, :, None]",
    ),
    Fault(
        "proofs forget the causal mask of what is counted",
        "Subject.read",
        "self.masked(conjunctions(selector))",
        "conjunctions(selector)",
    ),
    # Domains and layers
    Fault(
        "means of all positions forgotten",
        "Domains._mean_domain",
        "Means(low, high, self.asked.max_length, scale)",
        "Means(low, high, self.asked.max_length - 1, scale)",
    ),
    Fault(
        "a bool stands for an equal fraction",
        "make_domain",
        "chosen[value] = int(known)",
        "chosen[value] = min(value, known, key=lambda v: type(v) is Fraction)",
    ),
    Fault("a function of bools only tried on ints", "Domains._images", "with_bools(v) if blur else v", "v"),
    Fault(
        "a count never reaches the length",
        "Domains._infer_width",
        "self.asked.max_length - 1 if never_all else self.asked.max_length",
        "self.asked.max_length - 1 if read.conjunctions else self.asked.max_length",
    ),
    Fault(
        "an operation runs before what it reads is there",
        "assign_layers",
        "ready + (1 if ready % 2 != parity else 2)",
        "ready + (1 if ready % 2 != parity else 0)",
    ),
    Fault(
        "any selection thought to pick one position",
        "Selections.at_most_one",
        "return self._remember(('one', *read), lambda: self._alike(read, lambda case: False, ()))",
        "return True",
    ),
    # Rewriting
    Fault(
        "a mean times another selector's width taken for a sum",
        "_sum_of_mean",
        "not _is_numeric(graph, values) or width_term(graph, selector) is not width",
        "not _is_numeric(graph, values) or width.kind is not Kind.WIDTH",
    ),
    Fault(
        "what is no whole number is not rounded",
        "GUARDS",
        '{"whole": _is_whole}',
        '{"whole": lambda term: True}',
    ),
    Fault(
        "truth values left truth values by + 0",
        "_whole_parts",
        "term.operator is Operator.INDICATOR",
        "term.operator in TRUTHS | {Operator.INDICATOR}",
    ),
    Fault(
        "a mean over parts divided by one where two are selected",
        "_mean_by_division",
        "empty = graph.operation(Operator.EQ, width, graph.const(0))",
        "empty = graph.operation(Operator.EQ, width, graph.const(1))",
    ),
    Fault(
        "all parts of an `or` must match",
        "_any_of",
        "graph.operation(Operator.OR, a, b)",
        "graph.operation(Operator.AND, a, b)",
    ),
    Fault("a difference taken for a sum", "combine", "return a.plus(b, -1)", "return a.plus(b)"),
    Fault("`not` forgotten", "combine", "return constant(1).plus(a, -1)", "return a"),
]

FAULTS: Mapping[str, Fault] = {fault.name: fault for fault in _FAULTS}
"""All of them by name."""

HANDFUL = (
    "a column reused too early: the last two share a rank",
    "the mask of the model itself is not causal",
)
"""Those that every run of the tests plants."""
