"""`rasp completion`: what shells complete, and how they are told."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

import click
from click.shell_completion import CompletionItem, get_completion_class

VARIABLE = "_RASP_COMPLETE"
"""The environment variable by which a shell asks what could come next."""

SHELLS = ("bash", "zsh", "fish")


def programs_and_files(_: click.Context, __: click.Parameter, begun: str) -> list[CompletionItem]:
    """Library programs, and the files and folders that begin like this."""
    import programs

    known = [
        CompletionItem(name) for name in [*programs.names(), *programs.steps()] if name.startswith(begun)
    ]
    there = [CompletionItem(path) for path in beginning(begun, (".rasp", ".py"))]
    return [*known, *there] or [CompletionItem(begun, type="file")]


def folders(_: click.Context, __: click.Parameter, begun: str) -> list[CompletionItem]:
    """Folders, which is what a saved model is."""
    return [CompletionItem(begun, type="dir")]


def exercises(_: click.Context, __: click.Parameter, begun: str) -> list[CompletionItem]:
    """The exercises that come along, by their names, or by their numbers where one is begun."""
    found = (entry.name.removesuffix(".md") for entry in files("programs").joinpath("exercises").iterdir())
    split = sorted(name.split("_", 1) for name in found if name[:1].isdigit())
    known = [str(int(number)) if begun[:1].isdigit() else name for number, name in split]
    return [CompletionItem(each) for each in known if each.startswith(begun)]


def beginning(begun: str, endings: tuple[str, ...]) -> list[str]:
    """Programs' files and saved models that lie where the path begun leads."""
    folder, _, name = begun.rpartition("/")
    place = Path(f"{folder}/" if "/" in begun else ".")
    try:
        entries = sorted(place.iterdir())
    except OSError:
        return []
    fitting = [
        entry.name
        for entry in entries
        if entry.name.startswith(name)
        and (entry.name.endswith(endings) or (entry / "config.json").is_file())
        and (name or not entry.name.startswith("."))
    ]
    return [f"{folder}/{each}" if "/" in begun else each for each in fitting]


@click.command()
@click.argument("shell", type=click.Choice(SHELLS))
def completion(shell: str) -> None:
    """Print the lines that teach a SHELL to complete commands, options, programs and folders.

    \b
    Examples:
      rasp completion bash >> ~/.bashrc
      rasp completion zsh >> ~/.zshrc
      rasp completion fish > ~/.config/fish/completions/rasp.fish
    """
    command = click.get_current_context().find_root().command
    made = get_completion_class(shell)
    assert made is not None
    click.echo(made(command, {}, "rasp", VARIABLE).source())
