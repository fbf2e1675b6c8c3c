"""Where the `rasp` command starts, also as `python -m rasp`: Ctrl-C is seen to before anything is loaded."""

from rasp import interrupts


def main() -> None:
    """Run the command line of this process, and exit with its code."""
    with interrupts.at_once():
        from rasp.cli import main as run

        run()


if __name__ == "__main__":
    main()
