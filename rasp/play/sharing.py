"""A program in an address: what stands after its `#`, which no browser sends to any server.

It is JSON in the alphabet of addresses: {p: program, n: name, i: input, v: vocabulary, l: length, c: causal}.
"""

from __future__ import annotations

import base64
import json


def packed(source: str, name: str) -> str:
    """The fragment for a program, with `#`."""
    data = json.dumps({"p": source, "n": name}, ensure_ascii=False, separators=(",", ":")).encode()
    return "#" + base64.urlsafe_b64encode(data).decode().rstrip("=")
