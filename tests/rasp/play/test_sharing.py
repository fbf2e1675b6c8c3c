"""A program in an address, as the command line puts it there for the page."""

from __future__ import annotations

import base64
import json

from rasp.play.sharing import packed


def test_the_fragment_is_json_in_the_alphabet_of_addresses() -> None:
    fragment = packed('x = "é\U0001f600";', "x")
    assert fragment[0] == "#"
    assert set(fragment[1:]) <= set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_")
    data = json.loads(base64.urlsafe_b64decode(fragment[1:] + "=" * (-len(fragment[1:]) % 4)))
    assert data == {"p": 'x = "é\U0001f600";', "n": "x"}
