"""The README.md of an export, for people who meet the folder without us."""

from __future__ import annotations

from runtime.exports.report import Export
from runtime.exports.vocabulary import atom_text
from runtime.model import Model
from runtime.weights import LabelOutput


def model_card(model: Model, export: Export, title: str) -> str:
    """Markdown with the program, what goes in and comes out, sizes, certificate, and how to use it."""
    front = {"library_name": "transformers"} if export.front_matter else {}
    front |= dict(export.front_matter or {})
    matter = [f"{name}: {value}" for name, value in front.items()] + ["tags:", "- rasp", "- compiled"]
    sections = [
        "\n".join(["---", *matter, "---"]),
        f"# {title}",
        f"A transformer ({export.architecture}) whose weights compute the RASP program below. They were "
        "compiled from it; nothing was trained.",
        code("", model.program.rstrip()),
        "## Use",
        code("python", export.usage),
        *export.notes,
        "## Inputs and answers",
        alphabet(model),
        "## Size",
        sizes(model),
        "## Certificate",
        f"{model.certificate.summary}\n\nThis speaks of the model in its own runtime; the export was "
        "made from the same weights.",
    ]
    return "\n\n".join(section for section in sections if section) + "\n"


def code(language: str, text: str) -> str:
    """A fenced block whose fence does not occur in the text."""
    fence = "```"
    while fence in text:
        fence += "`"
    return f"{fence}{language}\n{text}\n{fence}" if text else ""


def alphabet(model: Model) -> str:
    """What the model takes and gives."""
    config = model.config
    looks = "itself and earlier ones" if config.causal else "all"
    takes = ", ".join(f"`{atom_text(atom)}`" for atom in config.vocab[:40])
    more = f" and {len(config.vocab) - 40} more" if len(config.vocab) > 40 else ""
    lines = [
        f"- up to {config.max_length} tokens after a beginning token (id 0); each position sees {looks}",
        f"- tokens (ids from 1 on, in this order): {takes}{more}",
    ]
    if isinstance(config.output, LabelOutput):
        gives = ", ".join(f"`{atom_text(atom)}`" for atom in config.output.labels[:40])
        rest = len(config.output.labels) - 40
        lines.append(f"- answers at each position: {gives}" + (f" and {rest} more" if rest > 0 else ""))
    else:
        lines.append(
            "- the answer at each position is the one logit, taken to the nearest fraction with a "
            f"denominator of at most {config.output.max_denominator}, times {config.output.scale}"
        )
    return "\n".join(lines)


def sizes(model: Model) -> str:
    """The compiled model's sizes as a table; the export pads them to what its architecture needs."""
    given = vars(model.size)
    names = " | ".join(given)
    return f"| {names} |\n|{' --- |' * len(given)}\n| {' | '.join(map(str, given.values()))} |"
