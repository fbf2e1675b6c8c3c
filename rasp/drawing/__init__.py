"""The computation flow of an s-op, by layers and heads: as an SVG picture, or as text for graphviz."""

from rasp.drawing.dot import dot
from rasp.drawing.flow import Flow, flow_of
from rasp.drawing.svg import svg

__all__ = ["Flow", "dot", "flow_of", "svg"]
