"""The computation flow of an s-op, by layers and heads: as an SVG picture, or as text for graphviz."""

from rasp.drawing.dot import dot
from rasp.drawing.flow import Flow, flow_of
from rasp.drawing.note import Compiled, note
from rasp.drawing.shown import EXAMPLE
from rasp.drawing.svg import Picture, svg

__all__ = ["EXAMPLE", "Compiled", "Flow", "Picture", "dot", "flow_of", "note", "svg"]
