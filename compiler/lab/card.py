"""What tells people and tools of a data set of compiled models: its card and its Croissant metadata."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from compiler.lab.candidates import Wanted

README, CROISSANT = "README.md", "croissant.json"

SCORED = "\n## How built-in methods do\n"
"""The card's last section, which `rasp bench score` writes."""

FIELDS = {
    "name": "sc:Text",
    "part": "sc:Text",
    "behaviour": "sc:Text",
    "origin": "sc:Text",
    "layers": "sc:Integer",
    "heads": "sc:Integer",
    "idle_heads": "sc:Integer",
    "parameters": "sc:Integer",
    "edges": "sc:Integer",
    "carrying": "sc:Integer",
    "varying": "sc:Integer",
    "max_length": "sc:Integer",
    "causal": "sc:Boolean",
    "certified": "sc:Boolean",
}
"""What the index has of each model, with its type in Croissant."""


def readme(taken: Sequence[Mapping[str, Any]], passed: Counter[str], asked: Wanted) -> str:
    """The data card."""
    parts = Counter(entry["part"] for entry in taken)
    layers = Counter(entry["layers"] for entry in taken)
    library = sum(entry["origin"] != "random" for entry in taken)
    left_out = ", ".join(f"{reason}: {number:,}" for reason, number in passed.most_common())
    return f"""---
license: mit
tags: [interpretability, RASP, transformer, circuits]
---

# Compiled transformers with known circuits

{len(taken):,} transformers compiled from RASP programs ({library:,} of the library, the others random),
seed {asked.seed}. Each is exact: it was compared with the interpreter on its tests, and its certificate can
be proved again from its weights (`rasp bench check`). Nothing here is a pickle; opening it runs no code.

- parts, split by behaviour (programs that answer alike on short inputs are in one part): {counted(parts)}
- layers: {counted(layers)}
- left out: {left_out or "nothing"}

Each folder of `models/` holds `config.json` and `model.safetensors` (the weights), `program.rasp`,
`certificate.json`, `circuit.json` (all parts and edges), `connections.json` (between embedding, heads, MLPs
and logits: whether an edge carries anything, as query, key or value, and whether that can vary), `tests.json`
(inputs and answers) and `pairs.json` (pairs of inputs that are answered otherwise). Heads from which nothing
reaches the logits (`idle_heads`), and edges to them, are no part of a circuit. `index.jsonl` lists them all.

`rasp bench score DIR --count 100`, with the folder of this card, tries methods that find circuits on the
first hundred models, and writes what they find to `scores.json`, the means to a section below. A method of
your own is marked alike: `scored(model, scores)` of `compiler.lab.discovery` takes a score for each edge.
"""


def with_scores(text: str, table: str, models: int, pairs: int) -> str:
    """A card with the means of so many scored models, instead of those that it had."""
    return f"""{text.partition(SCORED)[0]}{SCORED}
Means over the first {models:,} models, each on {pairs} random pairs of inputs; `scores.json` has each one's.
True edges are those that can vary between inputs of one length. Precision and recall are of what is scored
above 0; the area says how often a true edge is ranked above another, of all edges that there could be.

```text
{table}
```
"""


def scores_of(text: str) -> str:
    """The section of scores that a card has, or nothing."""
    _, title, rest = text.partition(SCORED)
    return title + rest


def counted(numbers: Mapping[Any, int]) -> str:
    """Numbers in a row, each with what it counts."""
    return ", ".join(f"{key}: {number:,}" for key, number in sorted(numbers.items()))


def croissant(taken: Sequence[Mapping[str, Any]], index: bytes) -> dict[str, Any]:
    """The metadata in the form of Croissant 1.0: the index as a record set, and the files of the models."""
    fields = [
        {
            "@type": "cr:Field",
            "@id": f"models/{name}",
            "name": name,
            "dataType": kind,
            "source": {"fileObject": {"@id": "index.jsonl"}, "extract": {"jsonPath": f"$.{name}"}},
        }
        for name, kind in FIELDS.items()
    ]
    return {
        "@context": {
            "@language": "en",
            "@vocab": "https://schema.org/",
            "sc": "https://schema.org/",
            "cr": "http://mlcommons.org/croissant/",
            "dct": "http://purl.org/dc/terms/",
            "conformsTo": "dct:conformsTo",
            "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
            "extract": "cr:extract",
            "field": "cr:field",
            "fileObject": "cr:fileObject",
            "includes": "cr:includes",
            "jsonPath": "cr:jsonPath",
            "recordSet": "cr:recordSet",
            "source": "cr:source",
        },
        "@type": "sc:Dataset",
        "name": "compiled-transformers",
        "description": f"{len(taken):,} transformers compiled from RASP programs, with their true circuits.",
        "conformsTo": "http://mlcommons.org/croissant/1.0",
        "license": "https://opensource.org/license/mit",
        "distribution": [
            {
                "@type": "cr:FileObject",
                "@id": "index.jsonl",
                "name": "index.jsonl",
                "contentUrl": "index.jsonl",
                "encodingFormat": "application/jsonlines",
                "sha256": hashlib.sha256(index).hexdigest(),
            },
            {
                "@type": "cr:FileSet",
                "@id": "weights",
                "name": "weights",
                "encodingFormat": "application/octet-stream",
                "includes": "models/*/model.safetensors",
            },
        ],
        "recordSet": [{"@type": "cr:RecordSet", "@id": "models", "name": "models", "field": fields}],
    }
