"""The entry point of `iib`, and of `python -m iib` if the command is not on the path."""

import sys

from iib.failures import ExitCode


def main() -> int:
    """Run the command and return the exit code."""
    try:
        # Imported here, because it takes a third of a second, in which Ctrl-C would show a traceback.
        from iib.cli import main as run

        return run()
    except KeyboardInterrupt:
        return ExitCode.INTERRUPTED


if __name__ == "__main__":
    sys.exit(main())
