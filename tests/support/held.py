"""What the columns of a model are said to hold, beside what the interpreter has for their s-ops."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

from compiler.graph.terms import TOKEN
from compiler.pipeline import Compiled
from compiler.program.provenance import identity
from rasp.errors import EvaluationError
from rasp.graph.interpreter import node_values
from rasp.graph.sops import Node, SOp, in_order
from rasp.words import Atom
from runtime.inspection.reading import as_reads
from runtime.inspection.trace import Trace
from runtime.model import Model

CLOSE = 1e-4
"""Means are carried as float32."""


def untrue(compiled: Compiled, inputs: Iterable[Sequence[Atom]]) -> Iterator[str]:
    """The columns, and the reads in parts, that by a trace hold at some position something else than the
    s-op that they are called after has there.
    """
    stored = compiled.stored
    model = Model(stored.config, stored.weights)
    known = {
        stored.numbers[identity(term)]: node
        for node, term in compiled.settled.terms.items()
        if identity(term) in stored.numbers and isinstance(node, SOp)
    }
    known = by_name(compiled) | known
    told = [(one, wanted_of(compiled, list(one))) for one in inputs]
    answered = [(list(one), values) for one, values in told if values]
    traces = model.batch_trace([one for one, _ in answered])
    for trace, (one, values) in zip(traces, answered, strict=True):
        yield from untrue_on(trace, one, known, values, stored.numbers.get(TOKEN))


def by_name(compiled: Compiled) -> dict[int, SOp]:
    """The numbers under which a column has the name of an s-op of the program, and no other s-op has it."""
    nodes = [node for node in in_order(compiled.sop) if isinstance(node, SOp) and node.name]
    counts = Counter(node.name for node in nodes)
    own = {node.name: node for node in nodes if counts[node.name] == 1}
    columns = compiled.stored.config.columns
    return {column.of: own[column.sop] for column in columns if column.of is not None and column.sop in own}


def wanted_of(compiled: Compiled, one: list[Atom]) -> Mapping[Node, Sequence[Atom]]:
    """The values of every node of a program on an input; none where the program has none."""
    found: dict[Node, list[Atom]] = {}
    try:
        for node in in_order(compiled.sop):
            found[node] = list(node_values(node, one, found, compiled.asked.causal))
    except EvaluationError:
        return {}
    return found


def untrue_on(
    trace: Trace,
    one: list[Atom],
    known: Mapping[int, Node],
    values: Mapping[Node, Sequence[Atom]],
    token: int | None,
) -> Iterator[str]:
    """The same on one input; `known` is which s-op has which number, `token` that of the tokens."""
    for read, _ in as_reads(trace.columns, range(len(trace.columns))):
        if read.of is None or (read.of not in known and read.of != token):
            continue
        wanted = one if read.of == token else values[known[read.of]]
        held = trace.values(read.name)
        if read.meaning.removeprefix(read.sop).startswith(" = "):
            wanted = [read.meaning in (f"{read.sop} = {v}", f"{read.sop} = {shown(v)}") for v in wanted]
        elif read.meaning != read.sop:
            continue
        if not all(map(same, held, wanted)):
            yield f"{read.name} on {one}: {held}, and not {list(wanted)}"


def shown(value: Atom) -> str:
    """A value as among the values of an s-op that has numbers and truths: False is 0 there."""
    return str(int(value)) if isinstance(value, bool) else str(value)


def same(one: Atom, other: Atom) -> bool:
    """Whether two values are equal, as far as means go."""
    if isinstance(one, str) or isinstance(other, str):
        return one == other
    return abs(float(one) - float(other)) <= CLOSE * max(1.0, abs(float(other)))
