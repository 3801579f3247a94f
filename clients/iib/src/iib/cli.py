"""The command `iib`."""

import io
import os
import signal
import sys
from collections.abc import Sequence
from types import FrameType

from iib import commands, screens
from iib.failures import ExitCode, Failure, Interrupted, ServerFailure
from iib.options import parser
from iib.screens import Lines

_COMMANDS = {
    "run": commands.run,
    "resume": commands.resume,
    "status": commands.status,
    "verdict": commands.review,
    "again": commands.review,
    "edit": commands.review,
    "rest": commands.review,
    "photos": commands.review,
    "models": commands.models,
    "account": commands.account,
    "login": commands.login,
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return the exit code."""
    options = parser().parse_args(arguments)
    _show_any_name()
    screen = screens.screen(as_json=options.json)
    signal.signal(signal.SIGTERM, _as_ctrl_c)
    try:
        return _COMMANDS[options.command](options, screen)
    except BrokenPipeError:
        # The reader of the output has closed it; discard what Python would still flush at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return ExitCode.SERVER
    except KeyboardInterrupt:
        return _report(Interrupted("Interrupted."), screen)
    except Failure as failure:
        return _report(failure, screen)
    except OSError as error:
        return _report(ServerFailure(f"{error.filename or 'The disk'}: {error.strerror}"), screen)


def _show_any_name() -> None:
    """Escape characters that the terminal's encoding lacks, so that no file name stops a run."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def _report(failure: Failure, screen: Lines) -> ExitCode:
    screen.failure(failure)
    return failure.exit_code


def _as_ctrl_c(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt
