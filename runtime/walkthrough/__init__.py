"""A model's computation on one input, told in words and numbers as one would do it by hand."""

from runtime.walkthrough.document import Code, Document, Heading, Listing, Paragraph, Table
from runtime.walkthrough.telling import explain

__all__ = ["Code", "Document", "Heading", "Listing", "Paragraph", "Table", "explain"]
