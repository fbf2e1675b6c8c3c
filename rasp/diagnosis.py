"""What to say about a syntax error, given the words read and those that would have been right."""

from __future__ import annotations

from rasp.errors import RaspSyntaxError, UnfinishedError
from rasp.tree_builder import Word


def explain(words: list[Word], expected: set[str], *, at_end: bool) -> RaspSyntaxError:
    """The error for a statement of which `words` were read, the last being the guilty one unless the text
    ended (`at_end`); `expected` are the terminals that could have stood there.
    """
    if at_end:
        return UnfinishedError("the text ends within a statement", span=words[-1].span)
    return RaspSyntaxError(f"unexpected `{words[-1].text}`", span=words[-1].span)
