"""What a notebook shows of an s-op or a selector: its flow, on the example of the dialogue where it has an
answer to that.
"""

from __future__ import annotations

from rasp.drawing.flow import flow_of
from rasp.drawing.note import note
from rasp.drawing.svg import Picture, svg
from rasp.errors import RaspError
from rasp.graph.sops import Node, Selector, SOp, Width, provide

EXAMPLE = "hello"
"""The input on which s-ops are drawn; those that have no answer to it are drawn without values."""


def picture(node: Node) -> Picture:
    """The flow of an s-op, or of how many positions a selector selects."""
    root = Width(node) if isinstance(node, Selector) else node
    assert isinstance(root, SOp)
    try:
        flow = flow_of(root, EXAMPLE)
    except RaspError:
        flow = flow_of(root)
    return svg(flow, note=note(flow, None))


provide("picture", picture)
