"""What helps where a command line is none of ours, and hints as the command line would say them."""

from __future__ import annotations

import re

import click


def hint_for(mistake: click.ClickException) -> str | None:
    """What to write instead of a command line that is a mistake, as far as that can be told."""
    place = mistake.ctx if isinstance(mistake, click.UsageError) else None
    for said, hint in (
        (r"command 'help'", "rasp --help, and rasp COMMAND --help"),
        (r"command 'version'", "rasp --version"),
        (r"option:? '?-[0-9.]", "before an INPUT that begins with a hyphen write --"),
        (r"not a valid integer", "a whole number is written in digits, such as 10"),
    ):
        if re.search(said, mistake.message):
            return hint
    if place is None:
        return None
    if isinstance(mistake, click.NoSuchOption):
        return _whose(mistake.option_name, place) or (None if mistake.possibilities else _example(place))
    if isinstance(mistake, click.MissingParameter):
        return _example(place)
    if extra := re.search(r"unexpected extra arguments? \((.*)\)", mistake.message):
        return _of_extra(extra[1], place)
    return None


def _of_extra(extra: str, place: click.Context) -> str | None:
    """What may be meant by arguments that are too many."""
    usage = place.get_usage()
    if "INPUT" in usage:
        return "INPUT is one argument: write it in quotes, as in '[3, 1, 2]'"
    if place.info_name == "list":
        return f"rasp show {extra.split()[0]} shows one program"
    if "PROGRAM|DIR" in usage:
        return "one of the two: a saved model brings its program along"
    return _example(place)


def _whose(option: str, place: click.Context) -> str | None:
    """The commands that have an option which this one lacks."""
    group = place.find_root().command
    assert isinstance(group, click.Group)
    having = [
        name
        for name, command in group.commands.items()
        if any(option in parameter.opts for parameter in command.params)
    ]
    if not having:
        return None
    if place.command is group:
        return f"options stand behind their command: rasp {having[0]} ... {option}"
    here = f"{place.command_path} --help lists what there is here"
    return f"{option} is an option of {', '.join(having)}; {here}"


def _example(place: click.Context) -> str | None:
    """The first example of a command's help that is one of this command, not of one that comes before it."""
    examples = re.findall(r"^ *(rasp .*)$", place.command.help or "", re.MULTILINE)
    own = [each for each in examples if each.split()[1] == place.info_name] or examples
    return f"for example: {own[0]}" if own else None


FLAGS = {
    r"""\bkeep=\[['"]?(\w+)['"]?\]""": r"--keep \1",
    r"""\b(dtype|style|basis|heads)=["']([\w-]+)["']""": r"--\1 \2",
    r"\bsamples=(\w+)": r"--samples \1",
    r"\b(certificate|exhaustive|causal)=True": r"--\1",
    r"\boptimize=False": "--no-optimize",
    r"\bmax_length=(\w+)": r"--max-length \1",
}
"""Arguments as Python takes them, and the options that they are here."""


def in_flags(hint: str) -> str:
    """A hint with the options of the command line in the place of Python's arguments."""
    for argument, flag in FLAGS.items():
        hint = re.sub(argument, flag, hint)
    return hint
