"""The flow as text for graphviz: a box for each s-op and head, grouped by layers."""

from __future__ import annotations

from collections.abc import Iterator

from rasp.drawing.flow import Flow, Head, Row, Stage
from rasp.drawing.svg import shown
from rasp.graph.sops import SOp


def dot(flow: Flow, title: str = "", note: str = "") -> str:
    """The graph in graphviz's language; title and note are its label."""
    names: dict[SOp, str] = {}
    for stage in flow.stages:
        for row in (*(row for head in stage.heads for row in head.reads), *stage.rows):
            names[row.node] = f"s{len(names)}"
    lines = ["digraph flow {", "  rankdir=TB;", "  node [shape=box, fontname=monospace];"]
    if title or note:
        lines.append(f"  label={quoted(chr(10).join(filter(None, (title, note))))};")
    for stage in flow.stages:
        lines += cluster(stage, names)
    return "\n".join([*lines, *edges(flow, names), "}"]) + "\n"


def cluster(stage: Stage, names: dict[SOp, str]) -> Iterator[str]:
    """A layer's boxes."""
    title = f"layer {stage.number}" if stage.number else "input"
    yield f"  subgraph cluster_{stage.number} {{"
    yield f"    label={quoted(title)};"
    for number, head in enumerate(stage.heads):
        style = "style=filled, fillcolor=lightblue"
        yield f"    {head_name(stage, number)} [{style}, label={quoted(matrix(head))}];"
        for row in head.reads:
            yield f"    {names[row.node]} [label={quoted(row_text(row))}];"
    for row in stage.rows:
        yield f"    {names[row.node]} [label={quoted(row_text(row))}];"
    yield "  }"


def edges(flow: Flow, names: dict[SOp, str]) -> Iterator[str]:
    """From what is read to what reads it."""
    for stage in flow.stages:
        for number, head in enumerate(stage.heads):
            name = head_name(stage, number)
            yield from (f"  {names[source]} -> {name} [style=dashed];" for source in head.sources)
            for row in head.reads:
                yield f"  {name} -> {names[row.node]};"
        for row in (*(row for head in stage.heads for row in head.reads), *stage.rows):
            yield from (f"  {names[source]} -> {names[row.node]};" for source in row.sources)


def head_name(stage: Stage, number: int) -> str:
    return f"h{stage.number}_{number}"


def row_text(row: Row) -> str:
    """An s-op's name, and its values below."""
    values = "" if row.values is None else "\n" + " ".join(shown(value) for value in row.values)
    return row.name + values


def matrix(head: Head) -> str:
    """A selector's name and formula, what each head does where there are several, and its matrix below."""
    lines = ["".join("#" if chosen else "." for chosen in row) for row in head.matrix or ()]
    shares = [f"{number} of {head.count}: {share.text}" for number, share in enumerate(head.shares, start=1)]
    return "\n".join([head.name, *([head.formula] if head.formula else []), *shares, *lines])


def quoted(text: str) -> str:
    """A string of graphviz's language, with line ends as it writes them."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'
