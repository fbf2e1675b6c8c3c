"""Where the `rasp` command starts, also as `python -m rasp`: Ctrl-C is seen to before anything is loaded."""

import os

try:
    from rasp import interrupts
except KeyboardInterrupt:  # before there is anything to see to it
    os.write(2, b"interrupted\n")
    os._exit(130)


def main() -> None:
    """Run the command line of this process, and exit with its code."""
    interrupts.end_at_once()
    from rasp.cli import main as run

    run()


if __name__ == "__main__":
    main()
