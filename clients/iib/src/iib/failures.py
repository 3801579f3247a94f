"""Errors that end a command, with a message and an exit code."""

from collections.abc import Sequence
from enum import IntEnum


class ExitCode(IntEnum):
    """The README documents each."""

    ALL_READY = 0
    SOME_FAILED = 1
    USAGE = 2
    NOT_ALLOWED = 3
    NOT_ENOUGH_CREDITS = 4
    SERVER = 5
    INTERRUPTED = 130


class Failure(Exception):
    """`details` are further lines of the message, one error each."""

    exit_code = ExitCode.SERVER

    def __init__(self, sentence: str, details: Sequence[str] = ()) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.details = list(details)


class UsageFailure(Failure):
    """The command or the list is wrong. Nothing was started."""

    exit_code = ExitCode.USAGE


class NotFound(UsageFailure):
    """The site does not have this batch or image, or no longer."""


class WrongState(UsageFailure):
    """The batch is not in a state that allows this."""


class NotAllowed(Failure):
    """There is no key, or it is not allowed to do this."""

    exit_code = ExitCode.NOT_ALLOWED


class NotEnoughCredits(Failure):
    """The list needs more credits than there are. Nothing was started."""

    exit_code = ExitCode.NOT_ENOUGH_CREDITS


class ServerFailure(Failure):
    """The site, the network or the disk failed. A started batch continues on the site."""


class Interrupted(Failure):
    """Ctrl-C or SIGTERM."""

    exit_code = ExitCode.INTERRUPTED
